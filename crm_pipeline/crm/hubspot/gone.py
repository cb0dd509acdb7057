"""Evidence for records that are gone: the archive, and the records that others were merged into.

Not here: what follows from it (extract/). No evidence is not evidence: a record that a token may not see any more, or
that was deleted for good, has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from crm_pipeline.crm.hubspot.keyset import listed
from crm_pipeline.crm.hubspot.reading import Asked, Row, read_all, read_one
from crm_pipeline.crm.hubspot.records import merged_ids, merged_properties, time
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.parallel import mapped
from crm_pipeline.crm.protocol import Span, Tombstone

_ID = "hs_object_id"
_MOST_ONE_BY_ONE = 200  # records a question that may cost a call each


def merged_into(object_: str, rows: Iterable[Row]) -> list[Tombstone]:
    """The records merged into these, whenever that was: HubSpot does not tell."""
    return [_merged(object_, one, str(row["id"])) for row in rows for one in merged_ids(object_, row)]


def archived(wire: Wire, object_: str, since: datetime | None) -> Iterator[list[Tombstone]]:
    """Records archived since then, and those that had been merged into them: between two reads both may happen.

    The archive is listed whole: no search finds in it.
    """
    for rows, _ in listed(wire, Asked(object_, (_ID, *merged_properties(object_)), archived=True), [Span()]):
        lately = [row for row in rows if since is None or time(row["archivedAt"]) >= since]
        stones = [*merged_into(object_, lately), *(_deleted(object_, row) for row in lately)]
        if stones:
            yield stones


def archived_by_value(wire: Wire, object_: str, name: str, values: Iterable[str]) -> dict[str, str]:
    """By the value of a property, the id of an archived record that has it: the archive is read by no property."""
    wanted, found = set(values), dict[str, str]()
    for rows, _ in listed(wire, Asked(object_, (name,), archived=True), [Span()]):
        found.update({value: str(row["id"]) for row in rows if (value := row["properties"].get(name)) in wanted})
    return found


def fates(wire: Wire, object_: str, ids: Sequence[str]) -> list[Tombstone]:
    """What became of records, as far as HubSpot tells: archived, or merged into another one.

    A record that neither the archive nor a batch read names is read alone, since only that surely answers with the
    survivor of a merge; at most 200 of them, the others stay without evidence.
    """
    wanted = dict.fromkeys(ids)
    properties = (_ID, *merged_properties(object_))
    found: dict[str, Tombstone] = {}
    there: set[str] = set()
    for row in chain.from_iterable(read_all(wire, Asked(object_, properties, archived=True), ids)):
        found.update((stone.record_id, stone) for stone in merged_into(object_, [row]))
        found[str(row["id"])] = _deleted(object_, row)
    rest = [one for one in wanted if one not in found]
    for row in chain.from_iterable(read_all(wire, Asked(object_, properties), rest)):
        found.update((stone.record_id, stone) for stone in merged_into(object_, [row]))
        there.add(str(row["id"]))
    if merged_properties(object_):
        unknown = [one for one in wanted if one not in found and one not in there][:_MOST_ONE_BY_ONE]
        asked = Asked(object_, properties)
        for one, survivor in mapped(lambda one: (one, read_one(wire, asked, one)), unknown):
            if survivor is not None and str(survivor["id"]) != one:
                found[one] = _merged(object_, one, str(survivor["id"]))
    return [found[one] for one in wanted if one in found and one not in there]


def _deleted(object_: str, row: Row) -> Tombstone:
    return Tombstone(object_, str(row["id"]), "deleted", time(row["archivedAt"]))


def _merged(object_: str, record_id: str, survivor_id: str) -> Tombstone:
    return Tombstone(object_, record_id, "merged", survivor_object=object_, survivor_id=survivor_id)
