"""Who there is to deal with: firms with their records in both CRMs, and people with theirs.

Belongs here: finding them in an organisation. Not here: what is done with them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.emulator.organisation.generate import PRIMARY_COMPANY
from crm_pipeline.emulator.organisation.model import (
    ACCOUNT,
    COMPANIES,
    CONTACT,
    CONTACTS,
    LEAD,
    Organisation,
    Place,
    Record,
    Ref,
)


@dataclass(frozen=True)
class Firm:
    """A firm as it stands in one CRM or in both; `contacts` are HubSpot's, `people` Salesforce's Contacts."""

    name: str
    since: datetime
    company: Ref | None
    account: Ref | None
    contacts: tuple[Ref, ...]
    people: tuple[Ref, ...]


@dataclass(frozen=True)
class Person:
    """Somebody as they stand in one CRM, or as a HubSpot contact and a Salesforce Contact; with the firms there."""

    name: str
    since: datetime
    contact: Ref | None
    company: Ref | None
    record: Ref | None
    account: Ref | None


class Customers:
    """The firms and people of an organisation, by where they are."""

    def __init__(self, organisation: Organisation) -> None:
        self._records = organisation.records
        first: dict[tuple[str, Place], Ref] = {}
        for truth in organisation.truth:
            place = (truth.system, truth.object)
            first.setdefault((truth.entity, place), Ref(place, truth.index))
        self._company_of = {
            link.one: link.other for link in organisation.associations if link.type_id == PRIMARY_COMPANY
        }
        contacts: dict[Ref | None, list[Ref]] = defaultdict(list)
        people: dict[object, list[Ref]] = defaultdict(list)
        for one, other in self._company_of.items():
            contacts[other].append(one)
        for index, row in enumerate(organisation.records.get(CONTACT, [])):
            people[row.fields["AccountId"]].append(Ref(CONTACT, index))
        firms, persons = [], []
        for entity in dict.fromkeys(truth.entity for truth in organisation.truth):
            company, account = first.get((entity, COMPANIES)), first.get((entity, ACCOUNT))
            contact, record = first.get((entity, CONTACTS)), first.get((entity, CONTACT)) or first.get((entity, LEAD))
            if known := [ref for ref in (account, company) if ref]:
                rows = [self.record(ref) for ref in known]
                firms.append(
                    Firm(
                        _name(rows[0]),
                        max(row.created_at for row in rows),
                        company,
                        account,
                        tuple(contacts[company]),
                        tuple(people[account]),
                    )
                )
            else:
                persons.append(self._person(contact, record))
        self.in_both = [firm for firm in firms if firm.company and firm.account]
        self.companies = [firm for firm in firms if firm.company]
        self.accounts = [firm for firm in firms if firm.account]
        self.contacts = [person for person in persons if person.contact]
        self.people = [person for person in persons if person.record]
        self.contacts_of_accounts = [person for person in persons if person.account]
        self.known_to_both = [person for person in self.contacts if person.account]

    def record(self, ref: Ref) -> Record:
        return self._records[ref.place][ref.index]

    def _person(self, contact: Ref | None, record: Ref | None) -> Person:
        rows = [self.record(ref) for ref in (record, contact) if ref]
        account = self.record(record).fields.get("AccountId") if record else None
        return Person(
            _name(rows[0]),
            max(row.created_at for row in rows),
            contact,
            self._company_of.get(contact) if contact else None,
            record,
            account if isinstance(account, Ref) else None,
        )


def _name(record: Record) -> str:
    """What the customer is called there."""
    names = (record.fields.get(name) for name in ("Name", "name", "LastName", "lastname"))
    return next(str(name) for name in names if name)
