"""How two records become one: a new record with a new id, the primary's values first, both histories kept."""

from __future__ import annotations

from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.records import Record, Source


def merged_record(primary: Record, other: Record, kind: ObjectType, new_id: str, source: Source, now: str) -> Record:
    """The record that two become (HubSpot changelog "updated merge functionality").

    A contact keeps the other's e-mail addresses as additional ones; `hs_merged_object_ids` names all earlier ids.
    """
    new = Record(new_id)
    new.properties = {**other.properties, **primary.properties}
    for name in {**primary.history, **other.history}:
        versions = primary.history.get(name, []) + other.history.get(name, [])
        new.history[name] = sorted(versions, key=lambda version: version["timestamp"])
        value = new.properties.get(name, "")
        if new.history[name][-1]["value"] != value:
            new.history[name].append(Source("MERGE_OBJECTS", source.id, source.user_id).version(value, now))
    earlier = [
        record_id
        for record in (primary, other)
        for record_id in [*record.properties.get("hs_merged_object_ids", "").split(";"), record.id]
        if record_id
    ]
    new.properties |= {
        "hs_object_id": new_id,
        "hs_merged_object_ids": ";".join(earlier),
        kind.created_property: min(primary.properties[kind.created_property], other.properties[kind.created_property]),
        kind.modified_property: now,
    }
    addresses = dict.fromkeys(_addresses(primary) + _addresses(other))
    addresses.pop(new.properties.get("email", ""), None)
    if addresses:
        new.properties["hs_additional_emails"] = ";".join(addresses)
    return new


def _addresses(record: Record) -> list[str]:
    additional = record.properties.get("hs_additional_emails", "").split(";")
    return [address for address in [record.properties.get("email", ""), *additional] if address]
