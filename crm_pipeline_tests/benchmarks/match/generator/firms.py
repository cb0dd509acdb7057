"""The companies that customers work for, as columns. Belongs here: name, form, domain, place, numbers of a company.
Not here: who works there (people.py), how a record spells it (spelling.py)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_pipeline_tests.benchmarks.match.generator import places, words
from crm_pipeline_tests.benchmarks.match.generator.names import Ints, Texts, families, texts
from crm_pipeline_tests.benchmarks.match.generator.places import Places

#: Customers of one company on average, and how unequal companies are (sigma of a log-normal): assumed.
CUSTOMERS, SPREAD = 3.0, 1.1
_JAPANESE_FORMS = ("株式会社", "有限会社", "合同会社")
_WESTERN_FORMS = ("Inc.", "Ltd.", "LLC", "GmbH", "S.A.")
#: Shares of the kinds of names: family and trade, town and trade, brand and trade, brand alone.
_NAMED = (0.45, 0.15, 0.25, 0.15)


@dataclass(frozen=True)
class Firms:
    """`core`: the name without its legal form; `latin` the same in Latin letters; `style` of its e-mail addresses."""

    core: Texts
    latin: Texts
    form: Texts
    form_first: np.ndarray
    western: np.ndarray
    domain: Texts
    style: Ints
    place: Places
    switchboard: Texts
    line: Ints
    cumulated: np.ndarray


def draw(rng: np.random.Generator, employees: int, japanese: float) -> Firms:
    """Companies for so many employees."""
    count = max(3, int(employees / CUSTOMERS))
    western = rng.random(count) >= japanese
    names = families()
    founders = names.draw(western.astype(np.int64), rng.random(count))
    trades, brands = _split(words.TRADES), _split(words.BRANDS)
    towns = places.cities()
    trade, brand, other = (rng.integers(0, len(table), count) for table in (trades, brands, brands))
    where = places.draw(rng, western & (rng.random(count) < 0.7))
    town = rng.integers(0, towns.abroad, count)
    kind = np.searchsorted(np.cumsum(_NAMED), rng.random(count))
    core, latin = [], []
    for i in range(count):
        word, roman = trades[trade[i]]
        if western[i]:
            first = names.plain[founders[i]]
            second = brands[brand[i]][1].title() if kind[i] else "& Sons" if i % 2 else "Group"
            core.append(f"{names.written[founders[i]]} {second}")
            latin.append(f"{first} {second}".replace("& Sons", "and Sons"))
        elif kind[i] == 0:
            core.append(names.written[founders[i]] + word)
            latin.append(f"{names.passport[founders[i]]} {roman}".title())
        elif kind[i] == 1:
            core.append(towns.city[town[i]][:-1] + word)
            latin.append(f"{brands[brand[i]][1]} {roman}".title())  # a domain that is not the name
        elif kind[i] == 2:
            core.append(brands[brand[i]][0] + word)
            latin.append(f"{brands[brand[i]][1]} {roman}".title())
        else:
            core.append(brands[brand[i]][0] + brands[other[i]][0])
            latin.append(f"{brands[brand[i]][1]}{brands[other[i]][1]}".title())
    form = np.where(
        western,
        texts(_WESTERN_FORMS)[rng.integers(0, len(_WESTERN_FORMS), count)],
        texts(_JAPANESE_FORMS)[np.searchsorted((0.83, 0.97), rng.random(count))],
    )
    line = places.line_numbers(np.arange(count), 1)
    weights = rng.lognormal(0.0, SPREAD, count)
    return Firms(
        core=texts(core),
        latin=texts(latin),
        form=form,
        form_first=rng.random(count) < 0.6,
        western=western,
        domain=_domains(latin, western),
        style=rng.integers(0, 5, count),
        place=where,
        switchboard=places.landlines(where.city, line // 10_000 * 10_000 + 1),
        line=line // 10_000 * 10_000,
        cumulated=np.cumsum(weights),
    )


def _domains(latin: list[str], western: np.ndarray) -> Texts:
    """A domain each; the second of one name takes a number."""
    seen: dict[str, int] = {}
    made = []
    for name, is_western in zip(latin, western.tolist(), strict=True):
        word = "".join(c for c in name.lower() if c.isalnum() and c.isascii()) or "firm"
        seen[word] = seen.get(word, 0) + 1
        made.append(f"{word}{'' if seen[word] == 1 else seen[word]}.{'com' if is_western else 'co.jp'}")
    return texts(made)


def _split(table: str) -> list[tuple[str, str]]:
    return [tuple(one.split(":")) for one in table.split()]  # type: ignore[misc]
