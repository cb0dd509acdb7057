"""Associations between records, kept in both directions and compactly: a million of them take less than 200 MB.

Belongs here: which records are associated by which types; primary companies; what a merge, an archived record and a
deleted label do to associations. Not here: ids and names of the types (types.py), HTTP.

A contact's, deal's or ticket's first company becomes its primary company by itself, as in HubSpot's user interface, and
a company has one parent. Choices where HubSpot does not document it: associations are listed in the order of the
record ids; when the primary company goes, none of the others takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm_pipeline.emulator.hubspot.associations.links import HIGHEST_NUMBER, LinkTable
from crm_pipeline.emulator.hubspot.associations.types import (
    CATEGORIES,
    HUBSPOT_DEFINED,
    TYPES,
    AssociationType,
    AssociationTypes,
    Pair,
)
from crm_pipeline.emulator.hubspot.errors import HubSpotError

Kinds = tuple[AssociationType, ...]  # types of one link, those with a label first

#: Types of which a record has at most one (contact, deal, ticket to primary company; child to parent company), and the
#: same as seen from the other side.
_ONE_EACH = {1, 5, 26, 14}
_ONE_EACH_SEEN_BACK = {2, 6, 25, 13}


class Associations:
    """All associations of a portal. Record ids are texts of digits; an id that is none has no associations."""

    def __init__(self) -> None:
        self.types = AssociationTypes()
        self._tables: dict[Pair, LinkTable] = {}
        self._kinds: list[Kinds] = []  # by number; links name their types by it
        self._numbers: dict[tuple[tuple[str, int], ...], int] = {}

    # Reading

    def of(self, from_object: str, from_id: str, to_object: str) -> dict[str, list[int]]:
        """To id -> type ids of one record's associations."""
        return {
            str(to_id): [kind.type_id for kind in kinds] for to_id, kinds in self.links(from_object, from_id, to_object)
        }

    def links(self, from_object: str, from_id: str, to_object: str) -> Iterator[tuple[int, Kinds]]:
        """Associated records of one record, in the order of their ids, each with the types of the association."""
        for to_id, number in self._table(from_object, to_object).page(_number(from_id)):
            yield to_id, self._kinds[number]

    def page(
        self, from_object: str, from_id: str, to_object: str, after: int, limit: int
    ) -> tuple[list[tuple[int, Kinds]], bool]:
        """The next `limit` associations above the record id `after`, and whether there are more."""
        found = self._table(from_object, to_object).page(_number(from_id), after, limit + 1)
        return [(to_id, self._kinds[number]) for to_id, number in found[:limit]], len(found) > limit

    def count(self, from_object: str, from_id: str, to_object: str) -> int:
        """How many records of an object type are associated with one record."""
        return self._table(from_object, to_object).count(_number(from_id))

    def primary(self, from_object: str, from_id: str) -> str | None:
        """Id of the primary company of a contact, deal or ticket."""
        for to_id, kinds in self.links(from_object, from_id, "companies"):
            if any(kind.primary for kind in kinds):
                return str(to_id)
        return None

    # Writing

    def add(self, from_object: str, from_id: str, to_object: str, to_id: str, kind: AssociationType) -> None:
        """Associate two records by `kind`, which also gives them the type without a label."""
        one, other = int(from_id), int(to_id)
        back = self.types.inverse(from_object, to_object, kind)
        if kind.category == HUBSPOT_DEFINED and kind.type_id in _ONE_EACH_SEEN_BACK:
            self._drop_from_others(to_object, other, from_object, one, back)
        if kind.category == HUBSPOT_DEFINED and kind.type_id in _ONE_EACH:
            self._drop_from_others(from_object, one, to_object, other, kind)
        self._add_both(from_object, one, to_object, other, self.types.default(from_object, to_object))
        self._add_both(from_object, one, to_object, other, kind)
        for start, start_id, end, end_id in (
            (from_object, one, to_object, other),
            (to_object, other, from_object, one),
        ):
            mark = _primary_type(start, end)
            if mark is not None and self.primary(start, str(start_id)) is None:
                self._add_both(start, start_id, end, end_id, mark)

    def import_pairs(self, from_object: str, to_object: str, type_id: int, pairs: Iterable[tuple[str, str]]) -> None:
        """`add` by a HubSpot-defined type for many pairs of ids of live records, at most a few microseconds each."""
        kind = self.types.known(from_object, to_object, HUBSPOT_DEFINED, type_id)
        ahead, behind = self._table(from_object, to_object), self._table(to_object, from_object)
        plain = {kind, self.types.default(from_object, to_object)}
        mark = _primary_type(from_object, to_object)
        if mark is None and (back := _primary_type(to_object, from_object)) is not None:
            mark = self.types.inverse(to_object, from_object, back)
        first = plain if mark is None else plain | {mark}
        as_plain = self._both_numbers(from_object, to_object, plain)
        as_first = self._both_numbers(from_object, to_object, first)
        with_company = None if mark is None else ahead if to_object == "companies" else behind
        one_each = kind.type_id in _ONE_EACH | _ONE_EACH_SEEN_BACK
        for from_id, to_id in pairs:
            one, other = int(from_id), int(to_id)
            start = one if with_company is ahead else other
            numbers: tuple[int, int] | None = as_plain
            if with_company is not None and start not in with_company:
                numbers = as_first
            elif one_each or ahead.number(one, other) is not None:
                numbers = None
            elif with_company is not None and not self._has_primary(with_company, start):
                numbers = as_first
            if numbers is None:
                self.add(from_object, from_id, to_object, to_id, kind)
            else:
                ahead.put(one, other, numbers[0])
                behind.put(other, one, numbers[1])

    def remove(self, from_object: str, from_id: str, to_object: str, to_id: str) -> None:
        """End all associations between two records; none is not an error."""
        one, other = _number(from_id), _number(to_id)
        self._table(from_object, to_object).cut(one, other)
        self._table(to_object, from_object).cut(other, one)

    def remove_label(self, from_object: str, from_id: str, to_object: str, to_id: str, kind: AssociationType) -> None:
        """Take one type off an association; without the type that has no label nothing is left of it."""
        if kind.label is None:
            self.remove(from_object, from_id, to_object, to_id)
        else:
            self._drop_both(from_object, _number(from_id), to_object, _number(to_id), kind)

    def remove_record(self, object_name: str, record_id: str) -> None:
        """End all associations of a record that is gone."""
        for start, end in list(self._tables):
            if start == object_name:
                for to_id, _ in self.links(start, record_id, end):
                    self._table(end, start).cut(to_id, int(record_id))
                self._table(start, end).drop(_number(record_id))

    def move_record(self, object_name: str, old_ids: Sequence[str], new_id: str) -> None:
        """Give a merged record the associations of those it was made of; the first one's primary stays primary."""
        moved = [
            (end, str(to_id), kinds)
            for old in old_ids
            for start, end in list(self._tables)
            if start == object_name
            for to_id, kinds in self.links(start, old, end)
            if end != object_name or str(to_id) not in old_ids
        ]
        for old in old_ids:
            self.remove_record(object_name, old)
        for end, to_id, kinds in reversed(moved):  # the last to set a type of which there is one keeps it
            for kind in kinds:
                self.add(object_name, new_id, end, to_id, kind)

    def relabel(
        self, from_object: str, to_object: str, type_id: int, label: str, inverse_label: str | None
    ) -> AssociationType:
        """Change the label of a user-defined type, also on associations that have it. Raises HubSpotError 400."""
        changed = self.types.relabel(from_object, to_object, type_id, label, inverse_label)
        self._kinds = [tuple(changed.get(kind, kind) for kind in kinds) for kinds in self._kinds]
        return next(kind for kind in changed.values() if kind.type_id == type_id)

    def undefine(self, from_object: str, to_object: str, type_id: int) -> None:
        """Delete a user-defined type and take it off all associations. Raises HubSpotError 400."""
        gone = self.types.undefine(from_object, to_object, type_id)
        for number, kinds in enumerate(self._kinds):
            self._kinds[number] = tuple(kind for kind in kinds if kind not in gone)
        self._number_again()

    # Persistence

    def dump(self) -> dict[str, Any]:
        """Everything as JSON: the users' types, the sets of types in use, and from each pair of directions one."""
        return {
            "next_type_id": self.types.next_id,
            "types": [
                {"from": start, "to": end, "id": kind.type_id, "label": kind.label, "inverse": kind.inverse}
                | {"name": kind.legacy}
                for (start, end), kinds in self.types.defined.items()
                for kind in kinds.values()
            ],
            "kinds": [[[CATEGORIES.index(kind.category), kind.type_id] for kind in kinds] for kinds in self._kinds],
            "links": [
                {"from": start, "to": end, "records": table.dump()} for (start, end), table in self._tables.items()
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Become what was dumped."""
        self.types = AssociationTypes(next_id=state["next_type_id"])
        for one in state["types"]:
            kind = AssociationType(one["id"], one["label"], one["inverse"], one["name"], CATEGORIES[1])
            self.types.defined.setdefault((one["from"], one["to"]), {})[kind.type_id] = kind
        own = [kind for kinds in self.types.defined.values() for kind in kinds.values()]
        by_key = {kind.key: kind for kinds in (*TYPES.values(), own) for kind in kinds}
        self._kinds = [
            tuple(by_key[CATEGORIES[place], type_id] for place, type_id in kinds) for kinds in state["kinds"]
        ]
        self._number_again()
        self._tables = {}
        for one in state["links"]:
            self._table(one["from"], one["to"]).restore(one["records"])

    # Inside

    def _table(self, from_object: str, to_object: str) -> LinkTable:
        table = self._tables.get((from_object, to_object))
        if table is None:
            table = self._tables[from_object, to_object] = LinkTable()
        return table

    def _number(self, kinds: Iterable[AssociationType]) -> int:
        """The number of a set of types."""
        ordered = sorted(kinds, key=lambda kind: (kind.label is None, kind.category != HUBSPOT_DEFINED, kind.type_id))
        key = tuple(kind.key for kind in ordered)
        number = self._numbers.get(key)
        if number is None:
            if len(self._kinds) > HIGHEST_NUMBER:
                raise HubSpotError(400, "Too many different sets of association labels", "VALIDATION_ERROR")
            number = self._numbers[key] = len(self._kinds)
            self._kinds.append(tuple(ordered))
        return number

    def _both_numbers(self, from_object: str, to_object: str, kinds: set[AssociationType]) -> tuple[int, int]:
        back = [self.types.inverse(from_object, to_object, kind) for kind in kinds]
        return self._number(kinds), self._number(back)

    def _has_primary(self, table: LinkTable, start: int) -> bool:
        return any(kind.primary for _, number in table.page(start) for kind in self._kinds[number])

    def _number_again(self) -> None:
        """Index the sets of types; two that a deleted label made equal keep their numbers."""
        self._numbers = {}
        for number, kinds in enumerate(self._kinds):
            self._numbers.setdefault(tuple(kind.key for kind in kinds), number)

    def _between(self, from_object: str, from_id: int, to_object: str, to_id: int) -> Kinds:
        number = self._table(from_object, to_object).number(from_id, to_id)
        return () if number is None else self._kinds[number]

    def _add_both(self, from_object: str, one: int, to_object: str, other: int, kind: AssociationType) -> None:
        back = self.types.inverse(from_object, to_object, kind)
        for start, start_id, end, end_id, added in (
            (from_object, one, to_object, other, kind),
            (to_object, other, from_object, one, back),
        ):
            kinds = self._between(start, start_id, end, end_id)
            if added not in kinds:
                self._table(start, end).put(start_id, end_id, self._number((*kinds, added)))

    def _drop_both(self, from_object: str, one: int, to_object: str, other: int, kind: AssociationType) -> None:
        back = self.types.inverse(from_object, to_object, kind)
        for start, start_id, end, end_id, dropped in (
            (from_object, one, to_object, other, kind),
            (to_object, other, from_object, one, back),
        ):
            kinds = self._between(start, start_id, end, end_id)
            if dropped in kinds:
                left = [left for left in kinds if left != dropped]
                self._table(start, end).put(start_id, end_id, self._number(left))

    def _drop_from_others(self, from_object: str, one: int, to_object: str, kept: int, kind: AssociationType) -> None:
        for to_id, kinds in list(self.links(from_object, str(one), to_object)):
            if to_id != kept and kind in kinds:
                self._drop_both(from_object, one, to_object, to_id, kind)


def _number(record_id: str) -> int:
    return int(record_id) if record_id.isascii() and record_id.isdigit() and len(record_id) <= 18 else -1


def _primary_type(from_object: str, to_object: str) -> AssociationType | None:
    """The type that marks the primary company, for directions that lead to one."""
    kinds = TYPES.get((from_object, to_object), ()) if to_object == "companies" != from_object else ()
    return next((kind for kind in kinds if kind.primary), None)
