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
        values: dict[str, Get] = {}
        for column in columns:
            if not column.parents:
                values[column.name] = column.read
                continue
            reference = column.parents[0]
            name = reference.relationship or reference.name
            if name not in values:
                values[name] = self._parent(type_name, reference, [c for c in columns if c.parents[:1] == (reference,)])
        if type_name != NAME:
            plain = {column.name for column in columns if column.plain and not column.parents}
            path = f"/services/data/v{self.version}/sobjects/{type_name}/"
            layout = self.data.rows.tables[type_name].layout
            return layout.renderer((type_name, path), {n: None if n in plain else get for n, get in values.items()})

        def render(row: Row) -> dict[str, Any]:
            record = {"attributes": self._attributes(row)}
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

    def _parent(self, child: str, reference: Field, columns: Sequence[Column]) -> Get:
        type_name = NAME if len(reference.reference_to) > 1 else reference.reference_to[0]
        below = [Column(c.name, c.parents[1:], c.read, c.plain) for c in columns]
        render, follow = self.of_rows(type_name, below), self.data.follower(child if child != NAME else None, reference)

        def read(row: Row) -> dict[str, Any] | None:
            parent = follow(row)
            return None if parent is None else render(parent)

        return read

    def _attributes(self, row: Row) -> dict[str, str]:
        """Of what a reference to several objects leads to: its type is Name, its url that of the record."""
        sobject = self.data.schema.by_prefix(row.id)
        name = sobject.name if sobject else NAME
        return {"type": NAME, "url": f"/services/data/v{self.version}/sobjects/{name}/{row.id}"}
