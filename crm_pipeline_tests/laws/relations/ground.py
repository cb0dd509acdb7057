"""The mapping of the families: which kinds there are, which references lead from one to another, and by which rule.

Belongs here: names, settings, schemas. Not here: records (crm.py), what a reference should be (model.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import Kind, System
from crm_pipeline_tests.laws.machine.ground import KEYS
from crm_pipeline_tests.laws.machine.raw_rows import schema_row
from crm_pipeline_tests.laws.machine.weather import Weather
from crm_pipeline_tests.narrow import people_and_companies

H, S = System.HUBSPOT, System.SALESFORCE
COMPANY, PERSON, DEAL, TASK = Kind.COMPANY, Kind.PERSON, Kind.DEAL, Kind.TASK
#: Kind -> its objects; a new person of Salesforce is whatever the climate says.
OBJECTS = {
    COMPANY: {H: ("companies",), S: ("Account",)},
    PERSON: {H: ("contacts",), S: ("Lead", "Contact")},
    DEAL: {H: ("deals",), S: ("Opportunity",)},
    TASK: {H: ("tasks",), S: ("Task",)},
}
KIND_OF = {object_: kind for kind, sides in OBJECTS.items() for objects in sides.values() for object_ in objects}
NAME = {"companies": "name", "Account": "Name", "contacts": "lastname", "Lead": "LastName", "Contact": "LastName"} | {
    "deals": "dealname",
    "Opportunity": "Name",
    "tasks": "hs_task_subject",
    "Task": "Subject",
}
PREFIXES = {"Account": "001", "Contact": "003", "Opportunity": "006", "Lead": "00Q", "Task": "00T"}
ROLES = "OpportunityContactRoles.ContactId"


@dataclass(frozen=True)
class Reference:
    """A field that leads from a kind to another one. `names`: object -> CRM field or relation."""

    name: str
    of: Kind
    to: Kind
    names: dict[str, str]
    many: bool = False


REFERENCES = (
    Reference("parent", COMPANY, COMPANY, {"companies": "law_parent", "Account": "ParentId"}),
    Reference("employer", PERSON, COMPANY, {"contacts": "associations.companies", "Contact": "AccountId"}),
    Reference("account", DEAL, COMPANY, {"deals": "associations.companies", "Opportunity": "AccountId"}),
    Reference("people", DEAL, PERSON, {"deals": "associations.contacts", "Opportunity": ROLES}, many=True),
    Reference("person", TASK, PERSON, {"tasks": "associations.contacts", "Task": "WhoId"}),
    Reference("deal", TASK, DEAL, {"tasks": "associations.deals", "Task": "WhatId"}),
)
OWNERS = {H: ("901", "902"), S: ("005901", "005902")}
OWNER = {"deals": "hubspot_owner_id", "Opportunity": "OwnerId"}


@dataclass(frozen=True)
class Climate(Weather):
    """What the families of a run share. `new_person`: the Salesforce object that new people get; `creating`: kinds that
    are created on the other side, the others are updated only; `mastered`: `employer` follows Salesforce."""

    new_person: str = "Contact"
    creating: frozenset[tuple[Kind, System]] = frozenset((kind, side) for kind in OBJECTS for side in System)
    mastered: bool = False

    @classmethod
    def drawn(cls, rng: random.Random, nights: int = 5) -> Climate:
        common = Weather.drawn(rng, nights)
        always = cls.creating
        fewer = frozenset(one for one in sorted(always) if rng.random() < 0.8)
        return cls(
            skew=common.skew,
            edit_vs_clear=common.edit_vs_clear,
            tracked=common.tracked,
            crashes={n: rng.randint(1, 120) for n in range(nights) if rng.random() < 0.4},
            new_person=rng.choice(("Contact", "Contact", "Lead")),
            creating=always if rng.random() < 0.5 else fewer,
            mastered=rng.random() < 0.25,
        )

    def creates(self, kind: Kind, side: System) -> bool:
        return (kind, side) in self.creating

    def rule(self, reference: Reference) -> str:
        return "always_salesforce" if self.mastered and reference.name == "employer" else "two_way"


def settings(climate: Climate) -> Settings:
    """The product's settings with the families' kinds."""
    default = people_and_companies(load_settings())
    kinds = {str(kind): _kind(kind, climate) for kind in OBJECTS}
    mapping = default.mapping.model_copy(update=kinds)
    sync = default.sync.model_copy(update={"edit_vs_clear": climate.edit_vs_clear})
    return default.model_copy(update={"mapping": mapping, "sync": sync})


def _kind(kind: Kind, climate: Climate) -> KindMapping:
    label = {"en": "x", "ja": "x"}
    (hubspot,), salesforce = OBJECTS[kind][H], OBJECTS[kind][S]

    def lines(names: dict[str, str]) -> dict[str, str]:
        return {"hubspot" if object_ == hubspot else object_: name for object_, name in names.items()}

    named = {one: NAME[one] for one in (hubspot, *salesforce)}
    fields: dict[str, object] = {"name": {"label": label, "rule": "two_way", **lines(named)}}
    if kind is PERSON:
        company = {"label": label, "hubspot": "company", "Lead": "Company", "default_on_create": {"Lead": "-"}}
        fields["company"] = company
    if kind is DEAL:
        fields["owner"] = {"label": label, "type": "user", "rule": "two_way", **lines(OWNER)}
    for one in REFERENCES:
        if one.of is kind:
            told = {"label": label, "type": "reference", "refers_to": one.to, "rule": climate.rule(one)}
            fields[one.name] = told | lines(one.names) | ({"many": True} if one.many else {})

    def towards(side: System, object_: str) -> str:
        created = climate.creates(kind, side) and (side is H or kind is not PERSON or object_ == climate.new_person)
        return "create" if created else "update"

    switches = {o: {"to_salesforce": towards(S, o), "to_hubspot": towards(H, o)} for o in salesforce}
    linked = {"backfill": True} if kind in (DEAL, TASK) else {}
    told = {"kind": kind, "hubspot": hubspot, "salesforce": switches, "fields": fields, **linked}
    return KindMapping.model_validate({**told, "key": {"hubspot": KEYS[H], "salesforce": KEYS[S]}})


_LOOK_UPS = {"ParentId": "Account", "AccountId": "Account", "WhoId": "Contact", "WhatId": "Account", "OwnerId": "User"}


def schema_rows(settings: Settings) -> Iterator[dict[str, object]]:
    """raw.schema_field of every object that is synced."""
    for kind in settings.mapping.kinds:
        for system, object_ in kind.objects:
            for name in kind.crm_fields(object_):
                row = schema_row(system, object_, name)
                if name in _LOOK_UPS:
                    row |= {"type": "reference", "refers_to": _LOOK_UPS[name]}
                if name == OWNER["deals"]:
                    row |= {"type": "enumeration", "field_type": "select", "refers_to": "OWNER"}
                yield row


def relations() -> Iterator[tuple[System, str]]:
    """What raw.watermark calls the relations that were read."""
    yield from ((H, f"{of}/{to}") for of in ("contacts", "deals", "tasks") for to in ("companies", "contacts", "deals"))
    yield S, "Opportunity/Contact"
