"""What became of an object's fields between two reads of its schema.

Belongs here: the comparison and its words. Not here: reading and storing schemas (schema.py), and what a change means
for the sync (plan/fit/compatibility.py). A label is what people read, so a new one is no drift.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from crm_pipeline.crm.protocol import FieldSchema

#: Attribute of a field -> change when it is set, change when it is no longer.
_SWITCHES: Mapping[str, tuple[str, str]] = {
    "createable": ("became settable on create", "became not settable on create"),
    "updateable": ("became writable", "became read-only"),
    "calculated": ("became calculated", "no longer calculated"),
    "required_on_create": ("became required", "no longer required"),
    "nillable": ("became clearable", "became not clearable"),
    "unique": ("became unique", "no longer unique"),
    "restricted": ("became restricted to its options", "no longer restricted to its options"),
}

_LONGEST_STATE = 100


@dataclass(frozen=True)
class Change:
    """A row of `raw.schema_change`: a field, what happened to it in words, and the state before and now as text."""

    name: str
    change: str
    before: str = ""
    now: str = ""

    @property
    def sentence(self) -> str:
        """`birth_date retyped: date -> string (text)`; a long list of options is cut."""
        states = [_cut(state) for state in (self.before, self.now) if state]
        return f"{self.name} {self.change}" + (f": {' -> '.join(states)}" if states else "")


def changes(
    before: Mapping[str, FieldSchema], now: Mapping[str, FieldSchema], gone_before: Collection[str] = ()
) -> list[Change]:
    """All changes in the order of the fields' names; none if nothing was known before.

    `gone_before`: fields that went in an earlier run: they come back instead of being new.
    """
    if not before:
        return []
    found: list[Change] = []
    for name in sorted({*before, *now}):
        if name not in now:
            found.append(Change(name, "gone", before=_type(before[name])))
        elif name not in before:
            found.append(Change(name, "back" if name in gone_before else "new", now=_type(now[name])))
        else:
            found += _of_field(before[name], now[name])
    return found


def _of_field(before: FieldSchema, now: FieldSchema) -> Iterator[Change]:
    name = now.name
    if (before.type, before.field_type) != (now.type, now.field_type):
        yield Change(name, "retyped", _type(before), _type(now))
    if before.references != now.references:
        yield Change(name, "refers to other records", before.references, now.references)
    if before.length != now.length:
        shorter = now.length and (not before.length or now.length < before.length)
        yield Change(name, "shortened" if shorter else "lengthened", _length(before), _length(now))
    for attribute, (became, no_longer) in _SWITCHES.items():
        was, is_ = getattr(before, attribute), getattr(now, attribute)
        if was != is_:
            yield Change(name, became if is_ else no_longer)
    yield from _of_options(before, now)


def _of_options(before: FieldSchema, now: FieldSchema) -> Iterator[Change]:
    was, is_ = ({option.value: option.active for option in field.options} for field in (before, now))
    kept = was.keys() & is_.keys()
    for change, values in (
        ("options removed", was.keys() - is_.keys()),
        ("options deactivated", {value for value in kept if was[value] and not is_[value]}),
    ):
        if values:
            yield Change(now.name, change, before=_listed(values))
    for change, values in (
        ("options added", is_.keys() - was.keys()),
        ("options activated", {value for value in kept if is_[value] and not was[value]}),
    ):
        if values:
            yield Change(now.name, change, now=_listed(values))


def _cut(state: str) -> str:
    return state if len(state) <= _LONGEST_STATE else f"{state[:_LONGEST_STATE]} ..."


def _type(field: FieldSchema) -> str:
    return f"{field.type} ({field.field_type})" if field.field_type else field.type


def _length(field: FieldSchema) -> str:
    return str(field.length) if field.length else "unlimited"


def _listed(values: Collection[str]) -> str:
    """A JSON list: an option may hold any character."""
    return json.dumps(sorted(values), ensure_ascii=False)
