"""Which types of fields fit each other, and in which direction: the table of spec objects-and-fields.md.

Belongs here: two fields' types. Not here: what a rule wants of them (compatibility.py), single values (translate.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import System


class Shape(StrEnum):
    """What a field holds, in both CRMs' terms."""

    TEXT = "text"
    LONG_TEXT = "long text"
    OPTION = "one option"
    OPTIONS = "several options"
    BOOLEAN = "yes or no"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "date and time"
    REFERENCE = "another record"
    OTHER = "something else"


_BOTH = frozenset(System)
_NEITHER: frozenset[System] = frozenset()
_TO_HUBSPOT = frozenset({System.HUBSPOT})

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
    "combobox": Shape.OPTION,
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
_FITS: Mapping[tuple[Shape, Shape], frozenset[System]] = {
    (Shape.TEXT, Shape.LONG_TEXT): _BOTH,
    (Shape.LONG_TEXT, Shape.TEXT): _TO_HUBSPOT,
    (Shape.TEXT, Shape.OPTION): _TO_HUBSPOT,
    (Shape.TEXT, Shape.OPTIONS): _TO_HUBSPOT,
    (Shape.TEXT, Shape.REFERENCE): _TO_HUBSPOT,
    (Shape.MOMENT, Shape.DATE): _TO_HUBSPOT,
    (Shape.DATE, Shape.MOMENT): _TO_HUBSPOT,
}


def shape(system: System, field: FieldSchema) -> Shape:
    """What a field of a CRM holds."""
    if system is System.SALESFORCE:
        if field.type == "textarea" and field.length > _TEXT_AREA:
            return Shape.LONG_TEXT
        return _SALESFORCE.get(field.type, Shape.OTHER)
    if field.references:
        return Shape.REFERENCE
    if field.type == "enumeration":
        return _ENUMERATION.get(field.field_type, Shape.OPTION)
    if field.type == "string" and field.field_type in _LONG:
        return Shape.LONG_TEXT
    return _HUBSPOT.get(field.type, Shape.OTHER)


def writable(hubspot: Shape, salesforce: Shape, *, value_map: bool) -> frozenset[System]:
    """The CRMs into which the other's values may be written. `value_map`: the mapping names a partner for each value,
    which makes a text as good as an option."""
    if hubspot is salesforce:
        return _NEITHER if hubspot is Shape.OTHER else _BOTH
    if value_map and hubspot is Shape.TEXT and salesforce in (Shape.OPTION, Shape.OPTIONS):
        return _BOTH
    return _FITS.get((hubspot, salesforce), _NEITHER)
