"""How two records become one: a new record with a new id, the primary's values first, both histories kept."""

from __future__ import annotations

from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.records import Properties, Record, Source, inherited_past

_VIDS = "hs_calculated_merged_vids"


def merged_record(primary: Record, other: Record, kind: ObjectType, number: int, source: Source, now: str) -> Record:
    """The record that two become (HubSpot changelog "updated merge functionality").

    A contact keeps the other's e-mail addresses as additional ones, and `hs_calculated_merged_vids` says when which
    earlier contact was merged (`id:epoch ms;...`); `hs_merged_object_ids` names all earlier ids.
    """
    first, second = primary.properties, other.properties
    created, modified = kind.created_property, kind.modified_property
    properties = {**second, **first}
    earlier = [
        record_id
        for values in (first, second)
        for record_id in [*_parts(values, "hs_merged_object_ids"), values["hs_object_id"]]
    ]
    properties["hs_merged_object_ids"] = ";".join(earlier)
    if kind.name == "contacts":
        at = epoch_ms(now)
        merged = [f"{values['hs_object_id']}:{at}" for values in (first, second)]
        properties[_VIDS] = ";".join([*_parts(first, _VIDS), *_parts(second, _VIDS), *merged])
    addresses = dict.fromkeys(_addresses(first) + _addresses(second))
    addresses.pop(properties.get("email", ""), None)
    if addresses:
        properties["hs_additional_emails"] = ";".join(addresses)
    properties |= {created: min(first[created], second[created]), modified: now}
    history = {}
    of_primary, of_other = (record.history(record.names(), kind) for record in (primary, other))
    merging = Source("MERGE_OBJECTS", source.id, source.user_id)
    for name in {*of_primary, *of_other, *properties} - {"hs_object_id", modified}:
        versions = [*reversed(of_primary.get(name, [])), *reversed(of_other.get(name, []))]
        versions.sort(key=lambda version: str(version["timestamp"]))
        value = properties.get(name, "")
        if not versions or versions[-1]["value"] != value:
            versions.append(merging.version(value, now))
        history[name] = versions
    return Record(number, properties, source, inherited_past(history))


def _parts(properties: Properties, name: str) -> list[str]:
    return [part for part in properties.get(name, "").split(";") if part]


def _addresses(properties: Properties) -> list[str]:
    return [*_parts(properties, "email"), *_parts(properties, "hs_additional_emails")]
