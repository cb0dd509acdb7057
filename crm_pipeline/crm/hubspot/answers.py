"""HubSpot's refusals: which may be repeated, what they are called, and what to tell a person without a value in it.

Figures: facts/hubspot.md section 4 (rate limits, errors). Not here: sending and waiting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from crm_pipeline.crm.gateway import Call, Reply
from crm_pipeline.crm.redact import redact
from crm_pipeline.crm.retry import Failure, Problem, retry_after
from crm_pipeline.errors import PermanentError, TransientError
from crm_pipeline.model import System, Value

#: Statuses that a batch of writes must see: one bad row refuses the batch, so that it is split.
REFUSED_BATCH = (400, 404, 409)
_WAIT_TEN_SECONDLY = 10.0  # HubSpot's own Node SDK waits as long
_WAIT_SECONDLY = 1.0
_WAIT_LOCKED = 2.0
_RECORDS = re.compile(r"/objects/[^/]+(/search|/batch/read)?(\?|$)")  # before the path gets its date
_LISTS = re.compile(
    rf"{_RECORDS.pattern}|/(properties|pipelines)/[^/]+(\?|$)|/owners/?(\?|$)|/associations/.*/batch/read$"
)
_SCOPE = re.compile(r"\b(?:crm|oauth|sales|tickets)[a-z._-]*\b")
_EXISTING = re.compile(r"Existing ID: (\d+)")


def diagnose(reply: Reply) -> Problem | None:
    """None for an answer, refusals included; a `Problem` for what may pass by itself or ends the day."""
    status, wait = reply.status, retry_after(reply.headers.get("Retry-After"))
    if status == 429:
        return _too_fast(reply, wait)
    if status == 423:
        return Problem(Failure.NOT_HANDLED, "has the records locked", status, "LOCKED", wait or _WAIT_LOCKED)
    if status == 477:
        return Problem(Failure.NOT_HANDLED, "is moving the account", status, "MIGRATION", wait)
    if status == 503:
        return Problem(Failure.NOT_HANDLED, "is not available", status, "UNAVAILABLE", wait)
    if status >= 500 or status == 408:
        return Problem(Failure.LOST, f"failed with status {status}", status, _category(reply), wait)
    if status < 300 and reply.body and reply.json() is None:
        return Problem(Failure.LOST, "answered with something that is not JSON", status)
    return None


def _too_fast(reply: Reply, wait: float | None) -> Problem:
    body = reply.json() or {}
    policy = str(body.get("policyName", "")) if isinstance(body, Mapping) else ""
    if policy == "DAILY":
        return Problem(Failure.DAILY, "has no API calls left today", 429, policy)
    if wait is None:
        wait = _WAIT_SECONDLY if policy == "SECONDLY" else _WAIT_TEN_SECONDLY
    return Problem(Failure.NOT_HANDLED, "gets calls too fast", 429, policy or "RATE_LIMIT", wait, pause=True)


def refusal(reply: Reply, call: Call) -> PermanentError | None:
    """The error for an answer that refuses the whole call; None for answers that the caller looks into."""
    status = reply.status
    if status < 300 or (call.writes and status in REFUSED_BATCH):
        return None
    doing = "writing" if call.writes else "reading"
    if status == 401:
        text = (
            f"HubSpot did not accept the access token when {doing} {call.subject}; "
            "check the environment variable HUBSPOT_ACCESS_TOKEN: the token was revoked, replaced or mistyped "
            "(docs/connect-hubspot.md)."
        )
    elif status == 403:
        scopes = ", ".join(sorted(set(_SCOPE.findall(reply.body.decode(errors="replace")))))
        need = f"give it the scope {scopes}" if scopes else "check its scopes"
        text = f"HubSpot does not let the token of HUBSPOT_ACCESS_TOKEN do this ({doing} {call.subject}); {need}."
    else:
        code = f"status {status} {_category(reply)}".strip()
        text = (
            f"HubSpot refused {doing} {call.subject} ({code}); "
            "check that the mapping's properties exist and are unique where they must be."
        )
    return PermanentError(text, system=System.HUBSPOT, status=status, code=_category(reply))


def unknown_form(reply: Reply, path: str, call: Call) -> TransientError | None:
    """The error for an answer to a reading call that is none of HubSpot's; None for a good one.

    An error that calls itself 200 must not be taken for a page without records.
    """
    body = reply.json()
    if isinstance(body, Mapping) and body.get("status") != "error":
        rows = body.get("results") if _LISTS.search(path) else []
        needs_id = _RECORDS.search(path) is not None
        if isinstance(rows, list) and all(isinstance(row, Mapping) and (row.get("id") or not needs_id) for row in rows):
            return None
    return TransientError(
        f"HubSpot answered reading {call.subject} in a form that is none of its own; "
        "look for a proxy in between, and run again.",
        system=System.HUBSPOT,
        status=reply.status,
    )


def row_refusal(error: Mapping[str, Any], values: Iterable[Value]) -> tuple[str, str]:
    """Code and message of a refused row: `INVALID_OPTION`, `industry: INVALID_OPTION`, or the redacted text."""
    message = str(error.get("message", ""))
    properties = _property_problems(message)
    if properties:
        return properties[0][1], "; ".join(f"{name}: {code}" for name, code in properties)
    return str(error.get("category", "")), redact(message, values)


def existing_id(error: Mapping[str, Any]) -> str:
    """The record that already holds a unique value (409); empty if the message does not tell."""
    found = _EXISTING.search(str(error.get("message", "")))
    return found[1] if found else ""


def _property_problems(message: str) -> list[tuple[str, str]]:
    """HubSpot embeds a JSON array in the text of a validation error."""
    start = message.find("[{")
    try:
        problems = json.loads(message[start:]) if start >= 0 else []
    except ValueError:
        return []
    return [
        (str(one.get("name", "")), str(one.get("error", "INVALID")))
        for one in problems
        if isinstance(one, Mapping) and one.get("name")
    ]


def _category(reply: Reply) -> str:
    body = reply.json()
    return str(body.get("category", "")) if isinstance(body, Mapping) else ""
