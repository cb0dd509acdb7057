"""One CRM record with the history of its properties, and how an answer shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_pipeline.emulator.hubspot.object_types import ObjectType

Version = dict[str, Any]  # value, timestamp, sourceType, sourceId, updatedByUserId: as HubSpot answers it


@dataclass(frozen=True)
class Source:
    """Who wrote: what HubSpot notes with every version of a property."""

    type: str
    id: str
    user_id: int | None = None

    def version(self, value: str, timestamp: str) -> Version:
        """A new entry of a property's history."""
        version: Version = {"value": value, "timestamp": timestamp, "sourceType": self.type, "sourceId": self.id}
        if self.user_id is not None:
            version["updatedByUserId"] = self.user_id
        return version


@dataclass(slots=True)
class Record:
    """A record. `properties` has only set values; `history` is oldest first; `archived_at` is "" while it lives."""

    id: str
    properties: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived_at: str = ""

    def set(self, name: str, value: str, source: Source, now: str) -> None:
        """Store a value ("" clears) and, if it differs from the present one, add it to the history."""
        if value == self.properties.get(name, ""):
            return
        if value:
            self.properties[name] = value
        else:
            self.properties.pop(name, None)
        self.history.setdefault(name, []).append(source.version(value, now))


def shown(
    record: Record,
    kind: ObjectType,
    portal_id: int,
    properties: Iterable[str] | None = None,
    history: Iterable[str] = (),
) -> dict[str, Any]:
    """The record as an answer shows it: asked-for properties (unset: null) and those that are always there.

    `properties` None or empty: the type's defaults. `history`: properties whose versions are added, newest first.
    """
    values = record.properties
    names = dict.fromkeys(properties or kind.defaults)
    names.update(dict.fromkeys(kind.always))
    answer: dict[str, Any] = {
        "id": record.id,
        "properties": {name: values.get(name) for name in names},
        "createdAt": values[kind.created_property],
        "updatedAt": values[kind.modified_property],
        "archived": bool(record.archived_at),
        "url": f"https://app.hubspot.com/contacts/{portal_id}/record/{kind.type_id}/{record.id}",
    }
    if record.archived_at:
        answer["archivedAt"] = record.archived_at
    names_with_history = list(history)
    if names_with_history:
        answer["propertiesWithHistory"] = {name: record.history.get(name, [])[::-1] for name in names_with_history}
    return answer


def known(names: Iterable[str], definitions: Mapping[str, Any]) -> list[str]:
    """The names that exist; HubSpot ignores the others when reading."""
    return [name for name in names if name in definitions]
