"""What an organisation is: owners, records in CRM field names with their past, what belongs together, who is who.

Belongs here: the data that `generate` and `guide` give and `load` takes. Not here: how it is made up or loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crm_pipeline.model import System

#: Where records are kept: system and CRM object.
Place = tuple[System, str]

COMPANIES: Place = (System.HUBSPOT, "companies")
CONTACTS: Place = (System.HUBSPOT, "contacts")
ACCOUNT: Place = (System.SALESFORCE, "Account")
CONTACT: Place = (System.SALESFORCE, "Contact")
LEAD: Place = (System.SALESFORCE, "Lead")
OPPORTUNITY: Place = (System.SALESFORCE, "Opportunity")
OPPORTUNITY_CONTACT_ROLE: Place = (System.SALESFORCE, "OpportunityContactRole")
CASE: Place = (System.SALESFORCE, "Case")
TASK: Place = (System.SALESFORCE, "Task")
EVENT: Place = (System.SALESFORCE, "Event")
DEALS: Place = (System.HUBSPOT, "deals")
TICKETS: Place = (System.HUBSPOT, "tickets")
#: HubSpot's sorts of activities.
ACTIVITIES: tuple[Place, ...] = tuple(
    (System.HUBSPOT, name) for name in ("calls", "emails", "meetings", "notes", "tasks")
)


@dataclass(frozen=True)
class Ref:
    """Record `index` of the list of a place: the value of a field that holds another record's id."""

    place: Place
    index: int


#: A record in CRM field names. An owner field holds the owner's e-mail.
Fields = dict[str, str | int | float | Ref | None]


@dataclass(frozen=True)
class Record:
    """One CRM record as it is now, and how its last edit changed it.

    `before` holds the fields that were changed at `modified_at`, with the values they had until then; it is empty when
    the record was never edited, and then both times are equal. Times have a time zone.
    """

    fields: Fields
    created_at: datetime
    modified_at: datetime
    before: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Owner:
    """A user of the CRMs; `systems` says in which of them there is an account. One who left owns what they owned, and
    cannot be given anything any more."""

    e_mail: str
    family_name: str
    given_name: str
    systems: tuple[System, ...] = (System.HUBSPOT, System.SALESFORCE)
    left: bool = False


@dataclass(frozen=True)
class Association:
    """Two HubSpot records that belong together, by the id of a type that HubSpot defines."""

    one: Ref
    other: Ref
    type_id: int


@dataclass(frozen=True)
class Truth:
    """Record `index` of the list of (system, object) is about the person or company `entity`."""

    system: System
    object: str
    index: int
    entity: str


@dataclass(frozen=True)
class Organisation:
    """Two CRMs of one organisation.

    `records` has a list for each place; `associations` are those of HubSpot; `truth` names every record of a person or
    company once, so a matcher can be measured.
    """

    owners: list[Owner]
    records: dict[Place, list[Record]]
    associations: list[Association]
    truth: list[Truth]
