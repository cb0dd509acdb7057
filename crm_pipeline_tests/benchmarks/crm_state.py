"""What a benchmark asks of an emulated CRM beside its API: who is there, what was called, a night's worth of edits.

Belongs here: functions that run in the CRM's process (`EmulatedCrm.ask`). Not here: processes (emulated.py), what a
reader makes of it (extract_check.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.request_log import Request

#: The field of each object that users edit here; all of them are read by default.
EDITED = {
    "contacts": "city",
    "companies": "city",
    "deals": "dealname",
    "tickets": "subject",
    "tasks": "hs_task_subject",
    "calls": "hs_call_title",
    "emails": "hs_email_subject",
    "meetings": "hs_meeting_title",
    "notes": "hs_timestamp",
    "Contact": "MailingCity",
    "Lead": "City",
    "Account": "BillingCity",
    "Opportunity": "Name",
    "OpportunityContactRole": "Role",
    "Case": "Subject",
    "Task": "Subject",
    "Event": "Subject",
}
#: What a user enters for a new record.
NEW = {
    "contacts": {"lastname": "新規", "city": "金沢市"},
    "companies": {"name": "新会社", "city": "金沢市"},
    "deals": {"dealname": "新規", "pipeline": "default", "dealstage": "appointmentscheduled"},
    "Contact": {"LastName": "新規", "MailingCity": "金沢市"},
    "Lead": {"LastName": "新規", "Company": "新会社", "City": "金沢市"},
    "Account": {"Name": "新会社", "BillingCity": "金沢市"},
}
MERGED = ("contacts", "companies", "Contact", "Lead", "Account")
#: Of 100 changes these are edits and creations; of the others half are deletions, a quarter merges.
_EDITS, _CREATIONS, _REMOVALS = 0.88, 0.04, 0.08
#: HubSpot, calls in ten seconds and searches in one (emulator/hubspot/rate_limits.py says the same).
CALLS_PER_SECOND, SEARCHES_PER_SECOND = 19, 5
#: Fewer calls in one go than this come near no limit.
_ENOUGH = 190


@dataclass(frozen=True)
class Changes:
    """What users did. `values`: object -> id -> what its EDITED field holds since; `created` and `gone`: ids."""

    values: Mapping[str, Mapping[str, str]]
    created: Mapping[str, set[str]]
    gone: Mapping[str, set[str]]


@dataclass(frozen=True)
class Usage:
    """Calls without logins. `refused`: those above a limit; `share`: of the allowed rate while the CRM was read.

    That is from the first to the last call of each piece of work; None where no rate is known or calls are too few.
    """

    calls: int
    refused: int
    share: float | None


def live_ids(endpoint: Any) -> dict[str, set[str]]:
    """Ids of all live records by object; a converted lead is none."""
    store = endpoint.store
    ids = {name: set(store.ids(name)) for name in EDITED if _has(store, name)}
    if "Lead" in ids:
        ids["Lead"] = {row.id for row in store.rows.tables["Lead"].live() if not row["IsConverted"]}
    return ids


def edit(endpoint: Any, share: float, seed: int) -> Changes:
    """Change `share` of all records: mostly edits, half of them at one instant, as an import makes them."""
    store, draw = endpoint.store, random.Random(seed)
    before = {name: sorted(ids) for name, ids in live_ids(endpoint).items()}
    values: dict[str, dict[str, str]] = {name: {} for name in before}
    for instant in (datetime.now(UTC), None):
        store.clock.set(instant)
        for name, ids in before.items():
            for record_id in draw.sample(ids, round(len(ids) * share * _EDITS / 2)):
                values[name][record_id] = edit_one(store, name, record_id, len(values[name]))
            for _ in range(round(len(ids) * share * _CREATIONS / 2) if name in NEW else 0):
                store.create(name, NEW[name])
    for name, ids in before.items():
        _remove(store, name, draw.sample(ids, min(len(ids), max(16, round(len(ids) * share * _REMOVALS)))))
    after = live_ids(endpoint)
    return Changes(
        {name: {i: value for i, value in of.items() if i in after[name]} for name, of in values.items()},
        {name: ids - set(before[name]) for name, ids in after.items()},
        {name: set(ids) - after[name] for name, ids in before.items()},
    )


def edit_one(store: Any, name: str, record_id: str, number: int) -> str:
    """A user writes something new into a record; gives what its EDITED field holds now."""
    value = f"改 {number}"
    if name == "notes":
        value = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    elif name == "OpportunityContactRole":
        value = ("Decision Maker", "Evaluator", "Influencer")[number % 3]
    store.update(name, record_id, {EDITED[name]: value})
    return value


def _remove(store: Any, name: str, ids: list[str]) -> None:
    """Half of the records are deleted, a quarter is merged, the leads among the last quarter are converted."""
    half, quarter, hubspot = len(ids) // 2, len(ids) // 4, isinstance(store, HubSpotStore)
    for record_id in ids[:half]:
        _allowed(store.archive if hubspot else store.delete, name, record_id)
    if name in MERGED:
        for number in range(half, half + quarter - 1, 2):
            _allowed(store.merge, *([name] if hubspot else []), ids[number], ids[number + 1])
    if name == "Lead":
        for record_id in ids[half + quarter :]:
            _allowed(store.convert_lead, record_id)


def _allowed(operation: Any, *arguments: str) -> None:
    """Do it unless the CRM refuses: a won deal holds its account, a record may have gone with another."""
    with suppress(Exception):
        operation(*arguments)


def forget_calls(endpoint: Any) -> None:
    """Start counting anew."""
    endpoint.log.clear()


def enforce_limits(endpoint: Any, on: bool) -> None:
    """Refuse calls above the limits, or only count them."""
    counter = endpoint.store.limits if isinstance(endpoint.store, HubSpotStore) else endpoint.store.usage
    counter.enforced = on


def usage(endpoint: Any, works: Sequence[tuple[float, float]]) -> Usage:
    """What was called since `forget_calls`. `works`: beginnings and ends of the reader's pieces of work, in seconds."""
    calls = [one for one in list(endpoint.log.requests) if "/oauth" not in one.path and "/Soap/" not in one.path]
    hubspot, share = isinstance(endpoint.store, HubSpotStore), None
    refused = sum(one.status == (429 if hubspot else 403) for one in calls)
    if hubspot:
        searches = [one for one in calls if one.path.endswith("/search")]
        others = [one for one in calls if not one.path.endswith("/search")]
        shares = [_share(others, CALLS_PER_SECOND, works), _share(searches, SEARCHES_PER_SECOND, works)]
        share = max((one for one in shares if one is not None), default=None)
    return Usage(len(calls), refused, share)


def _share(calls: Iterable[Request], per_second: float, works: Sequence[tuple[float, float]]) -> float | None:
    """Calls against what is allowed in their time, of the pieces of work with enough of them."""
    times = [one.at.timestamp() for one in calls]
    number, allowed = 0, 0.0
    for start, end in works:
        within = [at for at in times if start <= at <= end]
        if len(within) >= _ENOUGH:
            number, allowed = number + len(within), allowed + per_second * (max(within) - min(within))
    return number / allowed if allowed else None


def _has(store: Any, name: str) -> bool:
    return name[0].islower() == isinstance(store, HubSpotStore)
