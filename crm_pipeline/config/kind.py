"""Everything that the mapping says about one kind of record: people, companies, deals and so on.

Belongs here: a kind's objects with their switches, its key and its fields. Not here: a single field (field.py), the
file as a whole (mapping.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import (
    AwareDatetime,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import InitErrorDetails

from crm_pipeline.config.field import FieldMapping, FieldName, IdentityField, Role, line_for
from crm_pipeline.config.filter import Filter
from crm_pipeline.config.pair import Pair
from crm_pipeline.config.relation import shared
from crm_pipeline.config.stage import pipeline_field
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import LINKED, MATCHED, Kind, Rule, System, Value, may_hold


class SyncSwitch(Strict):
    """What may be done in each direction for one pair of objects (the guide's 連携しない is `off`).

    `filter`: which records take part; `on_record_delete`: what becomes of the other side's records when the last record
    of a side was deleted in its CRM.
    """

    to_salesforce: Literal["off", "update", "create"]
    to_hubspot: Literal["off", "update", "create"]
    filter: Filter = Field(default_factory=Filter)
    on_record_delete: Literal["unlink", "archive_other_side"] = "unlink"

    @model_serializer(mode="wrap")
    def _dumped(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What says nothing new is left out: the hash of a mapping from before there were filters stays."""
        data: dict[str, Any] = handler(self)
        if self.filter == Filter():
            del data["filter"]
        if self.on_record_delete == "unlink":
            del data["on_record_delete"]
        return data

    @field_validator("to_salesforce", "to_hubspot", mode="before")
    @classmethod
    def _off_is_a_word(cls, value: Any) -> Any:
        """YAML reads `off` as false."""
        return "off" if value is False else value

    def towards(self, system: System) -> Literal["off", "update", "create"]:
        return self.to_hubspot if system is System.HUBSPOT else self.to_salesforce


class KeyFields(Strict):
    """The unique field of our own, in each CRM, that makes a create idempotent. Written once, never identity."""

    hubspot: str
    salesforce: str

    def of(self, system: System) -> str:
        return self.hubspot if system is System.HUBSPOT else self.salesforce


#: The rule under which a CRM is never written.
_ALWAYS = {System.HUBSPOT: Rule.ALWAYS_HUBSPOT, System.SALESFORCE: Rule.ALWAYS_SALESFORCE}
#: What only kinds that are linked, never matched, can say.
_FOR_LINKED = ("pairs", "linked_by", "since", "backfill")


def _wrong_field(number: int, mistake: str) -> ValidationError:
    """A mistake of one of the fields, so that its line is named."""
    context = {"error": ValueError(mistake)}
    wrong = InitErrorDetails(type="value_error", loc=("fields", number), input=number, ctx=context)
    return ValidationError.from_exception_data("fields", [wrong])


class KindMapping(Strict):
    """Everything about one kind of record. `hubspot`: its object there, the first one of several.

    Of kinds that are linked, never matched: `pairs` where an object stands for several; `linked_by`: a CRM's field that
    holds the other CRM's record id, as other software left it, read where there is one; `since`: only records created
    after it are created on the other side, the time when that was switched on if it says nothing; `backfill`: all are.
    """

    kind: Kind
    hubspot: str
    salesforce: dict[str, SyncSwitch]
    key: KeyFields
    identity: tuple[IdentityField, ...] = ()
    fields: tuple[FieldMapping, ...]
    pairs: tuple[Pair, ...] = ()
    linked_by: dict[str, FieldName] = Field(default_factory=dict)
    since: AwareDatetime | None = None
    backfill: bool = False

    @model_serializer(mode="wrap")
    def _dumped(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What says nothing is left out: hashes of kinds that are matched do not know of it."""
        data: dict[str, Any] = handler(self)
        return {k: v for k, v in data.items() if v or k not in _FOR_LINKED}

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
        for system, object_ in self.objects:
            own = sorted(o for s, o in may_hold(self.kind) if s is system)
            if object_ not in own:
                raise ValueError(
                    f"{system.label} keeps no {self.kind} records in '{object_}'; choose from {', '.join(own)}"
                )
        self._check_linked()
        lines = {line_for(object_) for _, object_ in self.objects}
        for field in self.fields:
            for part in field.parts:
                for line in part.names:
                    if line not in lines:
                        raise ValueError(
                            f"field {field.name} names the object {line}, which is not listed under salesforce"
                            + ("" if self.kind in MATCHED else " or in pairs")
                        )
        for system, object_ in self.objects:
            seen: dict[str, str] = {}
            for number, field in enumerate(self.fields):
                never = field.rule in (Rule.DONT_SYNC, _ALWAYS[system])
                if never or not field.has(object_) or field.read_only(object_):
                    continue
                for name in field.names(object_):
                    name = f"{name} of a {field.refers_to}" if field.refers_to and shared(name) else name
                    if name in seen:
                        whose = f"fields {seen[name]} and {field.name} both write"
                        raise _wrong_field(
                            number,
                            f"{whose if seen[name] != field.name else 'two parts write'} {system.label} "
                            f"{object_}.{name}; a CRM field can belong to one mapped field only",
                        )
                    seen[name] = field.name
        return self

    @model_validator(mode="after")
    def _filters_name_fields(self) -> KindMapping:
        fields = {field.name: field for field in self.fields}
        mistakes = [
            InitErrorDetails(
                type="value_error",
                loc=("salesforce", object_, "filter", *place),
                input="",
                ctx={"error": ValueError(text)},
            )
            for object_, switch in self.salesforce.items()
            for place, text in switch.filter.mistakes(
                fields, {System.HUBSPOT: self.hubspot, System.SALESFORCE: object_}
            )
        ]
        if mistakes:
            raise ValidationError.from_exception_data("filter", mistakes)
        return self

    def _check_linked(self) -> None:
        """What is said about counterparts names this kind's objects, and only kinds that are linked say it."""
        for pair in self.pairs:
            if pair.salesforce not in self.salesforce:
                raise ValueError(f"pairs names {pair.salesforce}, which is not listed under salesforce")
        if self.kind in LINKED:
            return
        for name in _FOR_LINKED:
            if getattr(self, name):
                raise ValueError(f"{name} is for kinds that are linked by id; a {self.kind} is matched")

    @property
    def counterparts(self) -> tuple[Pair, ...]:
        """Which objects' records can be linked: `pairs`, else HubSpot's object with each of Salesforce's."""
        return self.pairs or tuple(Pair(hubspot=self.hubspot, salesforce=object_) for object_ in self.salesforce)

    @property
    def hubspot_objects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.hubspot, *(pair.hubspot for pair in self.pairs))))

    @property
    def objects(self) -> tuple[tuple[System, str], ...]:
        return (
            *((System.HUBSPOT, object_) for object_ in self.hubspot_objects),
            *((System.SALESFORCE, object_) for object_ in self.salesforce),
        )

    @property
    def is_off(self) -> bool:
        """Whether nothing is written in either direction: such records are read for the view only."""
        return all(s.to_salesforce == s.to_hubspot == "off" for s in self.salesforce.values())

    def is_kind(self, object_: str, fields: Mapping[str, Value]) -> bool:
        """Whether a record of one of its objects is of this kind: a Salesforce task can be a task or an activity."""
        return self.pair_of(object_, fields) is not None

    def pair_of(self, object_: str, fields: Mapping[str, Value]) -> Pair | None:
        """The objects that a record of this kind and its counterpart are in; None if it is of another kind."""
        for pair in self.counterparts:
            if object_ == pair.hubspot or (object_ == pair.salesforce and pair.means(fields)):
                return pair
        return None

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
        """All field names and paths that the mapping reads from an object, each once, the key field and the pipelines
        of stages included."""
        names: dict[str, None] = {}
        for field in self.fields:
            if field.has(object_) and not field.is_relation(object_):
                names.update(dict.fromkeys(field.names(object_)))
                pipelines = (pipeline_field(object_, name) for name in field.names(object_))
                names.update(dict.fromkeys(name for name in pipelines if name))
        for extra in self.identity:
            if line_for(object_) in extra.names:
                names[extra.names[line_for(object_)]] = None
        for pair in self.pairs:
            if object_ == pair.salesforce:
                names.update(dict.fromkeys(pair.only))
        names[self.key.hubspot if object_ in self.hubspot_objects else self.key.salesforce] = None
        return tuple(names)

    def link_field(self, object_: str) -> str | None:
        """The field of an object that may hold the id of the other CRM's record, where the CRM has that field."""
        return self.linked_by.get(line_for(object_))

    def roles(self, object_: str) -> Iterator[tuple[Role, str]]:
        """(role, CRM field name) of everything that matching reads from an object, in mapping order."""
        for field in self.fields:
            for part in field.parts:
                if part.role and line_for(object_) in part.names:
                    yield part.role, part.names[line_for(object_)]
        for extra in self.identity:
            if line_for(object_) in extra.names:
                yield extra.role, extra.names[line_for(object_)]
