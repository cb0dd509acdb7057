"""Salesforce's refusals: which may be repeated, what they are called, and what to tell a person without a value in it.

Source: the table of facts/salesforce.md 3.8. Not here: sending and waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crm_pipeline.crm.gateway import Call, Reply
from crm_pipeline.crm.protocol import Outcome
from crm_pipeline.crm.redact import redact
from crm_pipeline.crm.retry import Failure, Problem, retry_after
from crm_pipeline.errors import PermanentError, TransientError
from crm_pipeline.model import System, Value

#: Codes that say that nothing was done and that it may work in a moment.
BUSY = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE"})
_ADVICE = {
    "INVALID_FIELD": "a mapped field was deleted, renamed, or hidden by field-level security",
    "INVALID_TYPE": "the integration user has no access to the object, or it does not exist",
    "API_DISABLED_FOR_ORG": "the organisation's edition has no API access",
    "API_CURRENTLY_DISABLED": "the API is switched off for the organisation",
    "OAUTH_APP_BLOCKED": "an administrator has blocked the connected app",
    "INSUFFICIENT_ACCESS": "give the integration user the permission",
    "INSUFFICIENT_ACCESS_OR_READONLY": "give the integration user the permission",
}


class CsvReply(Reply):
    """The answer to a call that asks for CSV; a refusal is JSON here as well."""

    @property
    def is_csv(self) -> bool:
        """Whether it can be a result: a proxy's page of HTML comes under any type."""
        media_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return media_type == "text/csv" and self.body.lstrip()[:1] != b"<"


def expected(reply: Reply, *names: str) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises TransientError unless it has the `names`."""
    body = reply.json()
    if isinstance(body, Mapping) and all(name in body for name in names):
        return body
    raise foreign(reply.status)


def foreign(status: int = 200) -> TransientError:
    """The error for JSON that Salesforce never sent."""
    return TransientError(
        "Salesforce answered with JSON that is none of its own; look for a proxy in between, and run again.",
        system=System.SALESFORCE,
        status=status,
    )


def problems(reply: Reply) -> list[Mapping[str, Any]]:
    """The errors of an answer: `[{message, errorCode, fields}]`."""
    body = reply.json()
    return [one for one in body if isinstance(one, Mapping)] if isinstance(body, list) else []


def code_of(reply: Reply) -> str:
    """The first error code, or the OAuth error of the token endpoint."""
    body = reply.json()
    if isinstance(body, Mapping):
        return str(body.get("error", ""))
    return next((str(one.get("errorCode", "")) for one in problems(reply)), "")


def diagnose(reply: Reply) -> Problem | None:
    """None for an answer, refusals included; a `Problem` for what may pass by itself or ends the day."""
    status = reply.status
    code = code_of(reply) if status >= 300 else ""
    wait = retry_after(reply.headers.get("Retry-After"))
    if code == "REQUEST_LIMIT_EXCEEDED":
        text = " ".join(str(one.get("message", "")) for one in problems(reply))
        if "concurrent" in text.lower():
            return Problem(Failure.NOT_HANDLED, "has too many long calls open", status, code, wait, pause=True)
        return Problem(Failure.DAILY, "has no API calls left today", status, code)
    if status in (420, 429):
        return Problem(Failure.NOT_HANDLED, "gets calls too fast", status, code, wait, pause=True)
    if status == 503 or (status >= 400 and code in BUSY):
        return Problem(Failure.NOT_HANDLED, "is not available", status, code, wait)
    if status >= 500 or status == 408 or code == "QUERY_TIMEOUT":
        return Problem(Failure.LOST, f"failed with status {status}", status, code, wait)
    if isinstance(reply, CsvReply) and status < 300:
        return None if reply.is_csv else Problem(Failure.LOST, "answered with something that is not CSV", status)
    uploaded = status == 201 and not reply.body  # a bulk job's rows; nothing else is answered like that
    if status in (200, 201) and reply.json() is None and not uploaded:  # 204 has no body, no other may be without
        return Problem(Failure.LOST, "answered with something that is not JSON", status)
    return None


def refusal(reply: Reply, call: Call) -> PermanentError:
    """The error for an answer that refuses the whole call."""
    code = code_of(reply)
    doing = "writing" if call.writes else "reading"
    if reply.status == 401:
        text = (
            f"Salesforce did not accept the access token when {doing} {call.subject}, a new one neither; "
            "check the connected app behind SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET."
        )
    else:
        advice = _ADVICE.get(code, "check the mapping and the integration user's permissions")
        what = f"status {reply.status} {code}".strip()
        text = f"Salesforce refused {doing} {call.subject} ({what}): {advice}."
    return PermanentError(text, system=System.SALESFORCE, status=reply.status, code=code)


def outcome(status: int, code: str) -> Outcome:
    """What the status and code of one sub-request say about its write."""
    if status < 300:
        return Outcome.LANDED
    if status == 412:
        return Outcome.STALE
    if status in (429, 503) or code in BUSY or code == "REQUEST_LIMIT_EXCEEDED":
        return Outcome.RETRY
    return Outcome.UNKNOWN if status >= 500 else Outcome.REJECTED


def row_refusal(body: Any, values: Iterable[Value]) -> tuple[str, str]:
    """Code and message of a refused row: the field names, then Salesforce's text without values."""
    errors = [one for one in body if isinstance(one, Mapping)] if isinstance(body, list) else []
    if not errors:
        return "", ""
    values = list(values)
    parts = []
    for error in errors:
        fields = ", ".join(map(str, error.get("fields") or ()))
        # After the last colon Salesforce repeats the value: "bad value for restricted picklist field: ...".
        code, text = str(error.get("errorCode", "")), str(error.get("message", ""))
        if code != "FIELD_CUSTOM_VALIDATION_EXCEPTION":
            text = text.rpartition(": ")[0] or text
        parts.append(": ".join(part for part in (fields, redact(text, values)) if part))
    return str(errors[0].get("errorCode", "")), "; ".join(parts)
