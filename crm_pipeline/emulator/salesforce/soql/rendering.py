"""The form in which rows are answered: attributes, fields, nested parents, children, groups.

Belongs here: shapes of answers. Not here: which rows are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field
from crm_pipeline.emulator.salesforce.soql.fields import Data, Get

Render = Callable[[Any], dict[str, Any]]
NAME = "Name"
"""The type of what a reference to several objects yields (a queue has no more fields)."""


@dataclass(frozen=True)
class Column:
    """One answered value: its name, the references to follow, how to read it there, its field if it is that alone."""

    name: str
    parents: tuple[Field, ...]
    read: Get
    plain: bool = False


@dataclass(frozen=True)
class Renderer:
    """Makes the functions that answer rows; `version` is the API version that urls of records name."""

    data: Data
    version: str

    def of_rows(self, type_name: str, columns: Sequence[Column]) -> Render:
        """Answers a row with its values in the order of the columns, and one nested record for each relationship."""
        if type_name != NAME and all(column.plain and not column.parents for column in columns):
            return self._flat(type_name, [column.name for column in columns])
        values: dict[str, Get] = {}
        for column in columns:
            if not column.parents:
                values[column.name] = column.read
                continue
            reference = column.parents[0]
            name = reference.relationship or reference.name
            if name not in values:
                values[name] = self._parent(reference, [c for c in columns if c.parents[:1] == (reference,)])

        def render(row: Row) -> dict[str, Any]:
            record = {"attributes": self._attributes(type_name, row)}
            for name, read in values.items():
                record[name] = read(row)
            return record

        return render

    def type_of(self, reference: Field, by_object: Mapping[str, Render], otherwise: Render | None) -> Get:
        """Answers the record that a reference leads to, in the form for its object; null when there is none."""

        def read(row: Row) -> dict[str, Any] | None:
            parent = self.data.parent(reference, row)
            sobject = self.data.schema.by_prefix(parent["Id"]) if parent is not None else None
            render = by_object.get(sobject.name, otherwise) if sobject else None
            return None if parent is None or render is None else render(parent)

        return read

    def _flat(self, type_name: str, names: list[str]) -> Render:
        path = f"/services/data/v{self.version}/sobjects/{type_name}/"
        return self.data.rows.tables[type_name].layout.renderer((type_name, path), names)

    def _parent(self, reference: Field, columns: Sequence[Column]) -> Get:
        type_name = NAME if len(reference.reference_to) > 1 else reference.reference_to[0]
        below = [Column(c.name, c.parents[1:], c.read, c.plain) for c in columns]
        render = self.of_rows(type_name, below)

        def read(row: Row) -> dict[str, Any] | None:
            parent = self.data.parent(reference, row)
            return None if parent is None else render(parent)

        return read

    def _attributes(self, type_name: str, row: Row) -> dict[str, str]:
        owner = self.data.schema.by_prefix(row["Id"]) if type_name == NAME else None
        name = owner.name if owner else type_name
        return {"type": type_name, "url": f"/services/data/v{self.version}/sobjects/{name}/{row['Id']}"}
