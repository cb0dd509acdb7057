"""The failures of Salesforce that the control switches on by name, with the platform's bodies.

Belongs here: what each failure looks like. Not here: when it happens (emulator/faults.py, emulator/refusals.py).
Codes and what they mean: facts salesforce 3.7, 3.8.
"""

from __future__ import annotations

from collections.abc import Callable

from crm_pipeline.emulator.faults import Action, Call, CutAfter, CutBefore, CutWithin, Delay, Status, truncated
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.store import SalesforceStore

_HTML = (
    "<html><head><title>Server Unavailable</title></head><body><h1>Service Unavailable</h1>"
    "<p>We are down for maintenance.</p></body></html>"
)
_SLOW_SECONDS = 2.0


def faults(store: SalesforceStore) -> dict[str, Callable[[], Action]]:
    """Failures of whole requests."""
    return {
        "request_limit_exceeded": lambda: _status(
            ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        ),
        "concurrent_limit_exceeded": lambda: _status(
            ApiError("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", status=403)
        ),
        "server_unavailable": lambda: _status(
            ApiError("SERVER_UNAVAILABLE", "server temporarily unavailable", status=503)
        ),
        "internal_error": lambda: _status(ApiError("UNKNOWN_EXCEPTION", "An unexpected error occurred.", status=500)),
        "html_body": lambda: Status(503, _HTML, {"content-type": "text/html;charset=UTF-8"}),
        "query_timeout": lambda: _status(
            ApiError("QUERY_TIMEOUT", "Your query request was running for too long.", status=400)
        ),
        "session_expired": lambda: Call(store.expire_sessions),
        "cut_before": CutBefore,
        "cut_after": CutAfter,
        "cut_within": CutWithin,
        "truncated_body": truncated,
        "slow": lambda: Delay(_SLOW_SECONDS),
    }


def refusals() -> dict[str, Callable[[], Exception]]:
    """Failures of single records; in a collection or bulk job the other records go through."""
    return {
        "unable_to_lock_row": lambda: ApiError(
            "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", []
        ),
        "trigger_failed": lambda: ApiError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Trigger: execution of BeforeUpdate caused by: System.Exception", []
        ),
        "flow_failed": lambda: ApiError(
            "CANNOT_EXECUTE_FLOW_TRIGGER", "We can't save this record because a process failed.", []
        ),
    }


def _status(error: ApiError) -> Status:
    return Status(error.status, error.body())
