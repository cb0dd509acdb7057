"""The few words that every stage shares: systems, kinds, rules, tiers, states, and records as a CRM gives them.

Belongs here: enums and small frozen dataclasses without behaviour of a stage. Not here: configuration,
tables, decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum

#: In place of a time that could not be read: the record is set apart with that reason. It is no time in UTC.
UNREADABLE_TIME = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))

#: A field value as a CRM sends it in JSON. HubSpot: text or None; Salesforce: JSON types.
Value = str | int | float | bool | None


class System(StrEnum):
    """A CRM, which is also a side of the sync."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"

    @property
    def other(self) -> System:
        return System.SALESFORCE if self is System.HUBSPOT else System.HUBSPOT

    @property
    def label(self) -> str:
        return "HubSpot" if self is System.HUBSPOT else "Salesforce"


class Kind(StrEnum):
    """What a source record describes. Records of one kind, and only they, can be counterparts in the two CRMs."""

    PERSON = "person"
    COMPANY = "company"
    DEAL = "deal"
    TICKET = "ticket"
    TASK = "task"
    ACTIVITY = "activity"


#: Kinds whose counterparts are found by matching, parents before children.
MATCHED = (Kind.COMPANY, Kind.PERSON)
#: Kinds whose counterparts are known by links only: records that we created, and ids that somebody else left.
LINKED = (Kind.DEAL, Kind.TICKET, Kind.TASK, Kind.ACTIVITY)

#: CRM object -> kind, in the order in which objects are extracted (spec objects-and-fields.md).
OBJECTS: Mapping[tuple[System, str], Kind] = {
    (System.HUBSPOT, "companies"): Kind.COMPANY,
    (System.SALESFORCE, "Account"): Kind.COMPANY,
    (System.HUBSPOT, "contacts"): Kind.PERSON,
    (System.SALESFORCE, "Contact"): Kind.PERSON,
    (System.SALESFORCE, "Lead"): Kind.PERSON,
}


#: CRM object -> what it is to the customer, of the objects that are linked, never matched. Read after the above.
OTHER_OBJECTS: Mapping[tuple[System, str], str] = {
    (System.HUBSPOT, "deals"): "deal",
    (System.HUBSPOT, "tickets"): "ticket",
    (System.HUBSPOT, "tasks"): "task",
    (System.HUBSPOT, "calls"): "activity",
    (System.HUBSPOT, "emails"): "activity",
    (System.HUBSPOT, "meetings"): "activity",
    (System.HUBSPOT, "notes"): "activity",
    (System.SALESFORCE, "Opportunity"): "deal",
    (System.SALESFORCE, "OpportunityContactRole"): "deal_role",
    (System.SALESFORCE, "Case"): "ticket",
    (System.SALESFORCE, "Task"): "task",  # calls and e-mails as well: TaskSubtype tells
    (System.SALESFORCE, "Event"): "activity",
}


def may_hold(kind: Kind) -> tuple[tuple[System, str], ...]:
    """The CRM objects whose records can be of a kind. A Salesforce task may be an activity."""
    found = [at for at, of in (*OBJECTS.items(), *OTHER_OBJECTS.items()) if of == kind]
    return (*found, (System.SALESFORCE, "Task")) if kind is Kind.ACTIVITY else tuple(found)


def record_key(system: System | str, object_: str, record_id: str) -> str:
    """One text that names a source record in every table: `hubspot/contacts/151`."""
    return f"{system}/{object_}/{record_id}"


def split_record_key(key: str) -> tuple[System, str, str]:
    """The system, object and record id of a `record_key`."""
    system, object_, record_id = key.split("/", 2)
    return System(system), object_, record_id


class Rule(StrEnum):
    """Sync rules of a field (spec sync-rules.md); the first four are the guide's."""

    PREFER_SALESFORCE = "prefer_salesforce"
    ALWAYS_SALESFORCE = "always_salesforce"
    TWO_WAY = "two_way"
    DONT_SYNC = "dont_sync"
    PREFER_HUBSPOT = "prefer_hubspot"
    ALWAYS_HUBSPOT = "always_hubspot"
    MOST_COMPLETE = "most_complete"
    ASK = "ask"
    RATCHET = "ratchet"


class Tier(StrEnum):
    """How sure a match is (spec identity.md)."""

    AUTO = "auto"
    RECOMMENDED = "recommended"
    POSSIBLE = "possible"
    NONE = "none"


class Act(StrEnum):
    """What a planned operation does to one record."""

    CREATE = "create"
    UPDATE = "update"
    CLEAR = "clear"
    ARCHIVE = "archive"
    ASSOCIATE = "associate"
    UNLINK_RESTORE = "unlink_restore"


class OpState(StrEnum):
    """End states of a planned operation, `sent` being the only one in between (spec sync-rules.md, Push)."""

    SENT = "sent"
    LANDED = "landed"
    REJECTED = "rejected"
    INVALID = "invalid"
    STALE = "stale"
    BLOCKED = "blocked"
    QUARANTINED = "quarantined"
    HELD_BY_GUARD = "held_by_guard"
    NOT_SENT = "not_sent"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


class PlanState(StrEnum):
    """Life of a plan (spec sync-rules.md, Plan)."""

    PROPOSED = "proposed"
    HELD = "held"
    APPROVED = "approved"
    APPLYING = "applying"
    APPLIED = "applied"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Version:
    """One entry of a field's history in a CRM, newest first in a list: the value, since when, and who set it."""

    value: Value
    at: datetime
    source: str = ""


@dataclass(frozen=True)
class SourceRecord:
    """A record as a CRM gave it. A field absent from `fields` is unknown; None is blank.

    `record_id` may differ from the id that was asked for: a merge survivor (facts/hubspot.md, Merge).
    """

    system: System
    object: str
    record_id: str
    created_at: datetime
    modified_at: datetime
    modified_by: str
    fields: Mapping[str, Value]
    history: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return record_key(self.system, self.object, self.record_id)
