"""Error types of the whole package.

Belongs here: exception classes whose text is one sentence that a person can act on. Not here: handling of them, or
anything that knows a CRM, a table or the orchestrator. No text of an error carries a field value or a secret.

Permanent and transient errors are different types: only a `TransientError` may be tried again without a change.
"""

from __future__ import annotations


class CrmPipelineError(Exception):
    """Base of all errors raised on purpose; the command line prints the text and exits with `exit_code`."""

    exit_code = 1


class ConfigError(CrmPipelineError):
    """Settings, mapping or environment are wrong; the text names the file and line or the variable."""

    exit_code = 2


class WarehouseError(CrmPipelineError):
    """The DuckDB file cannot be read or written (damaged, from a newer version, disk full)."""

    exit_code = 3


class WarehouseLockedError(WarehouseError):
    """Another process holds the DuckDB file, or another run or apply is under way; the text names the holder."""

    exit_code = 4


class RunAtWorkError(WarehouseLockedError):
    """Another run, push or undo is at work: this one did not begin, and may begin when that one has ended."""


class CrmError(CrmPipelineError):
    """A CRM refused or failed a call.

    `system` is hubspot or salesforce, `status` the HTTP status (0: no answer), `code` the CRM's own error code.
    """

    exit_code = 5

    def __init__(self, message: str, *, system: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.system = system
        self.status = status
        self.code = code


class TransientError(CrmError):
    """A failure that may pass by itself: no connection, time-out, rate limit, 5xx, row lock."""

    exit_code = 6


class PermanentError(CrmError):
    """A failure that stays until somebody changes something: wrong token, missing permission, bad request."""


class DailyLimitError(PermanentError):
    """The CRM's daily call limit, or our own share of it, is used up: the run stops and goes on tomorrow."""


class SafetyError(CrmPipelineError):
    """The run stopped to protect the CRMs: a truncated extract, a plan that no longer fits, a refused approval."""

    exit_code = 7


class NotFoundError(CrmPipelineError):
    """A plan, pair, record or run that was named does not exist."""

    exit_code = 8
