"""Finds the field that a path in a query means, and reads it from a row.

Belongs here: paths over relationships. Not here: functions of fields (functions.py), conditions on the values.
What a reference to several objects yields (Who, What, the Owner of a lead) is of type Name: it has the fields of the
platform's Name object, whatever record it is, and Type says of which object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.rows import Row, Rows
from crm_pipeline.emulator.salesforce.schema import Field, Schema, SObject
from crm_pipeline.emulator.salesforce.soql.syntax import Path
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError

_CUSTOM_HINT = (
    "If you are attempting to use a custom {kind}, be sure to append the '{suffix}' after the "
    "{what} name. Please reference your WSDL or the describe call for the appropriate names."
)
_NAME_FIELDS = frozenset(
    "alias email firstname id isactive lastname lastreferenceddate lastvieweddate middlename name phone profileid "  # noqa: SIM905
    "recordtypeid suffix title type username userroleid".split()
)
_NAME_RELATIONSHIPS = frozenset({"profile", "recordtype", "userrole"})

Get = Callable[[Any], Any]
"""Reads a value from a row, or from a group of rows."""


@dataclass(frozen=True)
class Resolved:
    """A field, the reference fields on the way to it, and how to read its value.

    `read` reads it from the row of the object that has the field, `get` from the row where the way starts.
    """

    parents: tuple[Field, ...]
    field: Field
    read: Get
    get: Get


@dataclass(frozen=True)
class Data:
    """Schema and rows that a query runs on."""

    schema: Schema
    rows: Rows

    def parent(self, reference: Field, row: Row) -> Row | None:
        """The row that a reference field refers to."""
        record_id = row.get(reference.name)
        target = self.schema.by_prefix(record_id) if record_id else None
        return self.rows.get(target.name, record_id) if target else None

    def follower(self, object_: str | None, reference: Field) -> Callable[[Row], Row | None]:
        """`parent` made for one reference of the rows of one object (None: of any)."""
        if object_ is None or len(reference.reference_to) > 1:
            return lambda row: self.parent(reference, row)
        get = self.rows.tables[object_].layout.getter(reference.name)
        parents = self.rows.tables[reference.reference_to[0]]
        return lambda row: parents.get(get(row))


def resolve(data: Data, sobject: SObject, path: Path) -> Resolved:
    """The field of a path from `sobject`. Raises SoqlError (INVALID_FIELD)."""
    *relationships, name = path.names
    candidates = [sobject]
    parents: list[Field] = []
    for relationship in relationships:
        reference = _relationship(candidates, relationship, is_name=_is_name(parents))
        if reference is None:
            raise unknown_relationship(relationship, path.position)
        parents.append(reference)
        known = (data.schema.find(target) for target in reference.reference_to)
        candidates = [target for target in known if target is not None]
    entity = "Name" if _is_name(parents) else candidates[0].name if candidates else parents[-1].reference_to[0]
    if entity == "Name" and name.lower() == "type":
        return _resolved(data, parents, _type_field(sobject), lambda row: _object_name(data, row))
    found = None
    if entity != "Name" or name.lower() in _NAME_FIELDS:
        found = next((f for c in candidates if (f := c.find(name)) is not None), None)
    if found is None:
        raise unknown_column(name, entity, path.position)
    if entity == "Name" and found.name == "Name":
        return _resolved(data, parents, found, lambda row: _name_of(data, row))
    return _resolved(data, parents, found, _reader(data, found.name, None if entity == "Name" else entity))


def unknown_column(name: str, entity: str, position: int | None) -> SoqlError:
    """The object has no such field."""
    hint = _CUSTOM_HINT.format(kind="field", suffix="__c", what="custom field")
    return SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{entity}'. {hint}", position)


def unknown_relationship(name: str, position: int | None) -> SoqlError:
    """The object has no such relationship to a parent."""
    hint = _CUSTOM_HINT.format(kind="relationship", suffix="__r", what="custom relationship")
    return SoqlError("INVALID_FIELD", f"Didn't understand relationship '{name}' in field path. {hint}", position)


def unknown_children(name: str, position: int | None) -> SoqlError:
    """The object has no such relationship to its children."""
    hint = _CUSTOM_HINT.format(kind="relationship", suffix="__r", what="custom relationship")
    message = f"Didn't understand relationship '{name}' in FROM part of query call. {hint}"
    return SoqlError("INVALID_TYPE", message, position)


def derived(field: Field, **described: Any) -> Field:
    """A field like another one but for some of what describe says."""
    return Field({**field.described, **described})


def _relationship(candidates: Sequence[SObject], name: str, *, is_name: bool) -> Field | None:
    if is_name and name.lower() not in _NAME_RELATIONSHIPS:
        return None
    return next((found for known in candidates if (found := known.find_relationship(name)) is not None), None)


def _name_of(data: Data, row: Row) -> Any:
    """The Name of whatever record it is; that of a case is its number."""
    sobject = data.schema.by_prefix(row["Id"])
    fields = sobject.fields.values() if sobject else ()
    name = next((field.name for field in fields if field.described["nameField"]), "Name")
    return row.get(name)


def _is_name(parents: Sequence[Field]) -> bool:
    return bool(parents) and len(parents[-1].reference_to) > 1


def _type_field(sobject: SObject) -> Field:
    return derived(sobject.fields["Id"], name="Type", label="Type", type="string", filterable=True, sortable=True)


def _object_name(data: Data, row: Row) -> str | None:
    sobject = data.schema.by_prefix(row["Id"])
    return sobject.name if sobject else None


def _reader(data: Data, name: str, object_: str | None) -> Get:
    """Reads a field of an object's rows; without one, of rows of any object, some of which may lack it."""
    return data.rows.tables[object_].layout.getter(name) if object_ else lambda row: row.get(name)


def _resolved(data: Data, parents: Sequence[Field], field: Field, read: Get) -> Resolved:
    return Resolved(tuple(parents), field, read, over(data, parents, read))


def over(data: Data, parents: Sequence[Field], read: Get) -> Get:
    """Reads from the row at the end of the way, null when the way is broken."""
    if not parents:
        return read

    def get(row: Row) -> Any:
        current: Row | None = row
        for reference in parents:
            if current is None:
                return None
            current = data.parent(reference, current)
        return None if current is None else read(current)

    return get
