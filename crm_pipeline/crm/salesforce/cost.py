"""What reading an organisation and writing to it costs in calls, by the sizes of its pages.

Pure, and beside the code that makes the calls: who changes a page there changes it here. Implements `crm.cost.Costs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from crm_pipeline.crm.cost import Cost, Reading
from crm_pipeline.crm.salesforce.bulk import rows_of_a_page
from crm_pipeline.crm.salesforce.reading import BULK_FROM
from crm_pipeline.crm.salesforce.soql import Query
from crm_pipeline.crm.salesforce.writing import BATCH as COMPOSITE

_PAGE = 2_000  # rows of a query's page
_COUNT = 1
_SAMPLE = 1
_DELETIONS = 1  # the list of deletions
_CONVERTED = {"Lead": 1}  # a query of its own in a full read
_JOB = 8  # made, asked after until it is done, removed
_WRITING_JOB = 7  # made, filled, closed, asked after twice, two lists of results
_IDS = 500  # records named in the address of a query
_ACCOUNT = 2  # the token, the organisation
_USERS = 1
_WITH_HISTORY = ("Account", "Contact", "Lead", "Opportunity", "Case")
_WITH_STAGES = ("Opportunity", "Case", "Task")
_STAGES = 2  # what the list offers, and the list


def of_object(reading: Reading) -> Cost:
    around = _COUNT + _DELETIONS + (_SAMPLE if reading.live else 0)
    around += bool(reading.history) and reading.object in _WITH_HISTORY
    if reading.full:
        around += _pages(reading.gone) + _CONVERTED.get(reading.object, 0)
    elif reading.compared:
        around += _COUNT + _pages(reading.live)
    rows = reading.live if reading.full else reading.changed
    query = Query(reading.object, tuple(reading.fields))
    if rows >= BULK_FROM or not query.fits:
        return Cost("bulk", around + _JOB + ceil(rows / rows_of_a_page(len(reading.fields))))
    return Cost("query", around + _pages(rows))


def of_relations(records: Mapping[tuple[str, str], int]) -> int:
    """Nothing: a look-up is a field of the record."""
    return 0


def of_schema(objects: Sequence[str]) -> int:
    return _ACCOUNT + _USERS + len(objects) + _STAGES * sum(object_ in _WITH_STAGES for object_ in objects)


def of_named(records: int) -> int:
    return ceil(records / _IDS)


def of_writes(records: int, *, by_job: bool = False) -> int:
    written = _WRITING_JOB if by_job else ceil(records / COMPOSITE)
    return written + of_named(records)


def of_push(objects: int) -> int:
    return _ACCOUNT + objects


def of_look() -> int:
    return _pages(0)


def _pages(records: int) -> int:
    """An empty answer is a page as well."""
    return max(1, ceil(records / _PAGE))
