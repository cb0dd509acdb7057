"""How old an asset may be, by the schedule of the settings.

Not here: the schedule itself (schedules.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import dagster as dg

from crm_pipeline.config import Settings

#: A night takes its time, and more of it when a CRM is slow.
_RUN = timedelta(hours=6)
#: Long enough for a quarterly schedule to come round twice, and short enough for one of every few minutes.
_LOOKED_AT = datetime(2025, 1, 1), datetime(2025, 4, 11)
_AS_TEXT = "%Y-%m-%d %H:%M"


def policy(settings: Settings) -> dg.FreshnessPolicy:
    """Warns when the last night did not make it, fails when the one before did not either."""
    gap = longest_gap(settings.schedule, settings.time_zone)
    return dg.FreshnessPolicy.time_window(warn_window=gap + _RUN, fail_window=2 * gap + _RUN)


def longest_gap(schedule: str, time_zone: str) -> timedelta:
    """The longest time from one run of a cron schedule to the next."""
    start, end = _LOOKED_AT
    runs = dg.TimeWindowPartitionsDefinition(
        start=start, end=end, fmt=_AS_TEXT, timezone=time_zone, cron_schedule=schedule
    ).get_partition_keys(end)
    times = [datetime.strptime(run, _AS_TEXT) for run in runs]
    return max((later - earlier for earlier, later in pairwise(times)), default=end - start)
