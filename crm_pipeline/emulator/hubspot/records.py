"""One CRM record at rest, compact enough for a million of them, with the history of its properties.

A record keeps its present values as one JSON text, without their names: records with the same set of properties share
one list of names. The history keeps what each later write replaced; the first version of a property follows from the
record's creation. Not here: indexes (tables.py), how an answer shows a record (showing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from crm_pipeline.emulator.hubspot.object_types import ObjectType

Version = dict[str, Any]  # value, timestamp, sourceType, sourceId, updatedByUserId: as HubSpot answers it
Properties = dict[str, str]

Names = tuple[str, ...]
_NAMES: dict[Names, Names] = {}  # one tuple for each set of names, shared by all its records
_ORDERED: dict[Names, tuple[Names, Callable[[Mapping[str, str]], Any]]] = {}  # the same by names in any order, and
# what takes their values out of a dictionary
_MOST_ORDERED = 20_000


@dataclass(frozen=True, slots=True)
class Source:
    """Who wrote: what HubSpot notes with every version of a property."""

    type: str
    id: str
    user_id: int | None = None

    def version(self, value: str, timestamp: str) -> Version:
        """A new entry of a property's history."""
        version: Version = {"value": value, "timestamp": timestamp, "sourceType": self.type, "sourceId": self.id}
        if self.user_id is not None:
            version["updatedByUserId"] = self.user_id
        return version

    def row(self) -> list[Any]:
        """As it is kept in a record's past and in files."""
        return [self.type, self.id, self.user_id]


Write = tuple[Mapping[str, str], Source]  # values by name, and who writes them


class Record:
    """A record: `number` is its id, `source` who created it; `archived_at` is "" while it lives.

    `past` is JSON: the history inherited from elsewhere (records merged into this one; None: it begins with the
    creation) and the later writes, oldest first, each as [time, source, {name: value before}].
    """

    __slots__ = ("_names", "_values", "archived_at", "number", "past", "source")

    def __init__(
        self, number: int, properties: Mapping[str, str], source: Source, past: bytes = b"", archived_at: str = ""
    ) -> None:
        self.number = number
        self.source = source
        self.past = past
        self.archived_at = archived_at
        self._put(properties)

    @property
    def id(self) -> str:
        """The id as HubSpot writes it."""
        return str(self.number)

    @property
    def properties(self) -> Properties:
        """The set properties; a new dictionary every time."""
        properties: Properties = dict(zip(self._names, orjson.loads(self._values), strict=True))
        properties["hs_object_id"] = str(self.number)
        return properties

    def get(self, name: str) -> str:
        """The value of one property, "" when it is not set."""
        return self.properties.get(name, "")

    def holds(self, hints: Iterable[bytes]) -> bool:
        """Whether pieces of JSON in lower case (of ASCII) are in the values: a quick look before all are read.

        Always False for parts of the id.
        """
        values = self._values.lower()
        return all(hint in values for hint in hints)

    def copy(self) -> Record:
        """The record as it is now, for whoever looks at it after a change."""
        twin = object.__new__(Record)
        for name in Record.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def change(self, writes: Iterable[Write], now: str, modified_property: str) -> None:
        """Store values ("" clears); those that differ from the present ones become part of the history."""
        properties, replaced = self.properties, []
        for values, source in writes:
            before = {name: old for name, new in values.items() if (old := properties.get(name, "")) != new}
            properties.update(values)
            if before:
                replaced.append([now, source.row(), before])
        if replaced:
            inherited, earlier = self._past()
            self.past = _json([inherited, earlier + replaced])
        properties = {name: value for name, value in properties.items() if value}
        properties[modified_property] = now
        self._put(properties)

    def history(self, names: Iterable[str], kind: ObjectType) -> dict[str, list[Version]]:
        """All versions of properties, newest first; a cleared value is a version with the value ""."""
        properties = self.properties
        inherited, writes = self._past()
        written = [(at, Source(*row), before) for at, row, before in reversed(writes)]
        created_at = properties[kind.created_property]
        for _, _, before in written:
            created_at = before.get(kind.created_property, created_at)
        histories: dict[str, list[Version]] = {}
        for name in names:
            value, versions = properties.get(name, ""), []
            if name == kind.modified_property:
                versions = [(written[0][1] if written else self.source).version(value, value)]
            else:
                for at, source, before in written:
                    if name in before:
                        versions.append(source.version(value, at))
                        value = before[name]
                if inherited is not None:
                    versions += reversed(inherited.get(name, []))
                elif value:
                    versions.append(self.source.version(value, created_at))
            histories[name] = versions
        return histories

    def names(self) -> set[str]:
        """Properties that have or had a value."""
        inherited, writes = self._past()
        return {*self.properties, *(inherited or ()), *(name for _, _, before in writes for name in before)}

    def _past(self) -> tuple[dict[str, list[Version]] | None, list[Any]]:
        if not self.past:
            return None, []
        inherited, writes = orjson.loads(self.past)
        return inherited, writes

    def _put(self, properties: Mapping[str, str]) -> None:
        given = tuple(properties)
        if given not in _ORDERED:
            if len(_ORDERED) >= _MOST_ORDERED:
                _ORDERED.clear()
            names = tuple(sorted(name for name in given if name != "hs_object_id"))
            _ORDERED[given] = _NAMES.setdefault(names, names), itemgetter(*names)
        self._names, values = _ORDERED[given]
        self._values = _json(values(properties))


def inherited_past(history: Mapping[str, list[Version]]) -> bytes:
    """The `past` of a record whose history began before it was created; versions oldest first."""
    return _json([history, []])


def edited_past(at: str, source: Source, before: Mapping[str, str]) -> bytes:
    """The `past` of a record that was edited once after its creation."""
    return _json([None, [[at, source.row(), before]]])


def _json(value: Any) -> bytes:
    # A copy, because orjson leaves its text in a much larger piece of memory.
    return bytes(memoryview(orjson.dumps(value)))
