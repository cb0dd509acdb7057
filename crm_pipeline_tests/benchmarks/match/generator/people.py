"""The customers as they truly are, as columns; row n is customer n. Belongs here: names, families, employers, contacts,
and what changes between two records (employer, home, family name). Not here: what a CRM knows of them (known.py)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_pipeline_tests.benchmarks.match.generator import firms, places, rates, words
from crm_pipeline_tests.benchmarks.match.generator.firms import Firms
from crm_pipeline_tests.benchmarks.match.generator.names import Ints, Texts, families, givens, texts
from crm_pipeline_tests.benchmarks.match.generator.places import Places

Flags = np.ndarray


@dataclass(frozen=True)
class People:
    """`family` and `given` are rows of the name tables; `family_2`, `employer_2`, `home_2` what they become (the same
    where nothing changes). `employer` is -1 without one. `born` is a day number of numpy's datetime64[D]."""

    japanese: Flags
    woman: Flags
    registered: Flags
    family: Ints
    family_2: Ints
    given: Ints
    household: Ints
    born: Ints
    employer: Ints
    employer_2: Ints
    home: Places
    home_2: Places
    mobile: Texts
    landline: Texts
    direct: Texts
    direct_2: Texts
    private_mail: Texts
    work_mail: Texts
    work_mail_2: Texts
    twin: Flags


def draw(rng: np.random.Generator, count: int) -> tuple[People, Firms]:
    """So many customers and their employers."""
    japanese, woman = rng.random(count) < rates.JAPANESE, rng.random(count) < 0.5
    home_of, role = _households(rng, count)
    japanese = japanese[home_of]
    woman = np.where(role == 1, ~woman[home_of], woman)
    family = families().draw((~japanese).astype(np.int64), rng.random(count))[home_of]
    married = woman & (role != 1) & (rng.random(count) < rates.MARRIED)
    family_2 = np.where(married, families().draw((~japanese).astype(np.int64), rng.random(count)), family)
    born, twin = _births(rng, home_of, role)
    given = _givens(rng, japanese, woman, home_of, role, twin)
    employed = (rng.random(count) < rates.EMPLOYED) & (role < 2)
    companies = firms.draw(rng, max(1, int(employed.sum())), rates.JAPANESE)
    employer = np.where(employed, _workplace(rng, companies, japanese), -1)
    changed = employed & (rng.random(count) < rates.JOB_CHANGE)
    employer_2 = np.where(changed, _workplace(rng, companies, japanese), employer)
    living = places.draw(rng, ~japanese & (rng.random(count) < 0.5))
    home = living.at(home_of)
    moved = np.flatnonzero(rng.random(count) < rates.MOVED)
    rows = np.arange(count)
    elsewhere = rows.copy()
    elsewhere[moved] = rng.integers(0, count, len(moved))
    next_home = living.at(elsewhere)
    home_2 = Places(
        *(np.where(elsewhere == rows, a, b) for a, b in zip(_columns(home), _columns(next_home), strict=True))
    )
    mails = _Mails(rng, family, given, japanese, born)
    work = mails.at_work(employer, companies)
    people = People(
        japanese=japanese,
        woman=woman,
        registered=rng.random(count) < rates.REGISTERED_VARIANT,
        family=family,
        family_2=family_2,
        given=given,
        household=home_of,
        born=born,
        employer=employer,
        employer_2=employer_2,
        home=home,
        home_2=home_2,
        mobile=places.mobiles(rows, ~japanese),
        landline=places.landlines(home.city, places.line_numbers(home_of, 0)),
        direct=_direct(employer, rows, companies),
        direct_2=_direct(employer_2, rows, companies),
        private_mail=_of_household(rng, mails.private(), home_of),
        work_mail=work,
        work_mail_2=np.where(changed, mails.at_work(employer_2, companies), work),
        twin=twin,
    )
    return people, companies


def _columns(place: Places) -> list[Ints]:
    return [getattr(place, name) for name in place.__dataclass_fields__]


def _households(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Row of the first of each household, and role: 0 first, 1 spouse, 2 child. One household's rows are neighbours."""
    sort = np.searchsorted(np.cumsum(rates.HOUSEHOLDS), rng.random(count))
    size = np.array((2, 2, 3, 4))[sort]
    alone = rng.random(count) >= rates.IN_HOUSEHOLD / 2.4
    starts = np.cumsum(np.where(alone, 1, size)) - np.where(alone, 1, size)
    kept = starts < count
    starts, sort = starts[kept], np.where(alone, -1, sort)[kept]
    number = np.searchsorted(starts, np.arange(count), side="right") - 1
    home_of = starts[number]
    place = np.arange(count) - home_of
    spouse = (place == 1) & (sort[number] != 1)
    return home_of, np.where(place == 0, 0, np.where(spouse, 1, 2))


def _births(rng: np.random.Generator, home_of: Ints, role: Ints) -> tuple[Ints, Flags]:
    count = len(home_of)
    own = np.datetime64("1948-01-01").astype(int) + rng.integers(0, 365 * 55, count)
    spouse = own[home_of] + rng.integers(-2000, 2000, count)
    child = own[home_of] + rng.integers(8000, 12500, count)
    born = np.where(role == 0, own, np.where(role == 1, spouse, child))
    previous = np.maximum(np.arange(count) - 1, 0)
    twin = (role == 2) & (role[previous] == 2) & (home_of == home_of[previous]) & (rng.random(count) < rates.TWINS * 5)
    born = np.where(twin, born[previous], born)
    return born, twin | np.append(twin[1:], False)


def _givens(rng: np.random.Generator, japanese: Flags, woman: Flags, home_of: Ints, role: Ints, twin: Flags) -> Ints:
    """Given names; some children's begin like their father's or their twin's."""
    kinds = woman.astype(np.int64) + 2 * (~japanese)
    drawn = givens().draw(kinds, rng.random(len(kinds)))
    chosen = np.flatnonzero(japanese & (role == 2) & (rng.random(len(kinds)) < rates.SHARED_CHARACTER))
    by_start: dict[tuple[int, str], list[int]] = {}
    written = givens().written
    for kind in (0, 1):
        first, cumulated = givens().ranges[kind]
        for row in range(first, first + len(cumulated)):
            by_start.setdefault((kind, written[row][0]), []).append(row)
    for row, pick in zip(chosen.tolist(), rng.random(len(chosen)).tolist(), strict=True):
        model = row - 1 if twin[row] else int(home_of[row])
        like = by_start.get((int(kinds[row]), written[drawn[model]][0]))
        if like:
            drawn[row] = like[int(pick * len(like))]
    return drawn


def _workplace(rng: np.random.Generator, companies: Firms, japanese: Flags) -> Ints:
    """Japanese work for Japanese companies nearly always, others for others mostly."""
    drawn = np.searchsorted(companies.cumulated, rng.random((3, len(japanese))) * companies.cumulated[-1], side="right")
    fits = companies.western[drawn] == ~japanese
    return np.where(fits[0], drawn[0], np.where(fits[1], drawn[1], drawn[2]))


def _direct(employer: Ints, rows: Ints, companies: Firms) -> Texts:
    """A line of one's own under the company's number; 9,997 of them, so a few share one."""
    at = np.maximum(employer, 0)
    return places.landlines(companies.place.city[at], companies.line[at] + 2 + rows * 37 % 9_997)


def _of_household(rng: np.random.Generator, mails: Texts, home_of: Ints) -> Texts:
    shared = (rng.random(len(mails)) < rates.FAMILY_MAILBOX)[home_of]
    return np.where(shared, mails[home_of], mails)


@dataclass
class _Mails:
    rng: np.random.Generator
    family: Ints
    given: Ints
    japanese: Flags
    born: Ints

    def __post_init__(self) -> None:
        self.last = texts(_letters(one) for one in families().passport)[self.family]
        self.first = texts(_letters(one) for one in givens().passport)[self.given]
        self.year = pd.DatetimeIndex(self.born.astype("datetime64[D]")).year.to_numpy()

    def private(self) -> Texts:
        count = len(self.last)
        style = np.searchsorted((0.2, 0.35, 0.5, 0.62, 0.72), self.rng.random(count))
        words_ = words.MAILBOX_WORDS.split()
        word, other, digits = (self.rng.integers(0, top, count) for top in (len(words_), len(words_), 10_000))
        year = self.year % 100
        made = []
        for i, (last, first) in enumerate(zip(self.last.tolist(), self.first.tolist(), strict=True)):
            match style[i]:
                case 0:
                    made.append(f"{first}.{last}")
                case 1:
                    made.append(f"{last}{first}{year[i]:02d}")
                case 2:
                    made.append(f"{first[0]}-{last}")
                case 3:
                    made.append(f"{last}.{digits[i] % 1000}")
                case 4:
                    made.append(f"{first}{digits[i]:04d}")
                case _:
                    made.append(f"{words_[word[i]]}-{words_[other[i]]}{digits[i] % 100}")
        domain = np.where(self.japanese, self._domain(words.FREE_MAIL), self._domain(words.FREE_MAIL_ABROAD))
        return _numbered(texts(made), domain)

    def at_work(self, employer: Ints, companies: Firms) -> Texts:
        at = np.maximum(employer, 0)
        style, last, first = companies.style[at], self.last, self.first
        initial = texts(one[0] for one in first)
        made = np.where(
            style == 0,
            first + "." + last,
            np.where(
                style == 1,
                initial + "." + last,
                np.where(style == 2, last, np.where(style == 3, last + "." + initial, initial + "-" + last)),
            ),
        )
        return _numbered(made, companies.domain[at])

    def _domain(self, table: str) -> Texts:
        names = [one.split(":") for one in table.split()]
        cumulated = np.cumsum([int(weight) for _, weight in names])
        drawn = np.searchsorted(cumulated, self.rng.integers(0, cumulated[-1], len(self.last)), side="right")
        return texts(name for name, _ in names)[drawn]


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isalpha()) or "x"


def _numbered(local: Texts, domain: Texts) -> Texts:
    """The second one of a mailbox's name takes a number."""
    mailbox = pd.Series(local + "@" + domain)
    place = mailbox.groupby(mailbox, sort=False).cumcount().to_numpy()
    return np.where(place == 0, mailbox.to_numpy(dtype=object), local + texts(str(n + 1) for n in place) + "@" + domain)
