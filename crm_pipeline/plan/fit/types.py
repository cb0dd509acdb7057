"""What a field holds, in both CRMs' terms, and which of these fit each other: spec objects-and-fields.md, the table.

Belongs here: two fields' types. Not here: options, access and what a rule wants (verdict.py, compatibility.py), single
values (translate.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from crm_pipeline.config.field import FieldType
from crm_pipeline.config.relation import is_relation
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import System


class Shape(StrEnum):
    """What a field holds; the values are the words for it."""

    TEXT = "text"
    LONG_TEXT = "long text"
    OPTION = "one option"
    OPTIONS = "several options"
    BOOLEAN = "yes or no"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "date and time"
    USER = "a user"
    REFERENCE = "another record"
    OTHER = "something else"

    @property
    def japanese(self) -> str:
        return _JAPANESE[self]


_JAPANESE: Mapping[Shape, str] = {
    Shape.TEXT: "1行テキスト",
    Shape.LONG_TEXT: "複数行テキスト",
    Shape.OPTION: "選択肢（1つ）",
    Shape.OPTIONS: "選択肢（複数）",
    Shape.BOOLEAN: "チェックボックス",
    Shape.NUMBER: "数値",
    Shape.DATE: "日付",
    Shape.MOMENT: "日付と時刻",
    Shape.USER: "担当者（ユーザー）",
    Shape.REFERENCE: "別のレコード",
    Shape.OTHER: "その他",
}

Systems = frozenset[System]
BOTH: Systems = frozenset(System)
NEITHER: Systems = frozenset()
TO_HUBSPOT: Systems = frozenset({System.HUBSPOT})

_ENUMERATION = {"checkbox": Shape.OPTIONS, "booleancheckbox": Shape.BOOLEAN}
_LONG = frozenset({"textarea", "html"})
_HUBSPOT: Mapping[str, Shape] = {
    "string": Shape.TEXT,
    "phone_number": Shape.TEXT,
    "bool": Shape.BOOLEAN,
    "number": Shape.NUMBER,
    "date": Shape.DATE,
    "datetime": Shape.MOMENT,
}
#: A text area above this length is a long one (Salesforce: Text Area is 255, Long Text Area up to 131,072).
_TEXT_AREA = 255
_SALESFORCE: Mapping[str, Shape] = {
    "string": Shape.TEXT,
    "textarea": Shape.TEXT,
    "phone": Shape.TEXT,
    "email": Shape.TEXT,
    "url": Shape.TEXT,
    "encryptedstring": Shape.TEXT,
    "picklist": Shape.OPTION,
    "combobox": Shape.TEXT,  # its options are suggestions
    "multipicklist": Shape.OPTIONS,
    "boolean": Shape.BOOLEAN,
    "double": Shape.NUMBER,
    "int": Shape.NUMBER,
    "long": Shape.NUMBER,
    "currency": Shape.NUMBER,
    "percent": Shape.NUMBER,
    "date": Shape.DATE,
    "datetime": Shape.MOMENT,
    "reference": Shape.REFERENCE,
}

#: (HubSpot, Salesforce) -> the CRMs that may be written where they differ; the same shape fits both ways.
_FITS: Mapping[tuple[Shape, Shape], Systems] = {
    (Shape.TEXT, Shape.LONG_TEXT): BOTH,
    (Shape.LONG_TEXT, Shape.TEXT): TO_HUBSPOT,
    (Shape.TEXT, Shape.OPTION): TO_HUBSPOT,
    (Shape.TEXT, Shape.OPTIONS): TO_HUBSPOT,
    (Shape.TEXT, Shape.REFERENCE): TO_HUBSPOT,
    (Shape.TEXT, Shape.USER): TO_HUBSPOT,
    (Shape.MOMENT, Shape.DATE): TO_HUBSPOT,
    (Shape.DATE, Shape.MOMENT): BOTH,
}

#: (HubSpot, Salesforce) -> the types of a mapping under which their values are compared and written as what they are.
#: Not listed: any type that texts may have.
_NEEDED: Mapping[tuple[Shape, Shape], tuple[FieldType, ...]] = {
    (Shape.OPTION, Shape.OPTION): (FieldType.PICKLIST, FieldType.TEXT),
    (Shape.OPTIONS, Shape.OPTIONS): (FieldType.MULTI_PICKLIST,),
    (Shape.BOOLEAN, Shape.BOOLEAN): (FieldType.BOOLEAN,),
    (Shape.NUMBER, Shape.NUMBER): (FieldType.NUMBER,),
    (Shape.DATE, Shape.DATE): (FieldType.DATE,),
    (Shape.MOMENT, Shape.MOMENT): (FieldType.DATETIME, FieldType.DATE),
    (Shape.DATE, Shape.MOMENT): (FieldType.DATE,),
    (Shape.MOMENT, Shape.DATE): (FieldType.DATETIME, FieldType.DATE),
    (Shape.USER, Shape.USER): (FieldType.USER,),
    (Shape.REFERENCE, Shape.REFERENCE): (FieldType.REFERENCE,),
}


def shape(system: System, field: FieldSchema) -> Shape:
    """What a field of a CRM holds."""
    if is_relation(field.name):
        return Shape.REFERENCE
    if system is System.SALESFORCE:
        if field.references == "User":
            return Shape.USER
        if field.type == "textarea" and field.length > _TEXT_AREA:
            return Shape.LONG_TEXT
        return _SALESFORCE.get(field.type, Shape.OTHER)
    if field.references:
        return Shape.USER if field.references == "OWNER" else Shape.REFERENCE
    if field.type == "enumeration":
        return _ENUMERATION.get(field.field_type, Shape.OPTION)
    if field.type == "string" and field.field_type in _LONG:
        return Shape.LONG_TEXT
    return _HUBSPOT.get(field.type, Shape.OTHER)


def fits(hubspot: Shape, salesforce: Shape, type_: FieldType, *, whole_map: bool) -> Systems:
    """The CRMs into which the other's values may be written, as far as the types go.

    `whole_map`: the mapping names a partner for every Salesforce option, which makes a text as good as an option. A
    date that is compared as a date (`type: date`) is the explicit choice that the time of day does not count. A text
    that holds ids (`type: reference`) is translated.
    """
    if hubspot is salesforce:
        return NEITHER if hubspot is Shape.OTHER else BOTH
    if whole_map and hubspot is Shape.TEXT and salesforce in (Shape.OPTION, Shape.OPTIONS):
        return BOTH
    if type_ is FieldType.DATE and (hubspot, salesforce) == (Shape.MOMENT, Shape.DATE):
        return BOTH
    if type_ is FieldType.REFERENCE and (hubspot, salesforce) == (Shape.TEXT, Shape.REFERENCE):
        return BOTH
    return _FITS.get((hubspot, salesforce), NEITHER)


def needed(hubspot: Shape, salesforce: Shape) -> tuple[FieldType, ...]:
    """The types that a mapping of these two may have; empty: no certain one."""
    return _NEEDED.get((hubspot, salesforce), ())
