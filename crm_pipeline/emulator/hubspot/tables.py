"""All records of one object type: by id, in id order, by their times, by unique value, and under their earlier ids.

Belongs here: keeping the indexes right. Not here: which values are allowed, who wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.ordered import Ordered
from crm_pipeline.emulator.hubspot.records import Record, Write

_FIRST_ID, _ID_STEP = 51, 50  # ids of the first portals; they soon differ in length, as real ids do
_LONGEST_ID = 18  # digits
#: A time (ms) and a record's number in one whole number, so that records sort by both.
NUMBER_BITS = 48
NUMBER_MASK = (1 << NUMBER_BITS) - 1
_MOST_REMEMBERED = 10_000  # numbers of changed records kept for `changed_since`

UniqueKey = tuple[str, str]  # property name, value
Holders = dict[str, int | tuple[int, ...]]  # lower-case value -> who has it in one capitalisation or another


@dataclass
class Table:
    """Records of `kind`; `unique` names the properties whose values no two live records share.

    `times` orders the live records by their times of creation and of change. `before_change` is told a record's number
    before the record appears, changes or goes.
    """

    kind: ObjectType
    unique: set[str] = field(default_factory=set)
    before_change: Callable[[Table, int], None] | None = None
    records: dict[int, Record] = field(default_factory=dict)
    aliases: dict[int, int] = field(default_factory=dict)
    live: Ordered = field(default_factory=Ordered)
    archived: Ordered = field(default_factory=Ordered)
    next_id: int = _FIRST_ID
    version: int = 0
    times: dict[str, Ordered] = field(init=False)
    _holders: dict[str, Holders] = field(default_factory=dict)
    _changed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.times = {name: Ordered() for name in (self.kind.created_property, self.kind.modified_property)}
        if self.kind.is_activity:  # no two activities have one id, whatever their types: engagements are one list
            self.next_id += int(self.kind.type_id.removeprefix("0-")) % _ID_STEP

    def new_number(self) -> int:
        """The next id: larger than all before."""
        self.next_id += _ID_STEP
        return self.next_id - _ID_STEP

    def find(self, record_id: str, *, archived: bool = False) -> Record | None:
        """A record by its id or one it had before a merge; only live ones, or only archived ones."""
        if not (record_id.isascii() and record_id.isdecimal() and len(record_id) <= _LONGEST_ID):
            return None
        number = int(record_id)
        while number in self.aliases:
            number = self.aliases[number]
        record = self.records.get(number)
        return record if record is not None and bool(record.archived_at) == archived else None

    def find_unique(self, name: str, value: str) -> Record | None:
        """The live record with this value of a unique property (for e-mail also a secondary address)."""
        for number in self.holders(name, value.lower()):
            record = self.records[number]
            if (name, value) in self.keys(record.properties):
                return record
        return None

    def holders(self, name: str, lowered: str) -> tuple[int, ...]:
        """Numbers of the live records that have a value of a unique property in any capitalisation."""
        found = self._holders.get(name, {}).get(lowered, ())
        return found if isinstance(found, tuple) else (found,)

    def insert(self, record: Record) -> None:
        """Add a new live record."""
        self._note(record.number)
        self.records[record.number] = record
        self._enter(record)

    def insert_all(self, records: Iterable[tuple[Record, Mapping[str, str]]]) -> list[int]:
        """Add many new records (archived ones too), each with its properties; gives their numbers."""
        live, archived = list[int](), list[int]()
        keys: dict[str, list[int]] = {name: [] for name in self.times}
        for record, properties in records:
            number = record.number
            self.records[number] = record
            if record.archived_at:
                archived.append(number)
                continue
            live.append(number)
            for name, key in self._time_keys(number, properties):
                keys[name].append(key)
            self._claim(number, properties)
        self.live.update(live)
        self.archived.update(archived)
        for name, index in self.times.items():
            index.update(keys[name])
        self._changed.clear()
        self.version += 1
        return live + archived

    def change(self, record: Record, writes: Iterable[Write], now: str) -> None:
        """Write to a live record; its change time becomes `now`."""
        self._note(record.number)
        self._leave(record)
        record.change(writes, now, self.kind.modified_property)
        self._enter(record)

    def archive(self, record: Record, now: str) -> None:
        """Take a live record out of sight; its unique values become free."""
        self._note(record.number)
        self._leave(record)
        record.archived_at = now
        self.archived.add(record.number)

    def restore(self, record: Record, now: str) -> None:
        """Put an archived record back; its change time becomes `now`."""
        self._note(record.number)
        self.archived.remove(record.number)
        record.archived_at = ""
        record.change((), now, self.kind.modified_property)
        self._enter(record)

    def remove(self, record: Record) -> None:
        """Delete a record for good."""
        self._note(record.number)
        if record.archived_at:
            self.archived.remove(record.number)
        else:
            self._leave(record)
        del self.records[record.number]

    def replace(self, old: Iterable[Record], new: Record) -> None:
        """Put a merged record in the place of those it was made of, which stay readable by their ids."""
        for record in old:
            self.remove(record)
            self.aliases[record.number] = new.number
        self.insert(new)

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Record], bool]:
        """Records with ids above `after`, in id order, and whether there are more."""
        numbers = self.archived if archived else self.live
        start = numbers.position(after + 1)
        page = [self.records[number] for number in numbers.between(start, start + limit)]
        return page, start + limit < len(numbers)

    def live_records(self) -> Iterator[Record]:
        """All live records in id order."""
        return (self.records[number] for number in self.live)

    def keys(self, properties: Mapping[str, str]) -> list[UniqueKey]:
        """The unique values among these properties."""
        keys = [(name, properties[name]) for name in self.unique if properties.get(name)]
        if "email" in self.unique and "hs_additional_emails" in properties:
            others = properties["hs_additional_emails"].split(";")
            keys += [("email", address) for address in others if address]
        return keys

    def changed_since(self, version: int) -> set[int] | None:
        """Numbers of the records that appeared, changed or went after a `version`; None: too many to tell."""
        count = self.version - version
        return set(self._changed[-count:] if count else ()) if count <= len(self._changed) else None

    def _note(self, number: int) -> None:
        if self.before_change is not None:
            self.before_change(self, number)
        if len(self._changed) >= _MOST_REMEMBERED:
            self._changed.clear()
        self._changed.append(number)
        self.version += 1

    def _time_keys(self, number: int, properties: Mapping[str, str]) -> list[tuple[str, int]]:
        created, modified = self.times
        key = epoch_ms(properties[created]) << NUMBER_BITS | number
        if properties[modified] == properties[created]:
            return [(created, key), (modified, key)]
        return [(created, key), (modified, epoch_ms(properties[modified]) << NUMBER_BITS | number)]

    def _enter(self, record: Record) -> None:
        properties = record.properties
        self.live.add(record.number)
        for name, key in self._time_keys(record.number, properties):
            self.times[name].add(key)
        self._claim(record.number, properties)

    def _leave(self, record: Record) -> None:
        properties = record.properties
        self.live.remove(record.number)
        for name, key in self._time_keys(record.number, properties):
            self.times[name].remove(key)
        for name, value in self.keys(properties):
            holders, lowered = self._holders[name], value.lower()
            left = tuple(number for number in self.holders(name, lowered) if number != record.number)
            if left:
                holders[lowered] = left if len(left) > 1 else left[0]
            else:
                holders.pop(lowered, None)

    def _claim(self, number: int, properties: Mapping[str, str]) -> None:
        for name, value in self.keys(properties):
            holders, lowered = self._holders.setdefault(name, {}), value.lower()
            present = holders.setdefault(lowered, number)
            if present != number:
                holders[lowered] = (*self.holders(name, lowered), number)
