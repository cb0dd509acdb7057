"""A district's records as Salesforce has them.

Belongs here: accounts, contacts and leads in Salesforce's fields. Not here: what was typed (entry.py), opportunities
and activities (salesforce_business.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from crm_pipeline.emulator.organisation.records import SALES, SALES_AGAIN
from crm_pipeline.emulator.organisation.synthetic import spelling
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Ints, cumulate
from crm_pipeline.emulator.organisation.synthetic.entry import Entered, people_entered
from crm_pipeline.emulator.organisation.synthetic.ground import (
    Entries,
    Ground,
    any_owner,
    entries,
    first_records,
    known_owner,
    shared_range,
)
from crm_pipeline.emulator.organisation.synthetic.rows import References, Rows, edits
from crm_pipeline.emulator.organisation.synthetic.salesforce_business import Business
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, column, either, filled, kept, numbers
from crm_pipeline.model import System

_LEAD_STATUSES = column(("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"))


def salesforce_records(ground: Ground) -> Iterator[Rows]:
    """All records of the district, every object after those that it refers to."""
    draws, counts = ground.draws.below("salesforce"), ground.district.salesforce
    firms = entries(
        draws.below("account entries"), *shared_range(ground.district.firms, System.SALESFORCE), counts["Account"]
    )
    people = entries(
        draws.below("people entries"),
        *shared_range(ground.district.people, System.SALESFORCE),
        counts["Lead"] + counts["Contact"],
    )
    entry = people_entered(ground, draws.below("people"), people, SALES, SALES_AGAIN, role_mailboxes=0.1)
    account = np.full(len(people.rows), -1, dtype=np.int64)
    if len(firms.rows):
        account = np.where(entry.firm >= 0, first_records(firms, ground.district.firms.total)[entry.firm], -1)
    is_contact = _are_contacts(draws, account, counts["Contact"])
    contacts = _part(people, is_contact)
    leads = _part(people, ~is_contact)
    business = Business(ground, draws, firms, contacts, leads, account[is_contact])
    about_them = business.records()
    yield business.with_last_activity(_accounts(ground, draws.below("accounts"), firms))
    yield business.with_last_activity(_contacts(ground, contacts, entry, account[is_contact], is_contact))
    yield business.with_last_activity(_leads(ground, draws.below("leads"), leads, entry, ~is_contact))
    yield from about_them


def _are_contacts(draws: Draws, account: Ints, number: int) -> Flags:
    """So many of the people are Contacts, those with an account first; the others are Leads."""
    order = np.argsort(draws.uniform("contact", len(account)) + (account < 0), kind="stable")
    chosen = np.zeros(len(account), dtype=np.bool_)
    chosen[order[:number]] = True
    return chosen


def _part(entered: Entries, where: Flags) -> Entries:
    return Entries(entered.rows[where], entered.again[where], entered.created[where])


def _accounts(ground: Ground, draws: Draws, entered: Entries) -> Rows:
    """Firms: sales knows their phone and industry, seldom their site."""
    size, dirt, firms = len(entered.rows), ground.dirt, ground.firms.at(entered.rows)

    def sometimes(name: str, values: Texts, share: float) -> Texts:
        return kept(values, draws.chance(f"fill {name}", size, share**dirt))

    has_address = draws.chance("fill address", size, 0.7**dirt)
    address = spelling.addresses(draws.below("address"), firms.address, dirt)
    site = either(spelling.odd(draws, "site", size, 0.5, dirt), "http://" + firms.domain, "www." + firms.domain)
    columns = {
        "Name": spelling.company_names(draws.below("name"), firms, dirt),
        "Website": sometimes("site", site, 0.4),
        "Phone": sometimes("phone", spelling.phones(draws.below("phone"), firms.switchboard, dirt), 0.75),
        **{f"Billing{name}": kept(address[part], has_address) for name, part in _ADDRESS.items()},
        "Industry": sometimes("industry", firms.industry, 0.8),
        "NumberOfEmployees": sometimes("employees", numbers(firms.employees), 0.4),
    }
    modified, gaps = edits(draws, entered.created)
    optional = tuple(name for name in columns if name != "Name")
    owner: References = {"OwnerId": (("owner", any_owner(ground, draws, size, System.SALESFORCE)),)}
    return Rows("Account", columns, owner, entered.created, modified, {}, gaps, optional, entered.rows)


_ADDRESS = {
    "PostalCode": "postal_code",
    "State": "prefecture",
    "City": "city",
    "Street": "street",
    "Country": "country",
}
_PERSON = {
    "LastName": "family",
    "FirstName": "given",
    "Email": "e_mail",
    "Phone": "phone",
    "MobilePhone": "mobile",
    "Title": "title",
    "LeadSource": "lead_source",
}


def _contacts(ground: Ground, entered: Entries, entry: Entered, account: Ints, where: Flags) -> Rows:
    columns = {name: entry.columns[part][where] for name, part in _PERSON.items()}
    columns |= {f"Mailing{name}": entry.columns[part][where] for name, part in _ADDRESS.items()}
    columns["Birthdate"] = entry.columns["birth_date"][where]
    return _people("Contact", ground, columns, entered, entry, where, {"AccountId": (("Account", account),)})


def _leads(ground: Ground, draws: Draws, entered: Entries, entry: Entered, where: Flags) -> Rows:
    """A Lead without a firm gets "-" as its company, which Salesforce requires."""
    company = entry.columns["company"][where]
    columns = {name: entry.columns[part][where] for name, part in _PERSON.items()}
    columns |= {name: entry.columns[part][where] for name, part in _ADDRESS.items()}
    columns |= {
        "Company": either(filled(company), company, "-"),
        "Birthdate__c": entry.columns["birth_date"][where],
        "Industry": entry.columns["industry"][where],
        "Status": _LEAD_STATUSES[draws.choice("status", len(company), cumulate(6, 3, 1))],
    }
    return _people("Lead", ground, columns, entered, entry, where, {})


def _people(
    object_: str,
    ground: Ground,
    columns: dict[str, Texts],
    entered: Entries,
    entry: Entered,
    where: Flags,
    references: References,
) -> Rows:
    owner = known_owner(ground.owners, np.maximum(entry.owner[where], 0), System.SALESFORCE)
    old = {"Email": entry.old["e_mail"][where], "Title": entry.old["title"][where]}
    optional = tuple(name for name in columns if name not in ("LastName", "Company", "Status"))
    return Rows(
        object_,
        columns,
        {"OwnerId": (("owner", owner),), **references},
        entered.created,
        entry.modified[where],
        old,
        entry.gaps[where],
        optional,
        entered.rows,
    )
