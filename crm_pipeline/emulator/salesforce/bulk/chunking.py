"""PK chunking: one query of the Bulk API 1.0 becomes a query for each range of ids.

Belongs here: the request header, and the queries of the ranges. Not here: batches (classic.py).

Source: Bulk API guide, "PK Chunking Header": which objects, sizes, only queries with no clause but WHERE are chunked,
deleted records count. Choices where the platform is not documented: a header that is none of the documented ones, or
names a parent (there are no history or share objects here), refuses the job; a range ends with the id of its last
record, and so do the chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.schema import SObject
from crm_pipeline.emulator.salesforce.soql.parser import parse
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, tokens

HEADER = "sforce-enable-pkchunking"
_CHUNKED = frozenset({"Account", "Case", "Contact", "Event", "Lead", "Opportunity", "Task", "User"})
_USUAL_SIZE, _LARGEST_SIZE = 100_000, 250_000


@dataclass(frozen=True)
class Chunking:
    """How many records a chunk has, and the id that the first one begins with."""

    size: int = _USUAL_SIZE
    start: str = ""


def requested(header: str, sobject: SObject) -> Chunking | None:
    """What the header of a new job asks for: `TRUE`, `FALSE`, or `chunkSize=50000; startRow=00130000000xEftMGH`.

    Raises ValueError, whose text says what is wrong.
    """
    parts = [part.strip() for part in header.split(";") if part.strip()]
    if not parts or parts[0].lower() == "false":
        return None
    if sobject.name not in _CHUNKED and not sobject.name.endswith("__c"):
        raise ValueError(f"PK chunking is not supported for {sobject.name}")
    size, start = str(_USUAL_SIZE), ""
    for part in parts:
        name, _, value = (text.strip() for text in part.partition("="))
        match name.lower():
            case "true":
                continue
            case "chunksize":
                size = value
            case "startrow":
                start = ids.canonical(value) or ""
            case _:
                raise ValueError(f"Unable to parse the header Sforce-Enable-PKChunking: {part}")
    if not size.isdecimal() or not 0 < int(size) <= _LARGEST_SIZE:
        raise ValueError(f"The chunk size must be a number from 1 to {_LARGEST_SIZE}: {size}")
    return Chunking(int(size), start)


def is_chunkable(text: str) -> bool:
    """Whether the query has no clause but WHERE. Raises SoqlError for what is no query."""
    query = parse(text)
    others = (query.scope, query.groups, query.having, query.order, query.limit, query.offset)
    return not any(others) and not query.is_aggregate


def chunks(text: str, record_ids: Sequence[str], chunking: Chunking) -> list[str]:
    """The queries of the ranges of ascending ids; none if the query ends with something that is no condition."""
    wanted = [one for one in record_ids if one >= chunking.start]
    starts = range(0, len(wanted), chunking.size)
    found = [_within(text, wanted[at], wanted[min(at + chunking.size, len(wanted)) - 1]) for at in starts]
    try:
        return found if all(map(is_chunkable, found[:1])) else []
    except SoqlError:
        return []


def _within(text: str, first: str, last: str) -> str:
    bounds = f"Id >= '{first}' AND Id <= '{last}'"
    depth = 0
    for token in tokens(text):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text.lower() == "where" and depth == 0:
            return f"{text[: token.position]}WHERE {bounds} AND ({text[token.position + len(token.text) :].strip()})"
    return f"{text.rstrip()} WHERE {bounds}"
