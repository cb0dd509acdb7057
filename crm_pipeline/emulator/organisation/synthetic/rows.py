"""Records of one object as columns, and associations, on their way into a store.

Belongs here: columns -> ImportedRecord, times of records. Not here: what the columns hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np

from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Ints
from crm_pipeline.emulator.organisation.synthetic.people import NOW_SECONDS
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, blank, column, either

#: Field -> objects and their rows in the same district (-1: blank), of which at most one is filled; "owner" is the
#: place of a user in the list of owners.
References: TypeAlias = dict[str, tuple[tuple[str, Ints], ...]]

DAY = 86_400
#: Share of the records that were edited once after they were made.
_EDITED = 0.4


@dataclass(frozen=True)
class Rows:
    """Records of an object, in the order of their creation.

    `created` and `modified` are seconds since 1970. `old`: field -> what it held until `modified`, None where it did
    not change. `gaps`: which of the filled `optional` fields was blank until `modified`, -1 none. `entities`: numbers
    of the people or companies of the district that the records are about, None for other objects.
    """

    object: str
    columns: Mapping[str, Texts]
    references: References
    created: Ints
    modified: Ints
    old: Mapping[str, Texts] = field(default_factory=dict)
    gaps: Ints | None = None
    optional: tuple[str, ...] = ()
    entities: Ints | None = None

    def records(self, ids: Mapping[str, Texts]) -> Iterator[ImportedRecord]:
        """The records; `ids` are the ids of all objects that they refer to."""
        columns = dict(self.columns) | {name: _ids(ids, sources) for name, sources in self.references.items()}
        names, size = tuple(columns), len(self.created)
        cells = zip(*(values.tolist() for values in columns.values()), strict=True)
        gaps = self.gaps.tolist() if self.gaps is not None else [-1] * size
        olds = zip(*(values.tolist() for values in self.old.values()), strict=True) if self.old else ((),) * size
        optional, old_names = frozenset(self.optional), tuple(self.old)
        times = zip(self.created.tolist(), self.modified.tolist(), strict=True)
        for row, (created, modified), gap, old in zip(cells, times, gaps, olds, strict=True):
            fields = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            created_at = datetime.fromtimestamp(created, UTC)
            if modified == created:
                yield ImportedRecord(fields, created_at, created_at)
                continue
            before = {n: value for n, value in zip(old_names, old, strict=True) if value is not None and n in fields}
            if not before and gap >= 0 and (filled := [name for name in fields if name in optional]):
                before = {filled[gap % len(filled)]: None}
            modified_at = datetime.fromtimestamp(modified, UTC) if before else created_at
            yield ImportedRecord(fields, created_at, modified_at, before)


@dataclass(frozen=True)
class Links:
    """Associations of one type (HubSpot's id): rows of the two objects, one pair each."""

    from_object: str
    to_object: str
    type_id: int
    from_rows: Ints
    to_rows: Ints


def links(from_object: str, to_object: str, type_id: int, to_rows: Ints) -> Links:
    """From each row of an object to its row of the other, where there is one (-1: none)."""
    where = np.flatnonzero(to_rows >= 0).astype(np.int64)
    return Links(from_object, to_object, type_id, where, to_rows[where])


def edits(draws: Draws, created: Ints) -> tuple[Ints, Ints]:
    """(modified, gaps) as `Rows` has them: some records were edited at some time since, when a gap was filled."""
    size = len(created)
    edited, gaps = draws.chance("edited", size, _EDITED), draws.number("gap", size, 64)
    return np.where(edited, later(draws, "modified", created), created), np.where(edited, gaps, -1)


def later(draws: Draws, name: str, since: Ints, share: float = 1.0) -> Ints:
    """A time within that share of the time that passed since then."""
    return since + (draws.uniform(name, len(since)) * (NOW_SECONDS - since) * share).astype(np.int64)


def closing(draws: Draws, created: Ints, closed: Flags) -> Ints:
    """When deals close: up to five months after they were made, those that are still open in the next months."""
    size = len(created)
    done = created + (10 + draws.number("close", size, 140)) * DAY
    done = np.where(done < NOW_SECONDS, done, later(draws, "closed", created))
    return np.where(closed, done, NOW_SECONDS + (5 + draws.number("will close", size, 120)) * DAY)


def date_texts(seconds: Ints) -> Texts:
    """2026-11-20"""
    return column(np.datetime_as_string(seconds.astype("datetime64[s]").astype("datetime64[D]")).tolist())


def time_texts(seconds: Ints, ending: str) -> Texts:
    """2026-11-20T09:00:00 with the ending in which a CRM stores times."""
    texts = np.datetime_as_string(seconds.astype("datetime64[s]"), unit="s").tolist()
    return column(f"{text}{ending}" for text in texts)


def _ids(ids: Mapping[str, Texts], sources: tuple[tuple[str, Ints], ...]) -> Texts:
    found = blank(len(sources[0][1]))
    for object_, rows in sources:
        if len(ids[object_]):
            found = either(rows >= 0, ids[object_][rows], found)
    return found
