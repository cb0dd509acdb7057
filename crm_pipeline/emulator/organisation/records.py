"""What each CRM's users have entered about a person or firm: the gaps, the age and the spelling of every field.

Belongs here: true person or firm -> one Record in the CRM's field names. Not here: who is in which CRM and how often.
Marketing (HubSpot) knows e-mails, sales (Salesforce) knows phones and industries: that is what the guide starts from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from crm_pipeline.emulator.organisation import typing_habits
from crm_pipeline.emulator.organisation.entities import Firm, Person
from crm_pipeline.emulator.organisation.model import Fields, Record, Ref

ADDRESS_IN_HUBSPOT = {
    "postal_code": "zip",
    "prefecture": "state",
    "city": "city",
    "street": "address",
    "country": "country",
}
ADDRESS_IN_LEAD = {
    "postal_code": "PostalCode",
    "prefecture": "State",
    "city": "City",
    "street": "Street",
    "country": "Country",
}
ADDRESS_IN_CONTACT = {part: f"Mailing{name}" for part, name in ADDRESS_IN_LEAD.items()}
ADDRESS_IN_ACCOUNT = {part: f"Billing{name}" for part, name in ADDRESS_IN_LEAD.items()}


@dataclass(frozen=True)
class Habits:
    """How a CRM's users work: the share of records in which they fill a field, and of unusual names."""

    careless: float
    e_mail: float
    phone: float
    mobile: float
    address: float
    birth_date: float
    title: float
    company: float
    industry: float
    lead_source: float
    owner: float


MARKETING = Habits(0.22, 0.84, 0.3, 0.15, 0.45, 0.25, 0.45, 0.75, 0.25, 0.75, 0.8)
SALES = Habits(0.1, 0.6, 0.72, 0.4, 0.4, 0.15, 0.6, 1.0, 0.65, 0.5, 1.0)
#: The second record of somebody is made in a hurry.
MARKETING_AGAIN = Habits(0.4, 0.5, 0.4, 0.2, 0.2, 0.1, 0.3, 0.8, 0.15, 0.6, 0.6)
SALES_AGAIN = Habits(0.25, 0.5, 0.6, 0.4, 0.25, 0.1, 0.4, 1.0, 0.5, 0.4, 1.0)


def contact_in_hubspot(random: Random, person: Person, habits: Habits, now: datetime) -> Record:
    """The person as a HubSpot contact; the e-mail may have to be taken out again, it is unique there."""
    entry = _Entry(random, person, habits, now)
    return entry.record(
        {
            "lastname": entry.family,
            "firstname": entry.given,
            "email": entry.e_mail,
            "phone": entry.phone,
            "mobilephone": entry.mobile,
            **entry.address(ADDRESS_IN_HUBSPOT),
            "birth_date": entry.birth_date,
            "jobtitle": entry.title,
            "company": entry.company,
            "industry": entry.industry,
            "lead_source": entry.lead_source,
            "hubspot_owner_id": entry.owner,
        },
        old_e_mail="email",
        old_title="jobtitle",
    )


def lead(random: Random, person: Person, habits: Habits, now: datetime) -> Record:
    """The person as a Salesforce Lead; one without a firm gets "-" as company, which Salesforce requires."""
    entry = _Entry(random, person, habits, now)
    return entry.record(
        {
            "LastName": entry.family,
            "FirstName": entry.given,
            "Company": entry.company or "-",
            "Email": entry.shared_or_own_e_mail,
            "Phone": entry.phone,
            "MobilePhone": entry.mobile,
            **entry.address(ADDRESS_IN_LEAD),
            "Birthdate__c": entry.birth_date,
            "Title": entry.title,
            "Industry": entry.industry,
            "LeadSource": entry.lead_source,
            "OwnerId": entry.owner,
        },
        old_e_mail="Email",
        old_title="Title",
    )


def contact_in_salesforce(random: Random, person: Person, account: Ref, habits: Habits, now: datetime) -> Record:
    """The person as a Salesforce Contact of that account."""
    entry = _Entry(random, person, habits, now)
    return entry.record(
        {
            "LastName": entry.family,
            "FirstName": entry.given,
            "AccountId": account,
            "Email": entry.shared_or_own_e_mail,
            "Phone": entry.phone,
            "MobilePhone": entry.mobile,
            **entry.address(ADDRESS_IN_CONTACT),
            "Birthdate": entry.birth_date,
            "Title": entry.title,
            "LeadSource": entry.lead_source,
            "OwnerId": entry.owner,
        },
        old_e_mail="Email",
        old_title="Title",
    )


def company_in_hubspot(random: Random, firm: Firm, owner: str, now: datetime) -> Record:
    """The firm as a HubSpot company: marketing knows its site, seldom its phone or industry."""
    fields: Fields = {
        "name": typing_habits.company_name(random, firm),
        "domain": firm.domain if random.random() < 0.8 else None,
        "website": f"https://www.{firm.domain}" if random.random() < 0.5 else None,
        "phone": typing_habits.phone(random, firm.switchboard) if random.random() < 0.35 else None,
        **_maybe_address(random, firm, 0.4, ADDRESS_IN_HUBSPOT),
        "industry": firm.industry if random.random() < 0.3 else None,
        "numberofemployees": _counted(random, firm.employees) if random.random() < 0.4 else None,
        "hubspot_owner_id": owner if random.random() < 0.7 else None,
    }
    return _aged(random, fields, now)


def account(random: Random, firm: Firm, owner: str, now: datetime) -> Record:
    """The firm as a Salesforce Account: sales knows its phone and industry, seldom its site."""
    fields: Fields = {
        "Name": typing_habits.company_name(random, firm),
        "Website": random.choice((f"http://{firm.domain}", f"www.{firm.domain}")) if random.random() < 0.4 else None,
        "Phone": typing_habits.phone(random, firm.switchboard) if random.random() < 0.75 else None,
        **_maybe_address(random, firm, 0.7, ADDRESS_IN_ACCOUNT),
        "Industry": firm.industry if random.random() < 0.8 else None,
        "NumberOfEmployees": _counted(random, firm.employees) if random.random() < 0.4 else None,
        "OwnerId": owner,
    }
    return _aged(random, fields, now)


class _Entry:
    """One act of entering a person into a CRM, field by field, at a random time of the last three years."""

    def __init__(self, random: Random, person: Person, habits: Habits, now: datetime) -> None:
        self._random, self._person, self._habits, self._now = random, person, habits, now
        self.created_at = now - timedelta(minutes=random.randrange(1, 3 * 365 * 24 * 60))
        self.family, given = typing_habits.person_name(random, person, careless=habits.careless)
        self.given = given or None
        knew_the_old = self.created_at < person.changed_at
        self._told = knew_the_old and random.random() < 0.5
        self._outdated = knew_the_old and not self._told
        self.e_mail = self._filled(habits.e_mail, person.old_e_mail if self._outdated else person.e_mail)
        self.title = self._filled(habits.title, person.old_title if self._outdated else person.title)
        self.mobile = self._filled(habits.mobile, typing_habits.phone(random, person.mobile))
        switchboard = bool(person.firm and person.line == person.firm.switchboard)
        extension = switchboard and random.random() < 0.2
        self.phone = self._filled(habits.phone, typing_habits.phone(random, person.line, extension=extension))
        self.birth_date = self._filled(habits.birth_date, person.birth_date.isoformat())
        self.industry = self._filled(habits.industry, person.industry)
        self.lead_source = self._filled(habits.lead_source, person.lead_source)
        self.owner = self._filled(habits.owner, person.owner)
        firm = person.firm
        self.company = self._filled(habits.company, typing_habits.company_name(random, firm) if firm else None)

    @property
    def shared_or_own_e_mail(self) -> str | None:
        """Now and then sales only has the firm's common mailbox."""
        firm = self._person.firm
        if self.e_mail and firm and firm.employees < 100 and self._random.random() < 0.1:
            return f"info@{firm.domain}"
        return self.e_mail

    def address(self, names: Mapping[str, str]) -> Fields:
        latin = self._person.western or self._random.random() < 0.04
        if self._random.random() >= self._habits.address:
            return dict.fromkeys(names.values())
        typed = typing_habits.address(self._random, self._person.home, latin=latin)
        return {names[part]: value or None for part, value in typed.items()}

    def record(self, fields: Fields, *, old_e_mail: str, old_title: str) -> Record:
        """The record, with the edit that brought the news, or with an edit that filled a gap, or without any."""
        if not self._told:
            return _aged(self._random, fields, self._now, self.created_at)
        person = self._person
        past = {old_e_mail: person.old_e_mail, old_title: person.old_title}
        current = {old_e_mail: person.e_mail, old_title: person.title}
        before: Fields = {
            name: old for name, old in past.items() if fields[name] == current[name] and old != current[name]
        }
        if not before:
            return _aged(self._random, fields, self._now, self.created_at)
        heard = person.changed_at + (self._now - person.changed_at) * (self._random.random() * 0.2)
        return Record(fields, self.created_at, heard, before)

    def _filled(self, share: float, value: str | None) -> str | None:
        return value if self._random.random() < share else None


def _aged(random: Random, fields: Fields, now: datetime, created_at: datetime | None = None) -> Record:
    """The record with a creation time and, for two records in five, a later edit that filled one of its gaps."""
    created_at = created_at or now - timedelta(minutes=random.randrange(1, 3 * 365 * 24 * 60))
    optional = [name for name, value in fields.items() if value is not None and name not in _FROM_THE_START]
    if not optional or random.random() < 0.6:
        return Record(fields, created_at, created_at)
    modified_at = created_at + (now - created_at) * random.random()
    return Record(fields, created_at, modified_at, {random.choice(optional): None})


_FROM_THE_START = frozenset({"lastname", "LastName", "Company", "AccountId", "OwnerId", "name", "Name"})


def _counted(random: Random, employees: int) -> int:
    return employees if random.random() < 0.6 else max(1, round(employees * random.uniform(0.8, 1.2)))


def _maybe_address(random: Random, firm: Firm, share: float, names: Mapping[str, str]) -> Fields:
    if random.random() >= share:
        return dict.fromkeys(names.values())
    typed = typing_habits.address(random, firm.address, latin=random.random() < 0.05)
    return {names[part]: value or None for part, value in typed.items()}
