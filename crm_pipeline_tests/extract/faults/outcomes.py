"""What comes of each fault that the emulated CRMs have a name for."""

from __future__ import annotations

import os

from crm_pipeline.errors import CrmError, DailyLimitError, PermanentError, TransientError
from crm_pipeline.model import System

#: With CRM_PIPELINE_ALL_FAULTS=1 every fault is tried everywhere; without, one of each sort where many are alike.
ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))
SORTS = (
    *("rate_limit_daily", "request_limit_exceeded", "locked", "unauthorised", "session_expired"),
    *("html_body", "cut_after", "truncated_body"),
)

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
