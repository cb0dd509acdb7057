"""What the SELECT list of a query asks for, as columns of the answer.

Belongs here: fields, functions, FIELDS(), TYPEOF and child queries of a list; names of grouped values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import SObject
from crm_pipeline.emulator.salesforce.soql.fields import Data, resolve, unknown_children, unknown_relationship
from crm_pipeline.emulator.salesforce.soql.functions import Operands
from crm_pipeline.emulator.salesforce.soql.rendering import Column, Renderer
from crm_pipeline.emulator.salesforce.soql.syntax import (
    AllFields,
    Children,
    Function,
    Item,
    Path,
    Query,
    Selected,
    TypeOf,
)
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed

ReadChildren = Callable[[Row], dict[str, Any] | None]
_FIELDS_SINCE = 51
_FIELD_FUNCTIONS = ("tolabel", "format", "convertcurrency")


def aggregate_names(items: Sequence[Selected]) -> list[str]:
    """Names of the values of a grouped query: alias, last part of a field's path, or expr0, expr1, ..."""
    names, unnamed = [], 0
    for item in items:
        if item.alias is not None:
            names.append(item.alias)
        elif isinstance(item.operand, Path):
            names.append(item.operand.names[-1])
        else:
            names.append(f"expr{unnamed}")
            unnamed += 1
    return names


@dataclass(frozen=True)
class Selection:
    """Makes columns for rows of one object; `children` runs the query of a child relationship."""

    data: Data
    sobject: SObject
    version: str
    zone: ZoneInfo
    children: Callable[[SObject, str, Query], ReadChildren]

    def columns(self, items: Sequence[Item]) -> list[Column]:
        """The columns, in the order of the list. Raises SoqlError."""
        columns: list[Column] = []
        seen: set[tuple[str, ...]] = set()
        for item in items:
            for column, position, written in self._of(item):
                key = (*(parent.name for parent in column.parents), column.name)
                if key in seen:
                    raise SoqlError("INVALID_FIELD", f"duplicate field selected: {written}", position)
                seen.add(key)
                columns.append(column)
        return columns

    def _of(self, item: Item) -> list[tuple[Column, int, str]]:
        match item:
            case Selected(operand, alias):
                path = operand.path
                return [(self._column(operand, alias), operand.position, path.text)]
            case AllFields(kind, position):
                if float(self.version) < _FIELDS_SINCE:
                    message = "The SOQL FIELDS function is not supported in this version of the API"
                    raise SoqlError("UNSUPPORTED_API_VERSION", message, position)
                fields = [
                    f for f in self.sobject.visible() if kind == "all" or _is_custom(f.name) == (kind == "custom")
                ]
                return [(self._column(Path((f.name,), position), None), position, f.name) for f in fields]
            case TypeOf():
                return [(self._type_of(item), item.path.position, item.path.text)]
            case Children(query):
                return [(self._children(query), query.object_position, query.object_)]

    def _column(self, operand: Path | Function, alias: str | None) -> Column:
        if isinstance(operand, Path) and alias is not None:
            raise malformed("only aggregate expressions use field aliasing", operand.position)
        if isinstance(operand, Function) and operand.name not in _FIELD_FUNCTIONS:
            path = operand.path
            raise malformed(f"Field must be grouped or aggregated: {path.text}", None)
        resolved = Operands(self.data, self.sobject, self.zone).resolve(operand)
        if alias is not None:
            return Column(alias, (), resolved.get)
        return Column(resolved.field.name, resolved.parents, resolved.read, plain=isinstance(operand, Path))

    def _type_of(self, item: TypeOf) -> Column:
        *parents, name = item.path.names
        reference = None if parents else self.sobject.find_relationship(name)
        if reference is None:
            raise unknown_relationship(item.path.text, item.path.position)
        if len(reference.reference_to) < 2:
            raise malformed(f"Relationship '{name}' in TYPEOF is not polymorphic", item.path.position)
        by_object = {}
        for object_name, paths in item.branches:
            target = self.data.schema.find(object_name)
            if object_name.lower() not in {known.lower() for known in reference.reference_to}:
                message = f"Invalid sObject type '{object_name}' in TYPEOF {item.path.text}"
                raise SoqlError("INVALID_TYPE", message, item.path.position)
            if target is not None:
                inner = Selection(self.data, target, self.version, self.zone, self.children)
                columns = inner.columns([Selected(path, None) for path in paths])
                by_object[target.name] = Renderer(self.data, self.version).of_rows(target.name, columns)
        otherwise = None
        if item.otherwise:
            through = [Path((name, *path.names), path.position) for path in item.otherwise]
            found = [resolve(self.data, self.sobject, path) for path in through]
            columns = [Column(r.field.name, r.parents[1:], r.read) for r in found]
            otherwise = Renderer(self.data, self.version).of_rows("Name", columns)
        relationship = reference.relationship or reference.name
        return Column(relationship, (), Renderer(self.data, self.version).type_of(reference, by_object, otherwise))

    def _children(self, query: Query) -> Column:
        name = query.object_.rpartition(".")[2]
        relation = next(
            (r for r in self.sobject.children if (r["relationshipName"] or "").lower() == name.lower()),
            None,
        )
        child = self.data.schema.find(relation["childSObject"]) if relation else None
        if relation is None or child is None or child.find(relation["field"]) is None:
            raise unknown_children(name, query.object_position)
        return Column(relation["relationshipName"], (), self.children(child, relation["field"], query))


def _is_custom(name: str) -> bool:
    return name.endswith("__c")
