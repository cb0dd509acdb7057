"""A made-up bilingual organisation: who is a customer, and in which of the two CRMs how often.

Belongs here: the numbers of an organisation, the draw of overlap and duplicates. Not here: people, firms (entities.py),
fields (records.py), spelling (typing_habits.py), or anything that matches records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from crm_pipeline.emulator.organisation import records
from crm_pipeline.emulator.organisation.entities import Firm, Person, make_firm, make_person
from crm_pipeline.emulator.organisation.model import (
    ACCOUNT,
    COMPANIES,
    CONTACT,
    CONTACTS,
    LEAD,
    Association,
    Organisation,
    Owner,
    Place,
    Record,
    Ref,
    Truth,
)
from crm_pipeline.model import System

#: The organisation's present: a constant, so that a seed means the same records on every day.
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

#: Records at size 1, and the share of them that are a further record of somebody who is there already.
_HUBSPOT_CONTACTS, _HUBSPOT_CONTACTS_AGAIN = 2_000, 0.07
_SALESFORCE_PEOPLE, _SALESFORCE_PEOPLE_AGAIN = 1_500, 0.13
_HUBSPOT_COMPANIES, _SALESFORCE_ACCOUNTS, _COMPANIES_AGAIN = 300, 350, 0.03
#: HubSpot's association type "contact to primary company".
PRIMARY_COMPANY = 1
#: Share of all people and of all firms that are in both CRMs.
_OVERLAP = 0.5

OWNERS = [
    Owner("sato.misaki@our-company.example", "佐藤", "美咲"),
    Owner("suzuki.daichi@our-company.example", "鈴木", "大地"),
    Owner("ito.kaede@our-company.example", "伊藤", "楓"),
    Owner("kobayashi.jun@our-company.example", "小林", "純"),
    Owner("emma.clarke@our-company.example", "Clarke", "Emma"),
    Owner("kato.ryoko@our-company.example", "加藤", "涼子"),
    Owner("oliver.grant@our-company.example", "Grant", "Oliver"),
    Owner("marketing.only@our-company.example", "森", "千尋", (System.HUBSPOT,)),
    Owner("sales.only@our-company.example", "原", "拓海", (System.SALESFORCE,)),
]


def generate(seed: int, size: float = 1.0) -> Organisation:
    """The organisation that belongs to a seed; equal arguments give equal organisations.

    `size` 1.0 is 2,000 HubSpot contacts and 300 companies, 1,500 Salesforce Leads and Contacts and 350 Accounts. Half
    of the people are in both CRMs; some are there twice, as a duplicate or as Lead and Contact.
    """
    random = Random(seed)  # noqa: S311 - made-up data, not a secret
    draft = _Draft(random)
    draft.add_firms(round(_HUBSPOT_COMPANIES * size), round(_SALESFORCE_ACCOUNTS * size))
    draft.add_people(round(_HUBSPOT_CONTACTS * size), round(_SALESFORCE_PEOPLE * size))
    return draft.organisation


class _Draft:
    """An organisation being made up."""

    def __init__(self, random: Random) -> None:
        self.organisation = Organisation(list(OWNERS), {place: [] for place in _PLACES}, [], [])
        self._random = random
        self._firms: list[Firm] = []
        self._company_of: dict[str, int] = {}
        self._account_of: dict[str, int] = {}
        self._hubspot_e_mails: set[str] = set()

    def add_firms(self, companies: int, accounts: int) -> None:
        domains: set[str] = set()
        in_hubspot, in_salesforce = (
            _first_records(companies, _COMPANIES_AGAIN),
            _first_records(accounts, _COMPANIES_AGAIN),
        )
        both, total = _shared(in_hubspot, in_salesforce)
        self._firms = [make_firm(self._random, number, domains) for number in range(1, total + 1)]
        hubspot, salesforce = self._firms[:in_hubspot], self._firms[in_hubspot - both :]
        for firm in hubspot + self._random.choices(hubspot, k=companies - len(hubspot)):
            record = records.company_in_hubspot(self._random, firm, self._owner(System.HUBSPOT), NOW)
            self._company_of.setdefault(firm.entity, self._add(COMPANIES, record, firm.entity))
        for firm in salesforce + self._random.choices(salesforce, k=accounts - len(salesforce)):
            record = records.account(self._random, firm, self._owner(System.SALESFORCE), NOW)
            self._account_of.setdefault(firm.entity, self._add(ACCOUNT, record, firm.entity))

    def add_people(self, contacts: int, salesforce_people: int) -> None:
        in_hubspot = _first_records(contacts, _HUBSPOT_CONTACTS_AGAIN)
        in_salesforce = _first_records(salesforce_people, _SALESFORCE_PEOPLE_AGAIN)
        both, total = _shared(in_hubspot, in_salesforce)
        people = self._people(total)
        hubspot, salesforce = people[:in_hubspot], people[in_hubspot - both :]
        for person in hubspot:
            self._add_hubspot_contact(person, records.MARKETING)
        for person in self._random.sample(hubspot, contacts - len(hubspot)):
            self._add_hubspot_contact(person, records.MARKETING_AGAIN)
        for person in salesforce:
            self._add_lead_or_contact(person, records.SALES, as_contact=self._random.random() < 0.6)
        for person in self._random.sample(salesforce, salesforce_people - len(salesforce)):
            self._add_lead_or_contact(person, records.SALES_AGAIN, as_contact=self._random.random() < 0.5)

    def _people(self, number: int) -> list[Person]:
        """Customers, most of them at a firm; a few firms have many, most have few."""
        crowd = [1 / (rank + 3) ** 0.7 for rank in range(len(self._firms))]
        firms = self._random.choices(self._random.sample(self._firms, len(self._firms)), crowd, k=number)
        e_mails: set[str] = set()
        return [
            make_person(
                self._random,
                index + 1,
                firms[index] if self._random.random() < 0.85 else None,
                self._random.choice(OWNERS).e_mail,
                NOW,
                e_mails,
            )
            for index in range(number)
        ]

    def _add_hubspot_contact(self, person: Person, habits: records.Habits) -> None:
        record = records.contact_in_hubspot(self._random, self._with_owner(person, System.HUBSPOT), habits, NOW)
        index = self._add(CONTACTS, self._with_unique_e_mail(record), person.entity)
        company = self._company_of.get(person.firm.entity) if person.firm else None
        if company is not None and self._random.random() < 0.75:
            link = Association(Ref(CONTACTS, index), Ref(COMPANIES, company), PRIMARY_COMPANY)
            self.organisation.associations.append(link)

    def _add_lead_or_contact(self, person: Person, habits: records.Habits, *, as_contact: bool) -> None:
        """A Contact where it is wanted and the firm has an account, else a Lead."""
        known = self._with_owner(person, System.SALESFORCE)
        account = self._account_of.get(person.firm.entity) if person.firm else None
        if as_contact and account is not None:
            record = records.contact_in_salesforce(self._random, known, Ref(ACCOUNT, account), habits, NOW)
            self._add(CONTACT, record, person.entity)
        else:
            self._add(LEAD, records.lead(self._random, known, habits, NOW), person.entity)

    def _with_unique_e_mail(self, record: Record) -> Record:
        """HubSpot has one contact an address: the second record of somebody goes without."""
        e_mails = {str(e_mail) for e_mail in (record.fields["email"], record.before.get("email")) if e_mail}
        if e_mails & self._hubspot_e_mails:
            before = {name: value for name, value in record.before.items() if name != "email"}
            modified_at = record.modified_at if before else record.created_at
            return replace(record, fields={**record.fields, "email": None}, before=before, modified_at=modified_at)
        self._hubspot_e_mails |= e_mails
        return record

    def _with_owner(self, person: Person, system: System) -> Person:
        """The person's owner, or somebody else where the owner has no account in that CRM."""
        known = any(owner.e_mail == person.owner and system in owner.systems for owner in OWNERS)
        return person if known else replace(person, owner=self._owner(system))

    def _owner(self, system: System) -> str:
        return self._random.choice([owner.e_mail for owner in OWNERS if system in owner.systems])

    def _add(self, place: Place, record: Record, entity: str) -> int:
        rows = self.organisation.records[place]
        rows.append(record)
        self.organisation.truth.append(Truth(*place, len(rows) - 1, entity))
        return len(rows) - 1


_PLACES: Iterable[Place] = (COMPANIES, CONTACTS, ACCOUNT, CONTACT, LEAD)


def _first_records(number: int, again: float) -> int:
    return number - round(number * again)


def _shared(in_one: int, in_other: int) -> tuple[int, int]:
    """(how many are in both, how many there are) for so many in each."""
    total = round((in_one + in_other) / (1 + _OVERLAP))
    total = max(total, in_one, in_other)
    return in_one + in_other - total, total
