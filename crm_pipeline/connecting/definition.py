"""What a new field looks like in each CRM: our key, and a mapped field that only the other CRM has.

Belongs here: bodies of definitions, pure. Not here: whether one is wanted (setup.py), sending it (crm/).
Source: HubSpot properties guide; Metadata API guide "CustomField".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_pipeline.connecting.point import Words
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.model import System

Definition = Mapping[str, Any]

_ABOUT = "Written once by crm-pipeline, so that it never creates a record twice. Do not edit."
_LONG = 255  # characters; Salesforce's text areas above are long ones
_NAMES = {System.HUBSPOT: re.compile(r"[a-z][a-z0-9_]{0,99}"), System.SALESFORCE: re.compile(r"[A-Za-z]\w{0,39}__c")}


def may_be_created(system: System, name: str) -> bool:
    """Whether a custom field can have this name."""
    return bool(_NAMES[system].fullmatch(name))


def key(system: System, name: str) -> Definition:
    """The unique field of our own."""
    if system is System.HUBSPOT:
        about = {"name": name, "label": "CRM Pipeline key", "description": _ABOUT}
        return {**about, "type": "string", "fieldType": "text", "hasUniqueValue": True}
    about = {"label": "CRM Pipeline Key", "description": _ABOUT}
    return {**about, "type": "Text", "length": 80, "externalId": True, "unique": True, "caseSensitive": False}


def counterpart(system: System, name: str, label: str, of: System, other: FieldSchema) -> Definition:
    """A field of `system` that takes what the field `other` of the CRM `of`, which may be the same, holds."""
    if system is System.HUBSPOT:
        made = _as_it_is(other) if of is system else _property(other)
        return {"name": name, "label": label, **made}
    if of is system:
        made = _property(other)
        options = tuple(Option(one["value"], one["label"]) for one in made.get("options", ()))
        other = FieldSchema(other.name, other.label, made["type"], made["fieldType"], options=options)
    return {"label": label, **_custom_field(other)}


def _as_it_is(other: FieldSchema) -> Definition:
    options = [{"value": one.value, "label": one.label or one.value} for one in other.options if one.active]
    made: dict[str, Any] = {"type": other.type, "fieldType": other.field_type}
    return {**made, "options": options} if options else made


def _property(other: FieldSchema) -> Definition:
    options = [{"value": one.value, "label": one.label or one.value} for one in other.options if one.active]
    match other.type:
        case "date":
            return {"type": "date", "fieldType": "date"}
        case "datetime":
            return {"type": "datetime", "fieldType": "date"}
        case "double" | "int" | "currency" | "percent":
            return {"type": "number", "fieldType": "number"}
        case "boolean":
            both = [{"value": "true", "label": "Yes"}, {"value": "false", "label": "No"}]
            return {"type": "enumeration", "fieldType": "booleancheckbox", "options": both}
        case "picklist" if options:
            return {"type": "enumeration", "fieldType": "select", "options": options}
        case "multipicklist" if options:
            return {"type": "enumeration", "fieldType": "checkbox", "options": options}
        case "textarea":
            return {"type": "string", "fieldType": "textarea"}
    return {"type": "string", "fieldType": "text"}


def _custom_field(other: FieldSchema) -> Definition:
    values = [{"fullName": one.value, "label": one.label or one.value} for one in other.options if one.active]
    several = {"valueSet": {"restricted": False, "valueSetDefinition": {"sorted": False, "value": values}}}
    match other.type, other.field_type:
        case "date", _:
            return {"type": "Date"}
        case "datetime", _:
            return {"type": "DateTime"}
        case "number", _:
            return {"type": "Number", "precision": 18, "scale": 2}
        case "bool", _:
            return {"type": "Checkbox", "defaultValue": False}
        case "enumeration", "booleancheckbox":
            return {"type": "Checkbox", "defaultValue": False}
        case "enumeration", "checkbox" if values:
            return {"type": "MultiselectPicklist", "visibleLines": 4, **several}
        case "enumeration", _ if values:
            return {"type": "Picklist", **several}
        case "string", "textarea":
            return {"type": "LongTextArea", "length": 32_768, "visibleLines": 3}
    return {"type": "Text", "length": _LONG}


def words(system: System, definition: Definition) -> Words:
    """The definition as a person clicks it together."""
    kind = Words(str(definition["type"]), _JAPANESE.get(str(definition["type"]), str(definition["type"])))
    if system is System.HUBSPOT:
        kind = _FIELD_TYPES.get(str(definition["fieldType"]), kind)
    size = f" ({definition['length']})" if definition.get("length") else ""
    options = definition.get("options") or (
        definition.get("valueSet", {}).get("valueSetDefinition", {}).get("value") or ()
    )
    values = f", {len(options)} values" if options else ""
    values_ja = f"、選択肢{len(options)}件" if options else ""
    en, ja = "", ""
    if definition.get("hasUniqueValue"):
        en, ja = ", unique values", "、一意の値"
    elif definition.get("unique"):
        en, ja = ", External ID, Unique", "、外部ID、ユニーク"
    return Words(f"{kind.en}{size}{values}{en}", f"{kind.ja}{size}{values_ja}{ja}")


_FIELD_TYPES = {
    "booleancheckbox": Words("single checkbox", "単一チェックボックス"),
    "checkbox": Words("multiple checkboxes", "複数チェックボックス"),
    "date": Words("date picker", "日付ピッカー"),
    "number": Words("number", "数値"),
    "select": Words("dropdown select", "ドロップダウン選択"),
    "text": Words("single-line text", "1行テキスト"),
    "textarea": Words("multi-line text", "複数行テキスト"),
}
_JAPANESE = {
    "Checkbox": "チェックボックス",
    "Date": "日付",
    "DateTime": "日付/時間",
    "LongTextArea": "ロングテキストエリア",
    "MultiselectPicklist": "選択リスト（複数選択）",
    "Number": "数値",
    "Picklist": "選択リスト",
    "Text": "テキスト",
}
