"""What an organisation is: owners, records in CRM field names with their past, and who is really who.

Belongs here: the data that `generate` and `guide` give and `load` takes. Not here: how it is made up or loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crm_pipeline.model import System

#: A record in CRM field names. An owner field holds the owner's e-mail; AccountId the index of the account in its list.
Fields = dict[str, str | int | None]

#: Where records are kept: system and CRM object.
Place = tuple[System, str]

COMPANIES: Place = (System.HUBSPOT, "companies")
CONTACTS: Place = (System.HUBSPOT, "contacts")
ACCOUNT: Place = (System.SALESFORCE, "Account")
CONTACT: Place = (System.SALESFORCE, "Contact")
LEAD: Place = (System.SALESFORCE, "Lead")


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
    """A user of the CRMs; `systems` says in which of them there is an account."""

    e_mail: str
    family_name: str
    given_name: str
    systems: tuple[System, ...] = (System.HUBSPOT, System.SALESFORCE)


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

    `records` has a list for each place; `primary_companies` are pairs (index of a HubSpot contact, index of its primary
    HubSpot company); `truth` names every record once, so a matcher can be measured.
    """

    owners: list[Owner]
    records: dict[Place, list[Record]]
    primary_companies: list[tuple[int, int]]
    truth: list[Truth]
