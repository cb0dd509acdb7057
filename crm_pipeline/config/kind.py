"""Everything that the mapping says about people, or about companies.

Belongs here: a kind's objects with their switches, its key and its fields. Not here: a single field (field.py), the
file as a whole (mapping.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import model_validator

from crm_pipeline.config.field import HUBSPOT, FieldMapping, IdentityField, Role, line_for
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import OBJECTS, Kind, Rule, System


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
                    if object_ != HUBSPOT and object_ not in self.salesforce:
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
        """By name. `people/person-7`: the field for one record that `people` leads to, under that name."""
        field = next(f for f in self.fields if f.name == name.partition("/")[0])
        return field if field.name == name else field.model_copy(update={"name": name})

    @property
    def valued(self) -> tuple[FieldMapping, ...]:
        """The fields that hold something of their own: all but references to other records."""
        return tuple(f for f in self.fields if f.refers_to is None)

    def crm_fields(self, object_: str) -> tuple[str, ...]:
        """All field names and paths that the mapping reads from an object, each once, the key field included."""
        names: dict[str, None] = {}
        for field in self.fields:
            if field.has(object_) and not field.is_relation(object_):
                names.update(dict.fromkeys(field.names(object_)))
        for extra in self.identity:
            if line_for(object_) in extra.names:
                names[extra.names[line_for(object_)]] = None
        names[self.key.hubspot if object_ == self.hubspot else self.key.salesforce] = None
        return tuple(names)

    def roles(self, object_: str) -> Iterator[tuple[Role, str]]:
        """(role, CRM field name) of everything that matching reads from an object, in mapping order."""
        for field in self.fields:
            for part in field.parts:
                if part.role and line_for(object_) in part.names:
                    yield part.role, part.names[line_for(object_)]
        for extra in self.identity:
            if line_for(object_) in extra.names:
                yield extra.role, extra.names[line_for(object_)]
