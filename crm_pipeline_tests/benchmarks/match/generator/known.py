"""What each CRM knows of each customer, as true values. Belongs here: which records exist and what is in their fields.
Not here: spelling and damage (spelling.py), the people themselves (people.py)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_pipeline_tests.benchmarks.match.generator import rates
from crm_pipeline_tests.benchmarks.match.generator.firms import Firms
from crm_pipeline_tests.benchmarks.match.generator.names import Ints, Texts, texts
from crm_pipeline_tests.benchmarks.match.generator.people import People
from crm_pipeline_tests.benchmarks.match.generator.places import Places

Flags = np.ndarray
MARKETING, SALES = 0, 1
ROLE_BOXES = texts(("info", "sales", "contact", "eigyo", "soumu", "office", "support"))


@dataclass(frozen=True)
class Known:
    """One row a record. `customer` is -1 for records that are nobody. Texts are "" where nothing is known.

    `employer`: -1 where no company is written down. `extent`: 0 whole address, 1 without number, 2 city, 3 prefecture,
    4 none. `extension`: "" without one. `number` is the copy of the customer in its CRM.
    """

    customer: Ints
    side: Ints
    number: Ints
    family: Ints
    e_mail: Texts
    phone: Texts
    phone_2: Texts
    extension: Texts
    switchboard: Flags
    employer: Ints
    place: Places
    extent: Ints
    born: Flags
    reading: Flags
    title: Flags


def records(rng: np.random.Generator, customers: int) -> tuple[Ints, Ints, Ints]:
    """Customer, side and copy of every record."""
    where = np.searchsorted(np.cumsum(rates.KNOWN), rng.random(customers), side="right").clip(max=2)
    found = []
    for side in (MARKETING, SALES):
        here = np.flatnonzero((where == 0) | (where == side + 1))
        luck = rng.random(len(here))
        for number, wanted in enumerate((1.0, rates.SECOND + rates.THIRD, rates.THIRD)):
            rows = here[luck < wanted]
            found.append((rows, np.full(len(rows), side), np.full(len(rows), number)))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))  # type: ignore[return-value]


def draw(rng: np.random.Generator, people: People, firms: Firms, customer: Ints, side: Ints, number: Ints) -> Known:
    """What the record of each (customer, side, copy) knows."""
    count = len(customer)

    def chance(by_side: tuple[float, float]) -> Flags:
        return rng.random(count) < np.array(by_side)[side]

    newer = rng.integers(0, 2, len(people.family))[customer] == side
    employer = np.where(newer, people.employer_2[customer], people.employer[customer])
    employed, at = employer >= 0, np.maximum(employer, 0)
    # the second record of a person in marketing exists because of the other mailbox (HubSpot joins equal ones)
    at_work = chance(rates.WORK_MAILBOX) ^ ((number > 0) & (side == MARKETING) & (rng.random(count) < 0.7))
    work_mail = np.where(newer, people.work_mail_2[customer], people.work_mail[customer])
    e_mail = np.where(employed & at_work, work_mail, people.private_mail[customer])
    role = employed & chance(rates.ROLE_MAILBOX)
    box = ROLE_BOXES[np.searchsorted((0.6, 0.7, 0.8, 0.88, 0.94, 0.97), rng.random(len(firms.domain)))]
    e_mail = np.where(role, (box + "@" + firms.domain)[at], e_mail)
    e_mail = np.where(chance(rates.E_MAIL), e_mail, "")
    phone, switchboard = _phones(rng, people, firms, customer, side, employer, newer)
    second, _ = _phones(rng, people, firms, customer, side, employer, newer)
    knows = chance(rates.PHONE)
    extension = np.where(
        switchboard & knows & (rng.random(count) < rates.EXTENSION), texts(str(n) for n in 10 + customer % 89), ""
    )
    with_address = chance(rates.ADDRESS)
    parts = np.cumsum(rates.ADDRESS_PARTS, axis=1)[side]
    extent = (rng.random(count)[:, None] >= parts).sum(axis=1).clip(max=3)
    of_company = employed & chance(rates.WORK_ADDRESS)
    home = [
        np.where(newer, getattr(people.home_2, name)[customer], getattr(people.home, name)[customer])
        for name in Places.__dataclass_fields__
    ]
    offices = [getattr(firms.place, name)[at] for name in Places.__dataclass_fields__]
    return Known(
        customer=customer,
        side=side,
        number=number,
        family=np.where(newer, people.family_2[customer], people.family[customer]),
        e_mail=e_mail,
        phone=np.where(knows, phone, ""),
        phone_2=np.where(knows & chance(rates.SECOND_PHONE) & (second != phone), second, ""),
        extension=extension,
        switchboard=switchboard & knows,
        employer=np.where(employed & chance(rates.COMPANY), employer, -1),
        place=Places(*(np.where(of_company, office, house) for office, house in zip(offices, home, strict=True))),
        extent=np.where(with_address, extent, 4),
        born=chance(rates.BIRTH_DATE),
        reading=chance(rates.READING) & people.japanese[customer],
        title=chance(rates.JOB_TITLE) & employed,
    )


def _phones(
    rng: np.random.Generator, people: People, firms: Firms, customer: Ints, side: Ints, employer: Ints, newer: Flags
) -> tuple[Texts, Flags]:
    """A phone of each, and whether it is the company's main number."""
    sort = (rng.random(len(customer))[:, None] >= np.cumsum(rates.WORK_PHONES, axis=1)[side]).sum(axis=1)
    direct = np.where(newer, people.direct_2[customer], people.direct[customer])
    at_work = np.where(sort == 1, direct, firms.switchboard[np.maximum(employer, 0)])
    mobile = np.where(employer >= 0, sort == 0, rng.random(len(customer)) < np.array(rates.MOBILE)[side])
    fixed = np.where(employer >= 0, at_work, people.landline[customer])
    return np.where(mobile, people.mobile[customer], fixed), (employer >= 0) & (sort >= 2)
