"""Finds the field that a path in a query means, and reads it from a row.

Belongs here: paths over relationships. Not here: conditions on the values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from crm_pipeline.emulator.salesforce.rows import Row, Rows
from crm_pipeline.emulator.salesforce.schema import Field, Schema, SObject
from crm_pipeline.emulator.salesforce.soql.syntax import Path
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError

_CUSTOM_HINT = (
    "If you are attempting to use a custom {kind}, be sure to append the '{suffix}' after the "
    "{what} name. Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True)
class Resolved:
    """A field, the reference fields on the way to it, and how to read its value from a row."""

    parents: tuple[Field, ...]
    field: Field
    get: Callable[[Row], Any]


@dataclass(frozen=True)
class Data:
    """Schema and rows that a query runs on."""

    schema: Schema
    rows: Rows

    def parent(self, reference: Field, row: Row) -> Row | None:
        """The row that a reference field refers to."""
        record_id = row[reference.name]
        target = self.schema.by_prefix(record_id) if record_id else None
        return self.rows.get(target.name, record_id) if target else None


def resolve(data: Data, sobject: SObject, path: Path) -> Resolved:
    """The field of a path from `sobject`. Raises SoqlError (INVALID_FIELD)."""
    *relationships, name = path.names
    candidates = [sobject]
    parents = []
    for relationship in relationships:
        reference = next((f for c in candidates if (f := c.find_relationship(relationship)) is not None), None)
        if reference is None:
            hint = _CUSTOM_HINT.format(kind="relationship", suffix="__r", what="custom relationship")
            raise SoqlError(
                "INVALID_FIELD",
                f"Didn't understand relationship '{relationship}' in field path. {hint}",
                path.position,
            )
        parents.append(reference)
        known = (data.schema.find(target) for target in reference.reference_to)
        candidates = [target for target in known if target is not None]
    field = next((f for c in candidates if (f := c.find(name)) is not None), None)
    if field is None:
        entity = candidates[0].name if candidates else parents[-1].reference_to[0]
        hint = _CUSTOM_HINT.format(kind="field", suffix="__c", what="custom field")
        raise SoqlError(
            "INVALID_FIELD",
            f"No such column '{name}' on entity '{entity}'. {hint}",
            path.position,
        )
    return Resolved(tuple(parents), field, _getter(data, parents, field))


def _getter(data: Data, parents: list[Field], field: Field) -> Callable[[Row], Any]:
    if not parents:
        return itemgetter(field.name)

    def get(row: Row) -> Any:
        current: Row | None = row
        for reference in parents:
            if current is None:
                return None
            current = data.parent(reference, current)
        return None if current is None else current.get(field.name)

    return get
