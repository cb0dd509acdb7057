"""Which records belong to which: the relations of spec objects-and-fields.md, as each CRM keeps them.

Belongs here: what there is to read. Not here: reading it (associations.py of HubSpot's, look_ups.py of Salesforce's).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.model import System


@dataclass(frozen=True)
class Relation:
    """A relation of HubSpot, read from its side of few: a deal has some contacts, a contact can have any number."""

    from_object: str
    to_object: str

    @property
    def name(self) -> str:
        """What it is called in `raw.watermark`."""
        return f"{self.from_object}/{self.to_object}"


_ACTIVITY = ("contacts", "companies", "deals", "tickets")

HUBSPOT: tuple[Relation, ...] = tuple(
    Relation(from_object, to_object)
    for from_object, to_objects in {
        "contacts": ("companies",),
        "deals": ("companies", "contacts"),
        "tickets": ("companies", "contacts"),
        "tasks": _ACTIVITY,
        "calls": _ACTIVITY,
        "emails": _ACTIVITY,
        "meetings": _ACTIVITY,
        "notes": _ACTIVITY,
    }.items()
    for to_object in to_objects
)


@dataclass(frozen=True)
class LookUp:
    """A relation of Salesforce: `field` of `source` holds the id of the other record.

    `to_objects`: what it may lead to; of several, the beginning of the id tells which. An empty one stands for every
    object that is not read (a campaign, a custom object): its records are related, but unknown here. Where `source`
    stands between two records, `from_object` and `from_field` name the one that it belongs to, and `primary` and
    `label` are fields of `source`.
    """

    source: str
    field: str
    to_objects: tuple[str, ...]
    from_object: str = ""
    from_field: str = ""
    primary: str = ""
    label: str = ""

    @property
    def of(self) -> str:
        return self.from_object or self.source

    @property
    def name(self) -> str:
        """What it is called in `raw.watermark`: Contact/Account, Task/Who."""
        return f"{self.of}/{self.to_objects[0] if len(self.to_objects) == 1 else self.field.removesuffix('Id')}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields of `source` without which the relation is unknown."""
        return (self.field, self.from_field) if self.from_field else (self.field,)


_WHO = ("Contact", "Lead")
_WHAT = ("Account", "Opportunity", "Case", "")

SALESFORCE: tuple[LookUp, ...] = (
    LookUp("Contact", "AccountId", ("Account",)),
    LookUp("Opportunity", "AccountId", ("Account",)),
    LookUp("OpportunityContactRole", "ContactId", ("Contact",), "Opportunity", "OpportunityId", "IsPrimary", "Role"),
    LookUp("Case", "AccountId", ("Account",)),
    LookUp("Case", "ContactId", ("Contact",)),
    LookUp("Task", "WhoId", _WHO),
    LookUp("Task", "WhatId", _WHAT),
    LookUp("Event", "WhoId", _WHO),
    LookUp("Event", "WhatId", _WHAT),
)

#: First three characters of a Salesforce id -> object, of standard objects the same in every organisation
#: (https://help.salesforce.com/s/articleView?id=000385203).
KEY_PREFIXES: Mapping[str, str] = {
    "001": "Account",
    "003": "Contact",
    "006": "Opportunity",
    "00Q": "Lead",
    "500": "Case",
}


def needed(system: System, object_: str) -> tuple[str, ...]:
    """The fields of an object that relations are read from, each once."""
    if system is System.HUBSPOT:
        return ()
    fields = (name for one in SALESFORCE if one.source == object_ for name in (*one.needs, one.primary, one.label))
    return tuple(dict.fromkeys(name for name in fields if name))
