"""What reading a portal and writing to it costs in calls, by the sizes of its pages and batches.

Pure, and beside the code that makes the calls: who changes a page there changes it here. Implements `crm.cost.Costs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from crm_pipeline.crm.cost import Cost, Reading
from crm_pipeline.crm.hubspot.changes import Rates, search_is_quicker
from crm_pipeline.crm.hubspot.reading import BATCH, LIST, SEARCH, Asked
from crm_pipeline.crm.hubspot.records import merged_properties

#: Calls and searches a second, where the portal's own are not known yet: most subscriptions' (facts/hubspot.md 4).
_USUAL = Rates(19.0, 5.0)
_COUNT = 1  # a search whose total is the number
_SAMPLE = 1  # a batch read back by id
_ACCOUNT = 2  # its details, and whose token this is
_OWNERS = 2  # active ones, archived ones
_INPUTS = 1_000  # records whose associations one call brings
_WITH_STAGES = ("deals", "tickets")


def of_object(reading: Reading) -> Cost:
    asked = Asked(reading.object, (*reading.fields, *merged_properties(reading.object)), tuple(reading.history))
    archive = _pages(reading.gone, LIST)
    around = _COUNT + archive + (_SAMPLE if reading.live else 0)
    if reading.compared and not reading.full:
        around += _COUNT + _pages(reading.live, LIST)
    if reading.full:
        apart = ceil(reading.live / asked.batch) if asked.apart else 0
        newest = 1 if reading.live > asked.listed else 0  # how far the ids go, for ranges of them
        return Cost("list", around + _pages(reading.live, asked.listed) + newest + apart)
    batches = ceil(reading.changed / asked.batch)
    if search_is_quicker(reading.changed, reading.live, asked, _USUAL):
        return Cost("search", around + _pages(reading.changed, SEARCH) + (batches if asked.history else 0))
    return Cost("list", around + 1 + _pages(reading.live, asked.listed) + (batches if asked.apart else 0))


def of_relations(records: Mapping[tuple[str, str], int]) -> int:
    return sum(ceil(number / _INPUTS) for number in records.values())


def of_schema(objects: Sequence[str]) -> int:
    return _ACCOUNT + _OWNERS + len(objects) + sum(object_ in _WITH_STAGES for object_ in objects)


def of_named(records: int) -> int:
    return ceil(records / BATCH)


def of_writes(records: int, *, by_job: bool = False) -> int:
    """The answers tell what HubSpot made of them."""
    return ceil(records / BATCH)


def of_push(objects: int) -> int:
    return 0


def of_look() -> int:
    return _pages(0, SEARCH)


def _pages(records: int, size: int) -> int:
    """An empty answer is a page as well."""
    return max(1, ceil(records / size))
