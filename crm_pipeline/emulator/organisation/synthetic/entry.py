"""What a CRM's users have entered about people: the gaps, the age and the spelling of every field, as columns.

Belongs here: true people -> columns under neutral names. Not here: field names of a CRM, who is in which CRM.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_pipeline.emulator.organisation.entities import LEAD_SOURCES
from crm_pipeline.emulator.organisation.records import Habits
from crm_pipeline.emulator.organisation.synthetic import spelling
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Floats, Ints
from crm_pipeline.emulator.organisation.synthetic.ground import Entries, Ground
from crm_pipeline.emulator.organisation.synthetic.people import NOW_SECONDS
from crm_pipeline.emulator.organisation.synthetic.places import picked
from crm_pipeline.emulator.organisation.synthetic.rows import edits, later
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, blank, column, either, kept, replaced
from crm_pipeline.emulator.organisation.synthetic.texts import filled as has_value

_LEAD_SOURCES = column(LEAD_SOURCES.words)
_LEAD_SOURCE_WEIGHTS = np.array(LEAD_SOURCES.cumulated).astype(np.int64)
_ROLES = column(("info", "info", "sales", "eigyo", "soumu", "contact"))


@dataclass(frozen=True)
class Entered:
    """Columns by neutral name, firms and owners (-1: none), and the last edits; `old` holds what was replaced then."""

    columns: dict[str, Texts]
    firm: Ints
    owner: Ints
    modified: Ints
    gaps: Ints
    old: dict[str, Texts]


def people_entered(
    ground: Ground, draws: Draws, entered: Entries, first: Habits, again: Habits, *, role_mailboxes: float
) -> Entered:
    """The records of people as somebody entered them, who is busier the second time.

    `role_mailboxes` is the share, at dirt 1, of addresses that are a small firm's info@ or the like.
    """
    size, dirt = len(entered.rows), ground.dirt
    people = ground.people.at(entered.rows)
    knew_the_old = entered.created < people.changed_at
    told = knew_the_old & draws.chance("told", size, 0.5)
    outdated = knew_the_old & ~told

    def filled(habit: str, values: Texts) -> Texts:
        return kept(values, draws.chance(f"fill {habit}", size, _share(first, again, habit, entered.again, dirt)))

    careless: Floats = np.where(entered.again, again.careless, first.careless)
    family, given = spelling.person_names(draws.below("name"), people, careless, dirt)
    e_mail = filled("e_mail", either(outdated, people.old_e_mail, people.e_mail))
    e_mail = spelling.mistyped(draws, e_mail, dirt)
    current = np.where(outdated, people.old_firm, people.firm)
    line = picked(outdated, people.old_line, people.line)
    address = spelling.addresses(draws.below("address"), people.home, dirt)
    has_address = draws.chance("fill address", size, _share(first, again, "address", entered.again, dirt))
    company, company_before = _companies(ground, draws, current, people.old_firm)
    source = _LEAD_SOURCES[draws.choice("lead source", size, _LEAD_SOURCE_WEIGHTS)]
    columns = {
        "family": family,
        "given": given,
        "e_mail": _role_mailboxes(ground, draws, e_mail, current, role_mailboxes),
        "phone": filled("phone", spelling.phones(draws.below("phone"), line, dirt, people.on_switchboard)),
        "mobile": filled("mobile", spelling.phones(draws.below("mobile"), people.mobile, dirt)),
        **{part: kept(values, has_address) for part, values in address.items()},
        "birth_date": filled("birth_date", people.birth_date),
        "title": filled("title", either(outdated, people.old_title, people.title)),
        "company": filled("company", company),
        "industry": filled("industry", _industries(ground, current)),
        "lead_source": filled("lead_source", source),
    }
    modified, gaps = edits(draws, entered.created)
    old = {
        "e_mail": _changed(told, people.old_e_mail, people.e_mail, columns["e_mail"]),
        "title": _changed(told, people.old_title, people.title, columns["title"]),
        "company": kept(company_before, told & (people.old_firm != people.firm) & has_value(columns["company"])),
    }
    has_news = np.logical_or.reduce([has_value(values) for values in old.values()])
    heard = later(draws, "heard", np.minimum(people.changed_at, NOW_SECONDS), 0.2)
    has_owner = draws.chance("fill owner", size, _share(first, again, "owner", entered.again, dirt))
    owner = np.where(has_owner, people.owner, -1)
    return Entered(columns, current, owner, np.where(has_news, heard, modified), np.where(has_news, -1, gaps), old)


def _share(first: Habits, again: Habits, habit: str, is_again: Flags, dirt: float) -> Floats:
    """The share of records in which a field is filled: all without dirt, the habit's at dirt 1."""
    one, other = getattr(first, habit) ** dirt, getattr(again, habit) ** dirt
    share: Floats = np.where(is_again, other, one)
    return share


def _changed(told: Flags, old: Texts, new: Texts, entered: Texts) -> Texts:
    return kept(old, told & (old != new) & (entered == new))


def _companies(ground: Ground, draws: Draws, firm: Ints, old_firm: Ints) -> tuple[Texts, Texts]:
    """Names of the firms as typed, now and for the firm before."""
    size = len(firm)
    if not len(ground.firms.core):
        return blank(size), blank(size)
    typed = spelling.company_names(draws.below("company"), ground.firms.at(firm), ground.dirt)
    return kept(typed, firm >= 0), kept(ground.firms.core[old_firm], old_firm >= 0)


def _industries(ground: Ground, firm: Ints) -> Texts:
    if not len(ground.firms.core):
        return blank(len(firm))
    return kept(ground.firms.industry[firm], firm >= 0)


def _role_mailboxes(ground: Ground, draws: Draws, e_mail: Texts, firm: Ints, share: float) -> Texts:
    size, firms = len(firm), ground.firms
    if not len(firms.core):
        return e_mail
    shared = spelling.odd(draws, "role mailbox", size, share, ground.dirt) & (firm >= 0) & (firms.employees[firm] < 100)
    roles = _ROLES[draws.number("role", size, len(_ROLES))]
    shared &= has_value(e_mail)
    return replaced(e_mail, shared, lambda where: roles[where] + "@" + firms.domain[firm[where]])
