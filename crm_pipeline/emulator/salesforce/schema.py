"""The objects and fields of the organisation, as describe tells them.

Belongs here: loading the recorded describe results, custom fields, and describe's own answers.
Not here: records. The files in describe/ are condensed: what is missing in an entry has the value
that `_defaults.json` gives.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

_SOAP_TYPES = {
    "boolean": "xsd:boolean",
    "currency": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "double": "xsd:double",
    "int": "xsd:int",
    "percent": "xsd:double",
    "reference": "tns:ID",
}
_LENGTHS = {"email": 80, "phone": 40, "picklist": 255, "reference": 18, "string": 255, "url": 255}
_NUMBERS = ("currency", "double", "percent")


class Field:
    """One field; `described` is its entry in describe, the attributes are what the emulator asks."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.described = described
        self.name: str = described["name"]
        self.label: str = described["label"]
        self.type: str = described["type"]
        self.length: int = described["length"]
        self.precision: int = described["precision"]
        self.scale: int = described["scale"]
        self.digits: int = described["digits"]
        self.nillable: bool = described["nillable"]
        self.createable: bool = described["createable"]
        self.updateable: bool = described["updateable"]
        self.filterable: bool = described["filterable"]
        self.sortable: bool = described["sortable"]
        self.unique: bool = described["unique"]
        self.case_sensitive: bool = described["caseSensitive"]
        self.id_lookup: bool = described["idLookup"] or described["externalId"]
        self.restricted: bool = described["restrictedPicklist"]
        self.compound: str | None = described["compoundFieldName"]
        self.reference_to: tuple[str, ...] = tuple(described["referenceTo"])
        self.relationship: str | None = described["relationshipName"]
        self.default: Any = described["defaultValue"]
        self.required_on_create = (
            not self.nillable and self.createable and not described["defaultedOnCreate"] and self.type != "boolean"
        )
        self.active_values = frozenset(choice["value"] for choice in described["picklistValues"] if choice["active"])


@dataclass
class SObject:
    """One object: its own describe entry, its fields by name, and how other objects refer to it."""

    described: dict[str, Any]
    children: list[dict[str, Any]]
    fields: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name: str = self.described["name"]
        self.key_prefix: str = self.described["keyPrefix"]
        self._by_lower_name: dict[str, Field] = {}
        self._by_relationship: dict[str, Field] = {}
        for known in self.fields.values():
            self._index(known)

    def add(self, new: Field) -> None:
        """Add a field; one of the same name is replaced."""
        self.fields[new.name] = new
        self._index(new)

    def find(self, name: str) -> Field | None:
        """The field of this name in any letter case."""
        return self.fields.get(name) or self._by_lower_name.get(name.lower())

    def find_relationship(self, name: str) -> Field | None:
        """The reference field whose relationship (`Account`, `Custom__r`) has this name."""
        return self._by_relationship.get(name.lower())

    @property
    def computes_name(self) -> bool:
        """Whether Name is put together from FirstName and LastName."""
        return "LastName" in self.fields

    def _index(self, known: Field) -> None:
        self._by_lower_name[known.name.lower()] = known
        if known.relationship:
            self._by_relationship[known.relationship.lower()] = known


class Schema:
    """All objects of the organisation."""

    def __init__(self) -> None:
        folder = files("crm_pipeline.emulator.salesforce") / "describe"
        self._defaults = json.loads((folder / "_defaults.json").read_text("utf-8"))
        self._time_zones = json.loads((folder / "_time_zones.json").read_text("utf-8"))
        recorded = sorted(path.name for path in folder.iterdir() if path.name[0].isupper())
        loaded = [self._load(json.loads((folder / name).read_text("utf-8"))) for name in recorded]
        self.objects: dict[str, SObject] = {sobject.name: sobject for sobject in loaded}
        self._by_lower_name = {name.lower(): known for name, known in self.objects.items()}
        self.custom: list[tuple[str, dict[str, Any]]] = []

    def find(self, name: str) -> SObject | None:
        """The object of this name in any letter case."""
        return self._by_lower_name.get(name.lower())

    def by_prefix(self, record_id: str) -> SObject | None:
        """The object that an id belongs to."""
        prefix = record_id[:3]
        return next((o for o in self.objects.values() if o.key_prefix == prefix), None)

    def define_field(self, object_: str, definition: Mapping[str, Any]) -> Field:
        """Add a custom field: `name` (ends in __c) and any key of a describe field entry.

        Raises ValueError for a name without __c and KeyError for an unknown object.
        """
        name, kind = definition["name"], definition.get("type", "string")
        if not name.endswith("__c"):
            raise ValueError(f"The name of a custom field ends in __c; {name} does not.")
        length = definition.get("length", _LENGTHS.get(kind, 0))
        described = {
            **deepcopy(self._defaults["field"]),
            "label": name.removesuffix("__c").replace("_", " "),
            "custom": True,
            "permissionable": True,
            "length": length,
            "byteLength": 18 if kind == "reference" else 3 * length,
            "soapType": _SOAP_TYPES.get(kind, "xsd:string"),
            "precision": 18 if kind in _NUMBERS else 0,
            "digits": 8 if kind == "int" else 0,
            "relationshipName": name[:-1] + "r" if kind == "reference" else None,
            "idLookup": bool(definition.get("externalId") or definition.get("unique")),
            **definition,
            "type": kind,
        }
        if kind == "boolean":
            described |= {"nillable": False, "defaultedOnCreate": True}
            described["defaultValue"] = bool(described["defaultValue"])
        new = Field(described)
        self.objects[object_].add(new)
        self.custom.append((object_, dict(definition)))
        return new

    def describe(self, sobject: SObject, version: str) -> dict[str, Any]:
        """The answer of sobjects/X/describe."""
        return {
            **self.describe_briefly(sobject, version),
            "actionOverrides": [],
            "childRelationships": sobject.children,
            "fields": [known.described for known in sobject.fields.values()],
            "namedLayoutInfos": [],
            "recordTypeInfos": [
                {
                    "active": True,
                    "available": True,
                    "defaultRecordTypeMapping": True,
                    "developerName": "Master",
                    "master": True,
                    "name": "Master",
                    "recordTypeId": "012000000000000AAA",
                    "urls": {},
                }
            ],
            "supportedScopes": [],
        }

    def describe_briefly(self, sobject: SObject, version: str) -> dict[str, Any]:
        """The object's entry in the answer of sobjects/."""
        path = f"/services/data/v{version}/sobjects/{sobject.name}"
        urls = {"sobject": path, "describe": f"{path}/describe", "rowTemplate": f"{path}/{{ID}}"}
        return {**sobject.described, "urls": urls}

    def _load(self, condensed: dict[str, Any]) -> SObject:
        known = [self._expand(entry) for entry in condensed["fields"]]
        return SObject(
            described={**self._defaults["object"], **condensed["object"]},
            children=[{**self._defaults["childRelationship"], **child} for child in condensed["childRelationships"]],
            fields={entry["name"]: Field(entry) for entry in known},
        )

    def _expand(self, entry: dict[str, Any]) -> dict[str, Any]:
        listed = entry.get("picklistValues", [])
        choices = [
            {
                "active": True,
                "defaultValue": len(choice) == 3,
                "label": choice[1] if len(choice) > 1 else choice[0],
                "validFor": None,
                "value": choice[0],
            }
            for choice in (self._time_zones if listed == "_time_zones" else listed)
        ]
        return {**self._defaults["field"], **entry, "picklistValues": choices}
