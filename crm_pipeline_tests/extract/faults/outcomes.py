"""What comes of each fault that the emulated CRMs have a name for."""

from __future__ import annotations

from crm_pipeline.errors import CrmError, DailyLimitError, PermanentError, TransientError
from crm_pipeline.model import System

#: What comes of a fault that happens once; None: it is survived. Waits that HubSpot asks for are longer than the
#: patience of these tests, so that they end the read here.
OUTCOMES: dict[System, dict[str, type[CrmError] | None]] = {
    System.HUBSPOT: {
        "rate_limit_ten_secondly": TransientError,
        "rate_limit_secondly": TransientError,
        "rate_limit_daily": DailyLimitError,
        "locked": TransientError,
        "migration": TransientError,
        "unauthorised": PermanentError,
        "internal_error": None,
        "html_body": None,
        "service_unavailable": None,
        "gateway_timeout": None,
        "cut_before": None,
        "cut_after": None,
        "cut_within": None,
        "truncated_body": None,
        "slow": None,
    },
    System.SALESFORCE: {
        "request_limit_exceeded": DailyLimitError,
        "concurrent_limit_exceeded": None,
        "server_unavailable": None,
        "internal_error": None,
        "html_body": None,
        "query_timeout": None,
        "session_expired": None,
        "cut_before": None,
        "cut_after": None,
        "cut_within": None,
        "truncated_body": None,
        "slow": None,
    },
}
