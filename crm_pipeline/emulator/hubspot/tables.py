"""All records of one object type: by id, in id order, by unique value, and under the ids they had before a merge.

Belongs here: keeping the indexes right. Not here: which values are allowed, who wrote them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.records import Record, Source

_FIRST_ID, _ID_STEP = 51, 50  # ids of the first portals; they soon differ in length, as real ids do

UniqueKey = tuple[str, str]  # property name, value


@dataclass
class Table:
    """Records of `kind`; `unique` names the properties whose values no two live records share."""

    kind: ObjectType
    unique: set[str] = field(default_factory=set)
    records: dict[str, Record] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    live: list[int] = field(default_factory=list)
    archived: list[int] = field(default_factory=list)
    owner_of: dict[UniqueKey, str] = field(default_factory=dict)
    next_id: int = _FIRST_ID

    def new_id(self) -> str:
        """The next id: larger than all before."""
        self.next_id += _ID_STEP
        return str(self.next_id - _ID_STEP)

    def find(self, record_id: str, *, archived: bool = False) -> Record | None:
        """A record by its id or one it had before a merge; only live ones, or only archived ones."""
        record = self.records.get(self.aliases.get(record_id, record_id))
        return record if record is not None and bool(record.archived_at) == archived else None

    def find_unique(self, name: str, value: str) -> Record | None:
        """The live record with this value of a unique property (for e-mail also a secondary address)."""
        owner = self.owner_of.get((name, value))
        return self.records[owner] if owner is not None else None

    def insert(self, record: Record) -> None:
        """Add a new live record."""
        self.records[record.id] = record
        insort(self.live, int(record.id))
        self._claim(record)

    def change(self, record: Record, values: dict[str, str], source: Source, now: str) -> None:
        """Set values of a live record and keep the index of unique values right."""
        for key in self.keys(record.properties):
            self.owner_of.pop(key, None)
        for name, value in values.items():
            record.set(name, value, source, now)
        self._claim(record)

    def archive(self, record: Record, now: str) -> None:
        """Take a live record out of sight; its unique values become free."""
        self._leave(record)
        record.archived_at = now
        insort(self.archived, int(record.id))

    def remove(self, record: Record) -> None:
        """Delete a record for good."""
        if record.archived_at:
            self.archived.remove(int(record.id))
        else:
            self._leave(record)
        del self.records[record.id]

    def replace(self, old: Iterable[Record], new: Record) -> None:
        """Put a merged record in the place of those it was made of, which stay readable by their ids."""
        gone = {record.id for record in old}
        for record_id in gone:
            self.remove(self.records[record_id])
        for alias, target in self.aliases.items():
            if target in gone:
                self.aliases[alias] = new.id
        self.aliases.update(dict.fromkeys(gone, new.id))
        self.insert(new)

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Record], bool]:
        """Records with ids above `after`, in id order, and whether there are more."""
        ids = self.archived if archived else self.live
        start = bisect_right(ids, after)
        page = [self.records[str(number)] for number in ids[start : start + limit]]
        return page, start + limit < len(ids)

    def live_records(self) -> Iterator[Record]:
        """All live records in id order."""
        return (self.records[str(number)] for number in self.live)

    def keys(self, properties: dict[str, str]) -> list[UniqueKey]:
        """The unique values among these properties."""
        keys = [(name, properties[name]) for name in self.unique if properties.get(name)]
        if "email" in self.unique:
            others = properties.get("hs_additional_emails", "").split(";")
            keys += [("email", address) for address in others if address]
        return keys

    def _claim(self, record: Record) -> None:
        for key in self.keys(record.properties):
            self.owner_of[key] = record.id

    def _leave(self, record: Record) -> None:
        del self.live[bisect_left(self.live, int(record.id))]
        for key in self.keys(record.properties):
            self.owner_of.pop(key, None)
