"""The objects and fields of the organisation, as describe tells them.

Belongs here: loading the recorded describe results, custom fields, and describe's own answers.
Not here: records. The files in describe/ are condensed: what is missing in an entry has the value
that `_defaults.json` gives.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
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
_LENGTHS = {
    "email": 80,
    "multipicklist": 4099,
    "phone": 40,
    "picklist": 255,
    "reference": 18,
    "string": 255,
    "url": 255,
}
_NUMBERS = ("currency", "double", "percent")
_ACTIONS = {"create": "createable", "update": "updateable", "delete": "deletable"}
_MASTER_RECORD_TYPE = "012000000000000AAA"
_ONLY_WHEN_WHOLE = (
    *("compactLayoutable", "defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy"),
    *("implementsInterfaces", "listviewable", "lookupLayoutable", "networkScopeFieldName", "searchLayoutable"),
    "sobjectDescribeOption",
)
"""Keys that the list of objects does not tell (recorded describe results)."""
_LAYOUTS = {
    "compactLayouts": "describe/compactLayouts",
    "approvalLayouts": "describe/approvalLayouts",
    "listviews": "listviews",
    "quickActions": "quickActions",
    "layouts": "describe/layouts",
}


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
    hidden: set[str] = field(default_factory=set)
    """Names of fields that clients do not see (field-level security)."""
    locked: set[str] = field(default_factory=set)
    """Names of fields that clients can read only."""
    denied: set[str] = field(default_factory=set)
    """What clients may not do with the object: create, read, update, delete."""

    def __post_init__(self) -> None:
        self.name: str = self.described["name"]
        self.key_prefix: str = self.described["keyPrefix"]
        self._by_lower_name: dict[str, Field] = {}
        self._by_relationship: dict[str, Field] = {}
        for known in self.fields.values():
            self._index(known)
        self.required: list[Field] = [known for known in self.fields.values() if known.required_on_create]

    def add(self, new: Field) -> None:
        """Add a field; one of the same name is replaced."""
        self.fields[new.name] = new
        self._index(new)
        self.required = [known for known in self.fields.values() if known.required_on_create]

    def find(self, name: str) -> Field | None:
        """The field of this name in any letter case, if clients see it."""
        known = self.find_any(name)
        return None if known is not None and known.name in self.hidden else known

    def find_any(self, name: str) -> Field | None:
        """The field of this name in any letter case, also a hidden one."""
        return self.fields.get(name) or self._by_lower_name.get(name.lower())

    def find_relationship(self, name: str) -> Field | None:
        """The reference field whose relationship (`Account`, `Custom__r`) has this name, if clients see it."""
        known = self._by_relationship.get(name.lower())
        return None if known is not None and known.name in self.hidden else known

    def visible(self) -> list[Field]:
        """The fields that clients see, in the order of describe."""
        return [known for known in self.fields.values() if known.name not in self.hidden]

    def allows(self, action: str) -> bool:
        """Whether the object knows the action (create, update, delete) at all and clients may do it."""
        return bool(self.described[_ACTIONS[action]]) and action not in self.denied

    @property
    def computes_name(self) -> bool:
        """Whether Name is put together from FirstName and LastName."""
        return "LastName" in self.fields

    def _index(self, known: Field) -> None:
        self._by_lower_name[known.name.lower()] = known
        if known.relationship:
            self._by_relationship[known.relationship.lower()] = known


@cache
def _recorded() -> dict[str, Any]:
    """The files in describe/ by name; never changed in place."""
    folder = files("crm_pipeline.emulator.salesforce") / "describe"
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".json"))
    return {name: json.loads((folder / name).read_text("utf-8")) for name in names}


class Schema:
    """All objects of the organisation."""

    def __init__(self) -> None:
        recorded = _recorded()
        self._defaults, self._time_zones = recorded["_defaults.json"], recorded["_time_zones.json"]
        loaded = [self._load(condensed) for name, condensed in recorded.items() if name[0].isupper()]
        self.objects: dict[str, SObject] = {sobject.name: sobject for sobject in loaded}
        self._by_lower_name = {name.lower(): known for name, known in self.objects.items()}
        self._by_prefix = {known.key_prefix: known for known in loaded}
        self.custom: list[tuple[str, dict[str, Any]]] = []

    def find(self, name: str) -> SObject | None:
        """The object of this name in any letter case, if clients may read it."""
        known = self._by_lower_name.get(name.lower())
        return None if known is not None and "read" in known.denied else known

    def readable(self) -> list[SObject]:
        """The objects that clients may read."""
        return [known for known in self.objects.values() if "read" not in known.denied]

    def by_prefix(self, record_id: str) -> SObject | None:
        """The object that an id belongs to."""
        return self._by_prefix.get(record_id[:3])

    def defaults(self, kind: str) -> dict[str, Any]:
        """A copy of what an `object`, `field` or `childRelationship` of describe has unless said otherwise."""
        return deepcopy(self._defaults[kind])

    def add_object(self, condensed: dict[str, Any]) -> SObject:
        """Add an object that a feature brings: `condensed` is what a file in describe/ holds."""
        sobject = self._load(condensed)
        self.objects[sobject.name] = self._by_lower_name[sobject.name.lower()] = sobject
        self._by_prefix[sobject.key_prefix] = sobject
        return sobject

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
        self._add_child_relationship(self.objects[object_], new)
        self.custom.append((object_, dict(definition)))
        return new

    def _add_child_relationship(self, child: SObject, reference: Field) -> None:
        """A custom lookup is a child relationship of its target, named as Setup proposes: `Contacts__r`."""
        name = child.described["labelPlural"].replace(" ", "_") + "__r"
        own = {"childSObject": child.name, "field": reference.name, "relationshipName": name}
        for target in reference.reference_to:
            parent = self.objects.get(target)
            if parent is not None:
                others = [known for known in parent.children if {**known, **own} != known]
                parent.children = [*others, {**self._defaults["childRelationship"], **own}]

    def add_standard_field(self, object_: str, described: Mapping[str, Any]) -> Field:
        """Add a field that a feature brings: `described` is what its describe entry has apart from the defaults."""
        new = Field({**deepcopy(self._defaults["field"]), **described})
        self.objects[object_].add(new)
        return new

    def describe(self, sobject: SObject, version: str) -> dict[str, Any]:
        """The answer of sobjects/X/describe."""
        readable = {known.name for known in self.readable()}
        master = {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": True,
            "developerName": "Master",
            "master": True,
            "name": "Master",
            "recordTypeId": _MASTER_RECORD_TYPE,
            "urls": {"layout": f"{_path(sobject, version)}/describe/layouts/{_MASTER_RECORD_TYPE}"},
        }
        return {
            **sobject.described,
            **self.describe_briefly(sobject, version),
            "actionOverrides": [],
            "childRelationships": [child for child in sobject.children if child["childSObject"] in readable],
            "fields": [self._described_field(sobject, known) for known in sobject.visible()],
            "namedLayoutInfos": [],
            "recordTypeInfos": [master] if sobject.described["layoutable"] else [],
            "supportedScopes": _scopes(sobject),
        }

    def describe_briefly(self, sobject: SObject, version: str) -> dict[str, Any]:
        """The object's entry in the answer of sobjects/."""
        path = _path(sobject, version)
        urls = {"rowTemplate": f"{path}/{{ID}}", "describe": f"{path}/describe", "sobject": path}
        if sobject.described["layoutable"]:
            urls |= {name: f"{path}/{end}" for name, end in _LAYOUTS.items()}
        told = {key: value for key, value in sobject.described.items() if key not in _ONLY_WHEN_WHOLE}
        allowed = {key: sobject.allows(action) for action, key in _ACTIONS.items()}
        return {**told, **allowed, "urls": urls}

    @staticmethod
    def _described_field(sobject: SObject, known: Field) -> dict[str, Any]:
        if known.name not in sobject.locked:
            return known.described
        return {**known.described, "createable": False, "updateable": False}

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


def _path(sobject: SObject, version: str) -> str:
    return f"/services/data/v{version}/sobjects/{sobject.name}"


def _scopes(sobject: SObject) -> list[dict[str, str]]:
    """Names that a query may use after USING SCOPE."""
    several = sobject.described["labelPlural"].lower()
    everything = [{"label": f"All {several}", "name": "everything"}]
    return everything + [{"label": f"My {several}", "name": "mine"}] * ("OwnerId" in sobject.fields)
