"""POST /composite/tree/{object}: up to 200 new records with their children, all of them or none.

Source: REST API guide, "sObject Tree", "sObject Tree Request Body", "sObject Tree Response Body": 200 records, trees of
five levels, records of five types. Choices where the behaviour is not documented: code and texts of the refusals that
are about the whole tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.composite.subrequests import RolledBackError
from crm_pipeline.emulator.salesforce.errors import ApiError, parser_error
from crm_pipeline.emulator.salesforce.schema import SObject

MOST_RECORDS, MOST_LEVELS, MOST_TYPES = 200, 5, 5


@dataclass(frozen=True)
class _Node:
    """A record of a tree; `link` is the field by which it refers to its parent."""

    sobject: SObject
    reference: str
    fields: Mapping[str, Any]
    parent: str | None
    link: str | None
    level: int


def tree(call: Call) -> Answer:
    """POST /composite/tree/{object}"""
    nodes = list(_nodes(call, call.json_object(), call.sobject(), None, None, 1))
    if not nodes:
        raise parser_error("records must be a list of records")
    _check_size(nodes)
    repeated = [name for name, count in Counter(node.reference for node in nodes).items() if count > 1]
    if repeated:
        error = ApiError("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
        return _failed([(node.reference, error) for node in nodes if node.reference in repeated])
    created: dict[str, str] = {}
    errors: list[tuple[str, ApiError]] = []
    try:
        with call.store.transaction():
            for node in nodes:
                if node.parent is not None and node.parent not in created:
                    continue
                link = {node.link: created[node.parent]} if node.link and node.parent else {}
                try:
                    fields = {**node.fields, **link}
                    created[node.reference] = call.create(node.sobject, fields)
                except ApiError as error:
                    errors.append((node.reference, error))
            if errors:
                raise RolledBackError
    except RolledBackError:
        return _failed(errors)
    results = [{"referenceId": node.reference, "id": created[node.reference]} for node in nodes]
    return Answer(201, {"hasErrors": False, "results": results})


def _failed(errors: list[tuple[str, ApiError]]) -> Answer:
    results = [{"referenceId": reference, "errors": [error.record_error()]} for reference, error in errors]
    return Answer(400, {"hasErrors": True, "results": results})


def _check_size(nodes: list[_Node]) -> None:
    limits = (
        (len(nodes), MOST_RECORDS, "records"),
        (max(node.level for node in nodes), MOST_LEVELS, "levels"),
        (len({node.sobject.name for node in nodes}), MOST_TYPES, "types of records"),
    )
    for size, most, what in limits:
        if size > most:
            raise ApiError("INVALID_INPUT", f"The request can’t contain more than {most} {what}.")


def _nodes(
    call: Call, holder: Mapping[str, Any], sobject: SObject, parent: str | None, link: str | None, level: int
) -> Iterator[_Node]:
    """The records of a list and of the lists below them, parents first."""
    records = holder.get("records")
    if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
        raise parser_error("records must be a list of records")
    if level > MOST_LEVELS + 1:
        return
    for record in records:
        attributes = record.get("attributes")
        attributes = attributes if isinstance(attributes, Mapping) else {}
        reference = attributes.get("referenceId")
        if not isinstance(reference, str) or not reference:
            raise ApiError("INVALID_INPUT", "Include a reference ID with each record in the request.")
        if str(attributes.get("type", "")).lower() != sobject.name.lower():
            raise ApiError("INVALID_INPUT", f"Records here must be of type {sobject.name}, as their attributes say")
        below = {name: value for name, value in record.items() if isinstance(value, Mapping) and "records" in value}
        fields = {name: value for name, value in record.items() if name not in below and name != "attributes"}
        yield _Node(sobject, reference, fields, parent, link, level)
        for name, value in below.items():
            child, child_link = _child(call, sobject, name)
            yield from _nodes(call, value, child, reference, child_link, level + 1)


def _child(call: Call, sobject: SObject, relationship: str) -> tuple[SObject, str]:
    for relation in sobject.children:
        child = call.store.schema.find(relation["childSObject"])
        if (relation["relationshipName"] or "").lower() == relationship.lower() and child is not None:
            return child, str(relation["field"])
    raise ApiError("INVALID_FIELD", f"No such column '{relationship}' on sobject of type {sobject.name}")
