"""How an answer shows a record.

Belongs here: which properties an answer carries and the keys around them. Not here: associations, HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.records import Record

Show = Callable[[Record], dict[str, Any]]


def shower(kind: ObjectType, portal_id: int, properties: Iterable[str] = (), history: Iterable[str] = ()) -> Show:
    """A function that shows records: asked-for properties (unset: null) and those that are always there.

    `properties` empty: the type's defaults. `history`: properties whose versions are added, newest first.
    """
    names = list(dict.fromkeys([*(list(properties) or kind.defaults), *kind.always]))
    with_history = list(history)
    url = f"https://app.hubspot.com/contacts/{portal_id}/record/{kind.type_id}/"
    created, modified = kind.created_property, kind.modified_property

    def show(record: Record) -> dict[str, Any]:
        values = record.properties
        answer: dict[str, Any] = {
            "id": values["hs_object_id"],
            "properties": {name: values.get(name) for name in names},
            "createdAt": values[created],
            "updatedAt": values[modified],
            "archived": bool(record.archived_at),
            "url": url + values["hs_object_id"],
        }
        if record.archived_at:
            answer["archivedAt"] = record.archived_at
        if with_history:
            answer["propertiesWithHistory"] = record.history(with_history, kind)
        return answer

    return show


def known(names: Iterable[str], definitions: Mapping[str, Any]) -> list[str]:
    """The names that exist; HubSpot ignores the others when reading."""
    return [name for name in names if name in definitions]
