"""The people of a district as they truly are, as columns; row n is person n of the district.

Belongs here: names, firm, home, phones, e-mail, title, and what they were before they changed. Not here: spellings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Ints, cumulate
from crm_pipeline.emulator.organisation.synthetic.firms import Firms, draw_languages
from crm_pipeline.emulator.organisation.synthetic.names import family_names, given_names
from crm_pipeline.emulator.organisation.synthetic.places import (
    Addresses,
    Columns,
    Phones,
    addresses,
    landlines,
    mobiles,
    picked,
    places,
)
from crm_pipeline.emulator.organisation.synthetic.sizes import District
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, column, each, either, replaced

NOW_SECONDS = int(NOW.timestamp())
#: Records and changes are at most three years old.
PERIOD = 3 * 365 * 86_400
_AT_A_FIRM, _LIKE_THE_FIRM, _OF_THE_FOUNDERS, _WORKS_AT_HOME = 0.85, 0.85, 0.12, 0.5
#: At dirt 1: people on the switchboard, with a new title, with a new address, and at a new firm within the period.
_SWITCHBOARD, _NEW_TITLE, _NEW_ADDRESS, _NEW_FIRM = 0.45, 0.15, 0.06, 0.08
_TITLES = column(
    ("営業部長", "課長", "主任", "担当", "代表取締役", "取締役", "総務部長", "購買課長", "マネージャー", "工場長")
)
_TITLE_WEIGHTS = cumulate(6, 8, 6, 6, 5, 4, 3, 3, 5, 2)
_TITLES_ABROAD = column(("Manager", "Director", "Sales Manager", "CEO", "Engineer", "Head of Purchasing"))
_TITLE_WEIGHTS_ABROAD = cumulate(6, 5, 5, 3, 4, 2)
_FREE_MAIL = column(("gmail.com", "yahoo.co.jp", "icloud.com", "docomo.ne.jp", "outlook.com"))
_FREE_MAIL_WEIGHTS = cumulate(8, 5, 3, 2, 2)
_FIRST_BIRTH = date(1945, 1, 1)
DAYS = column((date.fromordinal(_FIRST_BIRTH.toordinal() + day)).isoformat() for day in range(22_000))


@dataclass(frozen=True)
class People(Columns):
    """`family` and `given` are rows of the name tables, `firm` of the district's firms (-1: none).

    Until `changed_at` (seconds) the old firm, e-mail, title and line were right, from then on the new ones; for most
    both are equal.
    """

    language: Ints
    family: Ints
    given: Ints
    birth_date: Texts
    firm: Ints
    old_firm: Ints
    home: Addresses
    mobile: Phones
    line: Phones
    old_line: Phones
    on_switchboard: Flags
    e_mail: Texts
    old_e_mail: Texts
    title: Texts
    old_title: Texts
    changed_at: Ints
    owner: Ints


def people_of(district: District, firms: Firms, draws: Draws, owners: int) -> People:
    """All people of the district; `owners` is the number of users whose customers they can be."""
    size, dirt = district.people.total, district.of_organisation.dirt
    firm = np.where(draws.chance("at a firm", size, _AT_A_FIRM), _firms_of_people(district, draws, "firm"), -1)
    moves = draws.chance("new firm", size, _NEW_FIRM * dirt) & (firm >= 0)
    old_firm = np.where(moves, _firms_of_people(district, draws, "old firm"), firm)
    languages = draw_languages(district, draws.uniform("language", size))
    like_the_firm = draws.chance("like the firm", size, _LIKE_THE_FIRM) & (firm >= 0)
    if len(firms.language):
        languages = np.where(like_the_firm, firms.language[firm], languages)
    family, given = _names(draws, firms, firm, languages)
    title, old_title = _titles(draws, "title", languages), _titles(draws, "old title", languages)
    home_at = places().draw(languages, draws.uniform("home", size))
    own_home = addresses(draws.below("home"), home_at)
    on_switchboard = draws.chance("switchboard", size, _SWITCHBOARD * min(1.0, dirt)) & (firm >= 0)
    renews = moves | draws.chance("new address", size, _NEW_ADDRESS * dirt)
    e_mail, old_e_mail = _e_mails(district, draws, firms, firm, old_firm, family, given, renews)
    line, old_line = _lines(draws, firms, firm, old_firm, home_at, on_switchboard)
    return People(
        language=languages,
        family=family,
        given=given,
        birth_date=_birth_dates(draws, size),
        firm=firm,
        old_firm=old_firm,
        home=_homes(draws, firms, firm, own_home),
        mobile=mobiles(draws.below("mobile"), home_at),
        line=line,
        old_line=picked(moves, old_line, line),
        on_switchboard=on_switchboard,
        e_mail=e_mail,
        old_e_mail=old_e_mail,
        title=title,
        old_title=either(moves | draws.chance("new title", size, _NEW_TITLE * dirt), old_title, title),
        changed_at=NOW_SECONDS - 60 - draws.number("changed", size, PERIOD),
        owner=draws.number("owner", size, owners),
    )


def _firms_of_people(district: District, draws: Draws, name: str) -> Ints:
    """A firm for everybody, in the CRMs that they are in themselves: a few firms have many people, most have few."""
    people, firms = district.people, district.firms
    number = np.arange(people.total)
    chosen = np.full(people.total, -1, dtype=np.int64)
    zones = (
        (number < people.first_in_salesforce, 0, firms.hubspot),
        (number >= people.hubspot, firms.first_in_salesforce, firms.total),
        ((number >= people.first_in_salesforce) & (number < people.hubspot), firms.first_in_salesforce, firms.hubspot),
    )
    for where, first, end in zones:
        if end > first:
            crowd = np.cumsum(1_000_000 // (np.arange(end - first) + 8))
            ranked = draws.below(name).order(f"rank {first}", end - first)
            chosen[where] = first + ranked[draws.choice(f"{name} {first} {end}", len(number), crowd)[where]]
    return chosen


def _names(draws: Draws, firms: Firms, firm: Ints, languages: Ints) -> tuple[Ints, Ints]:
    size, families, givens = len(firm), family_names(), given_names()
    family = families.draw(languages, draws.uniform("family", size))
    given = givens.draw(languages, draws.uniform("given", size))
    if len(firms.founders):
        founders = np.where(firm >= 0, firms.founders[firm], -1)
        related = draws.chance("founder", size, _OF_THE_FOUNDERS) & (founders >= 0) & (languages == 0)
        family = np.where(related, founders, family)
    of_the_guide = (families.keyboard[family] == "山田") & (givens.letters[given] == "taro")
    return family, np.where(of_the_guide, 0, given)  # 山田太郎 is the guide's


def _titles(draws: Draws, name: str, languages: Ints) -> Texts:
    size = len(languages)
    abroad = _TITLES_ABROAD[draws.choice(f"{name} abroad", size, _TITLE_WEIGHTS_ABROAD)]
    return either(languages > 0, abroad, _TITLES[draws.choice(name, size, _TITLE_WEIGHTS)])


def _birth_dates(draws: Draws, size: int) -> Texts:
    """Most were born in the middle of the years from 1945 to 2005."""
    born: Texts = DAYS[draws.number("born", size, 11_000) + draws.number("born later", size, 11_000)]
    return born


def _homes(draws: Draws, firms: Firms, firm: Ints, home: Addresses) -> Addresses:
    """Half of those at a firm are known by its address."""
    at_work = draws.chance("at work", len(firm), _WORKS_AT_HOME) & (firm >= 0)
    if not at_work.any():
        return home
    work = firms.address.at(firm)
    return Addresses(
        *(np.where(at_work, getattr(work, part), getattr(home, part)) for part in Addresses.__dataclass_fields__)
    )


def _lines(
    draws: Draws, firms: Firms, firm: Ints, old_firm: Ints, home_at: Ints, on_switchboard: Flags
) -> tuple[Phones, Phones]:
    """The number on the card, now and at the old firm: the firm's switchboard or a line of their own."""
    found = []
    for name, at in (("line", firm), ("old line", old_firm)):
        place = np.where(at >= 0, firms.address.place[at], home_at) if len(firms.core) else home_at
        own = landlines(draws.below(name), place)
        found.append(picked(on_switchboard, firms.switchboard.at(at), own) if len(firms.core) else own)
    return found[0], found[1]


def _e_mails(
    district: District,
    draws: Draws,
    firms: Firms,
    firm: Ints,
    old_firm: Ints,
    family: Ints,
    given: Ints,
    renews: Flags,
) -> tuple[Texts, Texts]:
    """Everybody's address, and the one before: as their firm makes them, or a free one that says it is invented.

    No two people of the organisation have or had the same: a repeated local part gets a number, a free address
    the person's own (`.demo0000412`).
    """
    size = len(firm)
    last, first = family_names().letters[family], given_names().letters[given]
    initial = each(lambda text: text[:1], first)
    forms = (first + "." + last, initial + "." + last, last + "-" + initial, last + "." + first, last)
    number = column(f"{n:07}" for n in range(district.people_before + 1, district.people_before + size + 1))
    private = np.array(forms, dtype=object).reshape(5, size)[draws.number("mail style", size, 5), np.arange(size)]
    free = private + ".demo" + number + "@" + _FREE_MAIL[draws.choice("free mail", size, _FREE_MAIL_WEIGHTS)]
    taken: dict[str, int] = {}
    now = _at_firms(firms, firm, forms, free, taken)
    still = _at_firms(firms, np.where(old_firm == firm, -1, old_firm), forms, free, taken)
    still = replaced(still, firm < 0, lambda where: each(lambda text: text.replace(".demo", "2.demo"), still[where]))
    return now, either(renews, still, now)


def _at_firms(firms: Firms, firm: Ints, forms: tuple[Texts, ...], free: Texts, taken: dict[str, int]) -> Texts:
    if not len(firms.core):
        return free
    size = len(firm)
    style = firms.mail_style[firm]
    local = np.array(forms, dtype=object).reshape(5, size)[style, np.arange(size)]
    found = []
    for name, domain, works in zip(local.tolist(), firms.domain[firm].tolist(), (firm >= 0).tolist(), strict=True):
        if works:
            again = taken.get(f"{name}@{domain}", 0) + 1
            taken[f"{name}@{domain}"] = again
            found.append(f"{name}@{domain}" if again == 1 else f"{name}{again}@{domain}")
        else:
            found.append("")
    return either(firm >= 0, column(found), free)
