"""A district's records as HubSpot has them.

Belongs here: contacts, companies and their associations in HubSpot's fields. Not here: what was typed (entry.py), deals
and activities (hubspot_business.py). Association type ids: facts, HubSpot, "Type ids" (SDK AssociationType).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from crm_pipeline.emulator.organisation.records import MARKETING, MARKETING_AGAIN
from crm_pipeline.emulator.organisation.synthetic import spelling
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Ints, cumulate
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
from crm_pipeline.emulator.organisation.synthetic.hubspot_business import Business
from crm_pipeline.emulator.organisation.synthetic.rows import Links, References, Rows, edits, links
from crm_pipeline.emulator.organisation.synthetic.texts import NUMBERS, Texts, column, either, kept
from crm_pipeline.model import System

_LIFECYCLE = column(
    ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "other")
)
_LIFECYCLE_WEIGHTS = cumulate(15, 40, 15, 8, 7, 13, 2)


def hubspot_records(ground: Ground) -> Iterator[Rows | Links]:
    """All records of the district, and the associations of those that came before."""
    draws = ground.draws.below("hubspot")
    firms = entries(
        draws.below("company entries"),
        *shared_range(ground.district.firms, System.HUBSPOT),
        ground.district.hubspot["companies"],
    )
    yield _companies(ground, draws.below("companies"), firms)
    people = entries(
        draws.below("contact entries"),
        *shared_range(ground.district.people, System.HUBSPOT),
        ground.district.hubspot["contacts"],
    )
    entry = people_entered(ground, draws.below("people"), people, MARKETING, MARKETING_AGAIN, role_mailboxes=0.02)
    yield _contacts(ground, draws.below("contacts"), people, entry)
    primary, further = _companies_of(ground, draws, firms, people, entry)
    yield links("contacts", "companies", 1, primary)
    yield links("contacts", "companies", 279, further)
    yield from Business(ground, draws, firms, people, primary).records()


def _companies(ground: Ground, draws: Draws, entered: Entries) -> Rows:
    """Firms: marketing knows their site, seldom their phone or industry.

    Of domain and site HubSpot fills the one that was left out.
    """
    size, dirt, firms = len(entered.rows), ground.dirt, ground.firms.at(entered.rows)

    def filled(name: str, values: Texts, share: float) -> Texts:
        return kept(values, draws.chance(f"fill {name}", size, share**dirt))

    has_domain, has_site = (
        draws.chance(f"fill {name}", size, share**dirt) for name, share in (("domain", 0.8), ("site", 0.5))
    )
    has_address = draws.chance("fill address", size, 0.4**dirt)
    address = spelling.addresses(draws.below("address"), firms.address, dirt)
    columns = {
        "name": spelling.company_names(draws.below("name"), firms, dirt),
        "domain": kept(firms.domain, has_domain | has_site),
        "website": either(has_site, "https://www." + firms.domain, kept(firms.domain, has_domain)),
        "phone": filled("phone", spelling.phones(draws.below("phone"), firms.switchboard, dirt), 0.35),
        **{_ADDRESS[part]: kept(values, has_address) for part, values in address.items()},
        "industry": filled("industry", firms.industry, 0.3),
        "numberofemployees": filled("employees", NUMBERS[firms.employees], 0.4),
        "lifecyclestage": _LIFECYCLE[draws.choice("stage", size, _LIFECYCLE_WEIGHTS)],
    }
    modified, gaps = edits(draws, entered.created)
    optional = tuple(name for name in columns if name not in ("name", "domain", "website", "lifecyclestage"))
    owner: References = {"hubspot_owner_id": (("owner", any_owner(ground, draws, size, System.HUBSPOT, 0.7)),)}
    return Rows("companies", columns, owner, entered.created, modified, {}, gaps, optional, entered.rows)


def _contacts(ground: Ground, draws: Draws, entered: Entries, entry: Entered) -> Rows:
    size = len(entered.rows)
    columns = {name: entry.columns[neutral] for name, neutral in _CONTACT.items()}
    e_mail, old_e_mail = _unique(entry.columns["e_mail"], entry.old["e_mail"])
    columns |= {"email": e_mail, "lifecyclestage": _LIFECYCLE[draws.choice("stage", size, _LIFECYCLE_WEIGHTS)]}
    old = {"email": old_e_mail, "jobtitle": entry.old["title"], "company": entry.old["company"]}
    optional = tuple(name for name in columns if name not in ("lastname", "lifecyclestage"))
    owner = np.where(entry.owner >= 0, known_owner(ground.owners, entry.owner, System.HUBSPOT), -1)
    references: References = {"hubspot_owner_id": (("owner", owner),)}
    return Rows(
        "contacts", columns, references, entered.created, entry.modified, old, entry.gaps, optional, entered.rows
    )


_ADDRESS = {"postal_code": "zip", "prefecture": "state", "city": "city", "street": "address", "country": "country"}
_CONTACT = {
    "lastname": "family",
    "firstname": "given",
    "email": "e_mail",
    "phone": "phone",
    "mobilephone": "mobile",
    **{name: part for part, name in _ADDRESS.items()},
    "birth_date": "birth_date",
    "jobtitle": "title",
    "company": "company",
    "industry": "industry",
    "lead_source": "lead_source",
}


def _unique(e_mails: Texts, old: Texts) -> tuple[Texts, Texts]:
    """HubSpot has one contact an address, now and in the past: a later record of it goes without."""
    taken: set[str] = set()
    now, before = [], []
    for e_mail, old_e_mail in zip(e_mails.tolist(), old.tolist(), strict=True):
        used = {one.lower() for one in (e_mail, old_e_mail) if one}
        free = not used & taken
        taken |= used
        now.append(e_mail if free else None)
        before.append(old_e_mail if free else None)
    return column(now), column(before)


def _companies_of(ground: Ground, draws: Draws, firms: Entries, people: Entries, entry: Entered) -> tuple[Ints, Ints]:
    """Rows of each contact's primary company and of the one before, -1 for none."""
    size, who = len(people.rows), ground.people.at(people.rows)
    if not len(firms.rows):
        return np.full(size, -1), np.full(size, -1)
    company = first_records(firms, ground.district.firms.total)
    linked = (entry.firm >= 0) & draws.chance("link", size, 0.75**ground.dirt)
    moved = linked & (entry.firm != who.old_firm) & (people.created < who.changed_at)
    return np.where(linked, company[entry.firm], -1), np.where(moved, company[who.old_firm], -1)
