"""How hard and how patiently a client may use a CRM: the numbers, in one place.

Not here: the keeping of them (`limiter`, `calls`, `retry`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Shares are percentages of the CRM's daily calls; 80 and 25 are tap-salesforce's defaults
    (facts/salesforce.md 3.7): the customer's other applications need calls too. Times are seconds.
    """

    organisation_percent: float = 80.0  # of the day's calls, by everybody, before we stop
    run_percent: float = 25.0  # of the day's calls, by one client (a run)
    searches_per_second: int = 5  # of a HubSpot account, by everybody (facts/hubspot.md 4); no answer names it
    connect_seconds: float = 5.0
    answer_seconds: float = 60.0
    patience_seconds: float = 180.0  # all waiting for one call together
    first_patience_seconds: float = 15.0  # the same while the CRM has never answered: more likely a wrong address
    backoff_seconds: float = 0.5  # before the second try; doubles with each further one
    backoff_ceiling_seconds: float = 30.0
