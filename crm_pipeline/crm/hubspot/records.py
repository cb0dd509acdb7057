"""HubSpot's JSON of records, properties and values, and ours.

Not here: requests.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.model import UNREADABLE_TIME, SourceRecord, System, Value, Version

#: Objects that can be merged, and where a record keeps the ids of those merged into it; contacts have an older place
#: besides (facts/hubspot.md section 4).
_MERGED = {
    "contacts": ("hs_merged_object_ids", "hs_calculated_merged_vids"),
    "companies": ("hs_merged_object_ids",),
    "deals": ("hs_merged_object_ids",),
    "tickets": ("hs_merged_object_ids",),
}


def modified_property(object_: str) -> str:
    """The property that moves with every change."""
    return "lastmodifieddate" if object_ == "contacts" else "hs_lastmodifieddate"


def merged_properties(object_: str) -> tuple[str, ...]:
    """Where a record keeps the ids of the records merged into it; nothing for an object that cannot be merged."""
    return _MERGED.get(object_, ())


def merged_ids(object_: str, row: Mapping[str, Any]) -> list[str]:
    """Former ids of a record: `1;2`, and in the older property `1:epoch;2:epoch`."""
    properties = row.get("properties") or {}
    parts = ";".join(properties.get(name) or "" for name in merged_properties(object_)).split(";")
    ids = dict.fromkeys(part.partition(":")[0].strip() for part in parts)
    return [one for one in ids if one and one != row["id"]]


def time(text: str) -> datetime:
    """HubSpot's ISO 8601 in UTC."""
    return datetime.fromisoformat(text)


def _time(text: Any) -> datetime:
    """The same of a single record, of which nobody else must suffer."""
    try:
        return time(text)
    except (TypeError, ValueError):
        return UNREADABLE_TIME


def source_record(object_: str, row: Mapping[str, Any], fields: Sequence[str]) -> SourceRecord:
    """A record with those of `fields` that HubSpot answered. It does not tell who modified a record last."""
    properties = row.get("properties") or {}
    return SourceRecord(
        system=System.HUBSPOT,
        object=object_,
        record_id=str(row["id"]),
        created_at=_time(row.get("createdAt")),
        modified_at=_time(row.get("updatedAt")),
        modified_by="",
        fields={name: properties[name] for name in fields if name in properties},
        history={
            name: tuple(_version(one) for one in versions)
            for name, versions in (row.get("propertiesWithHistory") or {}).items()
        },
    )


def _version(entry: Mapping[str, Any]) -> Version:
    source = ":".join(str(entry[name]) for name in ("sourceType", "sourceId") if entry.get(name))
    return Version(entry.get("value"), _time(entry.get("timestamp")), source)


def texts(fields: Mapping[str, Value]) -> dict[str, str]:
    """Values as HubSpot takes them: text; blank is "", which clears (null is not verified)."""
    return {name: _text(value) for name, value in fields.items()}


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def observed(fields: Iterable[str], row: Mapping[str, Any]) -> dict[str, Value]:
    """What a write's answer says about the fields written."""
    properties = row.get("properties") or {}
    return {name: properties[name] for name in fields if name in properties}


#: Properties without which the API creates no record, which no definition tells (HubSpot's guides of the objects).
_REQUIRED: Mapping[str, str] = {
    "tickets": "hs_pipeline_stage",
    **dict.fromkeys(("tasks", "calls", "emails", "meetings", "notes"), "hs_timestamp"),
}


def _place(option: Mapping[str, Any]) -> float:
    """Where people see an option; HubSpot's -1 stands behind all others."""
    place = option.get("displayOrder")
    return place if isinstance(place, int) and place >= 0 else math.inf


def field_schema(object_: str, definition: Mapping[str, Any]) -> FieldSchema:
    """A property definition. HubSpot has no lengths."""
    meta = definition.get("modificationMetadata") or {}
    calculated = bool(definition.get("calculated"))
    writable = not meta.get("readOnlyValue", False) and not calculated
    type_ = str(definition.get("type", ""))
    return FieldSchema(
        name=definition["name"],
        label=definition.get("label", ""),
        type=type_,
        field_type=definition.get("fieldType", ""),
        createable=writable,
        updateable=writable,
        calculated=calculated,
        unique=bool(definition.get("hasUniqueValue")),
        restricted=type_ == "enumeration",
        required_on_create=_REQUIRED.get(object_) == definition["name"],
        references=definition.get("referencedObjectType") or "",
        options=tuple(
            Option(one["value"], one.get("label", ""), not one.get("hidden", False))
            for one in sorted(definition.get("options") or (), key=_place)
        ),
    )
