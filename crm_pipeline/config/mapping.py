"""Which field of HubSpot is which field of Salesforce, and by which rule: the models behind mapping.yaml."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from crm_pipeline.config.strict import Strict
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS, Kind, Rule, System


class FieldType(StrEnum):
    """How values are compared (canonical.py) and written (spec objects-and-fields.md, Values)."""

    TEXT = "text"
    E_MAIL = "e_mail"
    PHONE = "phone"
    URL = "url"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    BOOLEAN = "boolean"
    PICKLIST = "picklist"
    MULTI_PICKLIST = "multi_picklist"
    USER = "user"


Role = Literal[
    "family_name",
    "given_name",
    "e_mail",
    "phone",
    "company",
    "postal_code",
    "prefecture",
    "city",
    "street",
    "country",
    "birth_date",
    "job_title",
    "website",
]


#: What a part's line is called in YAML for HubSpot's one object; Salesforce's objects go by their own names.
_HUBSPOT = "hubspot"
_LINES = frozenset({_HUBSPOT} | {object_ for system, object_ in OBJECTS if system is System.SALESFORCE})


def _line(object_: str) -> str:
    return object_ if object_ in _LINES else _HUBSPOT


#: A CRM field, or a path over relations.
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]


class Label(Strict):
    en: str
    ja: str


class SyncSwitch(Strict):
    """What may be done in each direction for one pair of objects (the guide's 連携しない is `off`)."""

    to_salesforce: Literal["off", "update", "create"]
    to_hubspot: Literal["off", "update", "create"]

    def towards(self, system: System) -> Literal["off", "update", "create"]:
        return self.to_hubspot if system is System.HUBSPOT else self.to_salesforce


class KeyFields(Strict):
    """The unique field of our own, in each CRM, that makes a create idempotent. Written once, never identity."""

    hubspot: str
    salesforce: str

    def of(self, system: System) -> str:
        return self.hubspot if system is System.HUBSPOT else self.salesforce


class Part(Strict):
    """One CRM field an object. `names`: `hubspot` or a Salesforce object -> field name or relation path."""

    name: str
    names: dict[str, FieldName]
    role: Role | None = None


class ValueMap(Strict):
    """HubSpot value -> Salesforce value. Where several HubSpot values meet in one, `preferred` names the way back."""

    to_salesforce: dict[str, str]
    preferred: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _way_back_is_clear(self) -> ValueMap:
        back: dict[str, list[str]] = {}
        for hubspot, salesforce in self.to_salesforce.items():
            back.setdefault(salesforce, []).append(hubspot)
        for salesforce, sources in back.items():
            if len(sources) > 1 and self.preferred.get(salesforce) not in sources:
                raise ValueError(
                    f"the Salesforce value '{salesforce}' has several HubSpot values; "
                    f"name one of {sources} under preferred"
                )
        return self

    def to_hubspot(self) -> dict[str, str]:
        return {s: h for h, s in self.to_salesforce.items()} | self.preferred


class FieldMapping(Strict):
    """One mapped field, or a group of parts that is one value (spec sync-rules.md, Words)."""

    name: str
    label: Label = Field(exclude=True)
    type: FieldType = FieldType.TEXT
    rule: Rule = Rule.PREFER_SALESFORCE
    parts: tuple[Part, ...]
    values: ValueMap | None = None
    write_to: Literal["all", "primary"] = "all"
    edit_vs_clear: Literal["edit_wins", "latest", "clear_wins"] | None = None
    tie_breaker: System | None = None
    tight: tuple[str | bool, ...] = ()
    default_on_create: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        """A field without `parts` is a group of one: its object lines and its role move into that part."""
        if not isinstance(data, dict):
            return data
        data = dict(data)

        def part(name: str, source: dict[str, Any]) -> dict[str, Any]:
            names = {k: source.pop(k) for k in list(source) if k in _LINES}
            return {"name": name, "names": names, **({"role": source.pop("role")} if "role" in source else {})}

        if "parts" not in data:
            data["parts"] = (part(data.get("name", ""), data),)
        elif isinstance(data["parts"], dict):
            parts = []
            for name, source in data["parts"].items():
                rest = dict(source) if isinstance(source, dict) else {"names": source}
                parts.append({**part(name, rest), **rest})
            data["parts"] = tuple(parts)
        return data

    @model_validator(mode="after")
    def _complete(self) -> FieldMapping:
        if self.rule is Rule.RATCHET and not self.tight:
            raise ValueError("the rule ratchet needs tight: the values that may only be set, such as [true]")
        if self.rule is not Rule.RATCHET and self.tight:
            raise ValueError("tight belongs to the rule ratchet only")
        objects = [frozenset(p.names) for p in self.parts]
        if len(set(objects)) > 1:
            raise ValueError(
                "every part of a group needs a field in the same objects, or a group could be written in half"
            )
        if not objects or _HUBSPOT not in objects[0] or len(objects[0]) < 2:
            raise ValueError("a field needs a HubSpot property and a field in at least one Salesforce object")
        return self

    def has(self, object_: str) -> bool:
        """Whether the field is mapped for this CRM object; a field that is not takes no part."""
        return _line(object_) in self.parts[0].names

    def names(self, object_: str) -> tuple[str, ...]:
        """The CRM's field names of the parts, in order."""
        return tuple(part.names[_line(object_)] for part in self.parts)

    def read_only(self, object_: str) -> bool:
        """A path over a relation is read, never written."""
        return any("." in name for name in self.names(object_))


class IdentityField(Strict):
    """A CRM field that is read for matching only. `names` as in Part."""

    role: Role
    names: dict[str, str]

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if isinstance(data, dict) and "names" not in data:
            return {"role": data.get("role"), "names": {k: v for k, v in data.items() if k != "role"}}
        return data


class KindMapping(Strict):
    """Everything about people, or about companies."""

    kind: Kind
    hubspot: str
    salesforce: dict[str, SyncSwitch]
    key: KeyFields
    identity: tuple[IdentityField, ...] = ()
    fields: tuple[FieldMapping, ...]

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("fields"), dict):
            fields = data["fields"].items()
            named = tuple({"name": n, **f} if isinstance(f, dict) else f for n, f in fields)
            return {**data, "fields": named}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> KindMapping:
        own = {
            object_ for (system, object_), kind in OBJECTS.items() if kind is self.kind and system is System.SALESFORCE
        }
        if self.hubspot not in {o for (s, o), k in OBJECTS.items() if k is self.kind and s is System.HUBSPOT}:
            raise ValueError(f"HubSpot keeps no {self.kind} records in '{self.hubspot}'")
        for object_ in self.salesforce:
            if object_ not in own:
                raise ValueError(f"Salesforce keeps no {self.kind} records in '{object_}'; choose from {sorted(own)}")
        for field in self.fields:
            for part in field.parts:
                for object_ in part.names:
                    if object_ != _HUBSPOT and object_ not in self.salesforce:
                        raise ValueError(
                            f"field {field.name} names the object {object_}, which is not listed under salesforce"
                        )
        for system, object_ in self.objects:
            seen: dict[str, str] = {}
            for field in self.fields:
                if not field.has(object_) or field.rule is Rule.DONT_SYNC or field.read_only(object_):
                    continue
                for name in field.names(object_):
                    if name in seen:
                        raise ValueError(
                            f"fields {seen[name]} and {field.name} both write {system.label} {object_}.{name}; "
                            "a CRM field can belong to one mapped field only"
                        )
                    seen[name] = field.name
        return self

    @property
    def objects(self) -> tuple[tuple[System, str], ...]:
        return ((System.HUBSPOT, self.hubspot), *((System.SALESFORCE, object_) for object_ in self.salesforce))

    def switch(self, object_: str) -> SyncSwitch:
        """The sync switch of a Salesforce object."""
        return self.salesforce[object_]

    def field(self, name: str) -> FieldMapping:
        return next(f for f in self.fields if f.name == name)

    def crm_fields(self, object_: str) -> tuple[str, ...]:
        """All field names and paths that the mapping reads from an object, each once, the key field included."""
        names: dict[str, None] = {}
        for field in self.fields:
            if field.has(object_):
                names.update(dict.fromkeys(field.names(object_)))
        for extra in self.identity:
            if _line(object_) in extra.names:
                names[extra.names[_line(object_)]] = None
        names[self.key.hubspot if object_ == self.hubspot else self.key.salesforce] = None
        return tuple(names)

    def roles(self, object_: str) -> Iterator[tuple[Role, str]]:
        """(role, CRM field name) of everything that matching reads from an object, in mapping order."""
        for field in self.fields:
            for part in field.parts:
                if part.role and _line(object_) in part.names:
                    yield part.role, part.names[_line(object_)]
        for extra in self.identity:
            if _line(object_) in extra.names:
                yield extra.role, extra.names[_line(object_)]


class Mapping(Strict):
    """The whole mapping. `source` is the file it came from; it and `read` have no part in the hash."""

    person: KindMapping
    company: KindMapping
    #: System -> object -> fields, of the objects that are read and not written.
    read: dict[System, dict[str, tuple[FieldName, ...]]] = Field(default_factory=dict, exclude=True)
    source: str = Field(exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _kinds(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: {"kind": key, **value} if key in ("person", "company") and isinstance(value, dict) else value
                for key, value in data.items()
            }
        return data

    @model_validator(mode="after")
    def _reads_what_there_is(self) -> Mapping:
        for system, objects in self.read.items():
            known = [object_ for at, object_ in OTHER_OBJECTS if at is system]
            for object_ in objects:
                if object_ not in known:
                    raise ValueError(f"read: {system.label} {object_} cannot be read; choose from {known}")
        return self

    def of(self, kind: Kind) -> KindMapping:
        return self.person if kind is Kind.PERSON else self.company

    @property
    def objects(self) -> tuple[tuple[System, str], ...]:
        """All CRM objects, companies first: parents before children."""
        return (*self.company.objects, *self.person.objects)

    @property
    def read_objects(self) -> tuple[tuple[System, str], ...]:
        """All CRM objects that are read: the mapped ones, then those of `read`."""
        return (*self.objects, *((system, object_) for system, fields in self.read.items() for object_ in fields))

    def kind_of(self, object_: str) -> KindMapping:
        return self.company if any(object_ == o for _, o in self.company.objects) else self.person

    def own_fields(self, object_: str) -> list[str]:
        """The CRM's own fields of an object that are mapped, without paths over a relation."""
        return [name for name in self.kind_of(object_).crm_fields(object_) if "." not in name]

    @property
    def hash(self) -> str:
        """Changes when, and only when, something that decides a write changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
