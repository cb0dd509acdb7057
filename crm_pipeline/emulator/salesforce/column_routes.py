"""GET /query?q=&columns=true: what the columns of a query are, without its rows.

The parameter is not in the REST API guide; the Salesforce CLI asks with it before it shows a result. Source: answers
recorded in the CLI's own tests. Choices where these are silent: names of Apex types but Id and String; a path over
relationships is a column within a column for each of its steps; TYPEOF is a relationship with no columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crm_pipeline.emulator.salesforce import soql
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.soql.fields import Data, resolve
from crm_pipeline.emulator.salesforce.soql.parser import parse
from crm_pipeline.emulator.salesforce.soql.selection import aggregate_names
from crm_pipeline.emulator.salesforce.soql.syntax import AllFields, Children, Function, Item, Path, Selected, TypeOf

_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "currency": "Decimal",
    "double": "Double",
    "percent": "Double",
    "date": "Date",
    "datetime": "Datetime",
    "address": "Address",
    "location": "Location",
}
_NUMBERS = ("Integer", "Decimal", "Double")


def columns(call: Call) -> Answer:
    """The columns of a query; one with an error is refused as if it were run."""
    store, text = call.store, call.query.get("q", "")
    data = Data(store.schema, store.rows)
    soql.run(
        data,
        text,
        today=store.clock.now().astimezone(store.zone).date(),
        zone=store.zone,
        version=call.version,
        include_deleted=False,
        user_id=call.user_id,
    )
    query = parse(text)
    sobject = store.schema.find(query.object_)
    assert sobject is not None
    found = list(_columns(data, sobject, query.selected, grouped=query.is_aggregate))
    body = {
        "columnMetadata": found,
        "entityName": sobject.name,
        "groupBy": bool(query.groups),
        "idSelected": any(column["columnName"] == "Id" for column in found),
        "keyPrefix": sobject.key_prefix,
    }
    return Answer(200, body)


def _columns(data: Data, sobject: SObject, items: Sequence[Item], *, grouped: bool) -> Iterator[dict[str, Any]]:
    names = aggregate_names([item for item in items if isinstance(item, Selected)]) if grouped else []
    for at, item in enumerate(items):
        match item:
            case Selected(Function() as function, _):
                name = names[at] if grouped else function.path.names[-1]
                yield _function(data, sobject, function, name)
            case Selected(Path() as path, _):
                resolved = resolve(data, sobject, path)
                column = _of_field(resolved.field)
                for parent in reversed(resolved.parents):
                    column = _column(parent.relationship or parent.name, joined=[column])
                yield column
            case AllFields(kind, _):
                custom = {"all": (True, False), "standard": (False,), "custom": (True,)}[kind]
                yield from (_of_field(f) for f in sobject.visible() if f.name.endswith("__c") in custom)
            case TypeOf(path):
                yield _column(path.names[-1])
            case Children(query):
                yield _of_children(data, sobject, query.object_, query.selected)


def _of_children(data: Data, sobject: SObject, named: str, items: Sequence[Item]) -> dict[str, Any]:
    name = named.rpartition(".")[2].lower()
    relation = next(one for one in sobject.children if (one["relationshipName"] or "").lower() == name)
    child = data.schema.find(relation["childSObject"])
    assert child is not None
    joined = list(_columns(data, child, items, grouped=False))
    return _column(relation["relationshipName"], aggregate=True, joined=joined)


def _function(data: Data, sobject: SObject, function: Function, name: str) -> dict[str, Any]:
    """A function is told by how it is written, an aggregate's type by what it counts or adds up."""
    inner = function.argument
    text = "" if inner is None else resolve(data, sobject, inner.path).field.name
    number = function.name in ("count", "count_distinct", "sum", "avg")
    if not number and function.is_aggregate:
        number = _apex_type(resolve(data, sobject, function.path).field) in _NUMBERS
    return _column(name, display=f"{function.name}({text})", aggregate=True) | {"numberType": number}


def _of_field(field: Field) -> dict[str, Any]:
    apex_type = _apex_type(field)
    return _column(field.name) | {
        "apexType": apex_type,
        "booleanType": apex_type == "Boolean",
        "custom": field.name.endswith("__c"),
        "insertable": field.createable,
        "numberType": apex_type in _NUMBERS,
        "textType": apex_type == "String",
        "updatable": field.updateable,
    }


def _apex_type(field: Field) -> str:
    return _APEX_TYPES.get(field.type, "String")


def _column(
    name: str, *, display: str = "", aggregate: bool = False, joined: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "aggregate": aggregate,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": display or name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": list(joined),
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
