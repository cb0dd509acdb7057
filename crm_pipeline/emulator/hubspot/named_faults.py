"""The failures of HubSpot that the control switches on by name, with the platform's bodies.

Belongs here: what each failure looks like. Not here: when it happens (emulator/faults.py, emulator/refusals.py).
Bodies and retry advice: facts hubspot 4 (errors, rate limits).
"""

from __future__ import annotations

from collections.abc import Callable

from crm_pipeline.emulator.faults import Action, CutAfter, CutBefore, CutWithin, Delay, Status, truncated
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid_properties, not_authenticated, property_problem
from crm_pipeline.emulator.hubspot.rate_limits import limit_reached

_HTML = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)
_SLOW_SECONDS = 2.0


def faults(app_id: int) -> dict[str, Callable[[], Action]]:
    """Failures of whole requests."""
    return {
        "rate_limit_ten_secondly": lambda: _status(limit_reached("TEN_SECONDLY_ROLLING", app_id)),
        "rate_limit_secondly": lambda: _status(limit_reached("SECONDLY", app_id)),
        "rate_limit_daily": lambda: _status(limit_reached("DAILY", app_id)),
        "internal_error": lambda: _status(HubSpotError(500, "internal error")),
        "html_body": lambda: Status(502, _HTML, {"content-type": "text/html"}),
        "service_unavailable": lambda: _status(HubSpotError(503, "Service temporarily unavailable")),
        "gateway_timeout": lambda: Status(504, "error code: 504", {"content-type": "text/plain; charset=UTF-8"}),
        "locked": lambda: _status(HubSpotError(423, "This resource is locked. Wait before trying again.", "LOCKED")),
        "migration": lambda: Status(
            477,
            HubSpotError(477, "This portal is being migrated.", "MIGRATION_IN_PROGRESS").body(),
            {"Retry-After": "1"},
        ),
        "unauthorised": lambda: _status(not_authenticated()),
        "cut_before": CutBefore,
        "cut_after": CutAfter,
        "cut_within": CutWithin,
        "truncated_body": truncated,
        "slow": lambda: Delay(_SLOW_SECONDS),
    }


def refusals() -> dict[str, Callable[[], Exception]]:
    """Failures of single records; in a batch the other records go through."""
    return {
        "invalid_option": lambda: invalid_properties(
            [property_problem("", "INVALID_OPTION", "The value was not one of the allowed options: []")]
        ),
        "conflict": lambda: HubSpotError(409, "The record was changed by another request.", "CONFLICT"),
        "internal_error": lambda: HubSpotError(500, "internal error"),
    }


def _status(error: HubSpotError) -> Status:
    return Status(error.status, error.body())
