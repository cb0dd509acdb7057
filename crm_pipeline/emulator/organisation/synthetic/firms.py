"""The firms of a district as they truly are, as columns; row n is firm n of the district.

Belongs here: name, domain, place, industry and size of a firm. Not here: how a user types them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from crm_pipeline.emulator.organisation import vocabulary
from crm_pipeline.emulator.organisation.entities import passport
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Floats, Ints, choose
from crm_pipeline.emulator.organisation.synthetic.names import family_names, plain
from crm_pipeline.emulator.organisation.synthetic.places import Addresses, Columns, Phones, addresses, landlines, places
from crm_pipeline.emulator.organisation.synthetic.sizes import LANGUAGES, District
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, by_kind, column, each, either

#: Legal forms abroad; a drawn one stands after the name.
_FORMS_ABROAD = {
    "en": ("Inc.", "LLC", "Ltd.", "Pte. Ltd."),
    "zh": ("有限公司", "股份有限公司"),
    "ko": ("주식회사",),
    "de": ("GmbH", "AG", "GmbH & Co. KG"),
    "fr": ("SARL", "SAS", "SA"),
    "es": ("S.L.", "S.A."),
}
WITHOUT_SPACES = [LANGUAGES.index("ja"), LANGUAGES.index("zh")]
#: Of 100 Japanese firms so many are named after a family, a city, nothing at all.
_FAMILY, _CITY, _BRAND = range(3)
_KINDS = np.cumsum(np.array((50, 20, 30), dtype=np.int64))
_SIZES = np.array((3, 5, 8, 12, 20, 35, 60, 100, 180, 350, 700, 1500, 3000), dtype=np.int64)


@dataclass(frozen=True)
class Firms(Columns):
    """`core` is the name without its legal form, `latin` the same in Latin letters.

    `founders` is the row of the family that the firm is named after, -1 without one; `mail_style` how the firm makes
    e-mail addresses of names.
    """

    language: Ints
    core: Texts
    latin: Texts
    form: Texts
    form_first: Ints
    domain: Texts
    address: Addresses
    switchboard: Phones
    industry: Texts
    employees: Ints
    founders: Ints
    mail_style: Ints


@dataclass(frozen=True)
class _Trades(Columns):
    language: Ints
    word: Texts
    latin: Texts
    industry: Texts
    form: Texts
    weight: Ints

    def draw(self, languages: Ints, uniform: Floats) -> Ints:
        drawn = np.zeros(len(languages), dtype=np.int64)
        for number in range(len(LANGUAGES)):
            where, rows = languages == number, np.flatnonzero(self.language == number)
            drawn[where] = rows[choose(uniform[where], np.cumsum(self.weight[rows]))]
        return drawn


def firms_of(district: District, draws: Draws) -> Firms:
    """All firms of the district."""
    size, names, trades = district.firms.total, family_names(), _trades()
    languages = draw_languages(district, draws.uniform("language", size))
    at = places().draw(languages, draws.uniform("place", size))
    trade = trades.draw(languages, draws.uniform("trade", size))
    kinds = np.where(languages > 0, _FAMILY, draws.choice("kind", size, _KINDS))
    family = names.draw(languages, draws.uniform("family", size))
    brand, brand_latin = _brands(draws, size)
    gap = either(np.isin(languages, WITHOUT_SPACES), "", " ")
    city = _city_cores()[at]
    core = by_kind(
        names.keyboard[family] + gap + trades.word[trade],
        kinds,
        {_CITY: lambda w: city[w] + trades.word[trade[w]], _BRAND: lambda w: brand[w]},
    )
    before = by_kind(names.roman[family], kinds, {_CITY: lambda w: _city_letters()[at[w]]})
    latin = by_kind(before + " " + trades.latin[trade], kinds, {_BRAND: lambda w: brand_latin[w]})
    return Firms(
        language=languages,
        core=core,
        latin=latin,
        form=_forms(draws, languages, trades.form[trade], kinds),
        form_first=(draws.uniform("form first", size) < 0.6).astype(np.int64),
        domain=_domains(latin, places().city_en[at], district.number),
        address=addresses(draws.below("address"), at),
        switchboard=landlines(draws.below("switchboard"), at, switchboard=True),
        industry=trades.industry[trade],
        employees=_SIZES[draws.number("size", size, len(_SIZES))] + draws.number("more", size, 9),
        founders=np.where((kinds == _FAMILY) & (languages == 0), family, -1),
        mail_style=draws.number("mail style", size, 5),
    )


def draw_languages(district: District, uniform: Floats) -> Ints:
    """Languages (places in LANGUAGES) as often as the organisation wants them."""
    shares = district.of_organisation.languages
    weights = [round(shares.get(language, 0.0) * 1_000_000) for language in LANGUAGES]
    return choose(uniform, np.cumsum(np.array(weights, dtype=np.int64)))


def _forms(draws: Draws, languages: Ints, usual: Texts, kinds: Ints) -> Texts:
    """Legal forms; "" is a firm that has none. A brand is a 株式会社 or a 合同会社, whatever its trade."""
    size = len(languages)
    drawn = draws.uniform("form", size)
    forms = either(kinds == _BRAND, either(drawn < 0.8, "株式会社", "合同会社"), usual)
    for language, choices in _FORMS_ABROAD.items():
        where = languages == LANGUAGES.index(language)
        forms[where] = column(choices)[(drawn[where] * len(choices)).astype(np.int64)]
    return forms


def _brands(draws: Draws, size: int) -> tuple[Texts, Texts]:
    first, second = (vocabulary.brand_halves(half) for half in ("first", "second"))
    one, other = draws.number("brand", size, len(first)), draws.number("brand end", size, len(second))
    kana, latin = ([column(half[form] for half in halves) for halves in (first, second)] for form in (0, 1))
    return kana[0][one] + kana[1][other], latin[0][one] + each(str.lower, latin[1])[other]


def _domains(latin: Texts, city: Texts, district: int) -> Texts:
    """Domains under .example, which nobody can own (RFC 2606): no two in the organisation are equal.

    A name that is taken gets the city, then a number; from the second district on, the district stands behind it.
    """
    taken: set[str] = set()
    behind = f"-{district}" if district else ""
    domains = []
    for name, place in zip(latin.tolist(), city.tolist(), strict=True):
        domain = stem = re.sub(r"[^a-z]+", "-", plain(name).lower()).strip("-")
        number = 1
        if domain in taken:
            stem = domain = f"{stem}-{re.sub(r'[^a-z]', '', plain(place.partition('-')[0]).lower())}"
        while domain in taken:
            number += 1
            domain = f"{stem}{number}"
        taken.add(domain)
        domains.append(f"{domain}{behind}.example")
    return column(domains)


@cache
def _trades() -> _Trades:
    rows = [
        (0, word, passport(latin), industry, form, int(weight))
        for industry, word, latin, form, weight in vocabulary.table("trades")
    ]
    for language, word, latin, industry, weight in vocabulary.table("trades_abroad"):
        rows.append((LANGUAGES.index(language), word, latin.capitalize(), industry, "", int(weight)))
    language_, word_, latin_, industry_, form_, weight_ = zip(*rows, strict=True)
    return _Trades(
        language=np.array(language_, dtype=np.int64),
        word=column(word_),
        latin=column(latin_),
        industry=column(industry_),
        form=column(form_),
        weight=np.array(weight_, dtype=np.int64),
    )


@cache
def _city_cores() -> Texts:
    """新宿区 -> 新宿, as it stands in a firm's name."""
    return each(lambda city: re.sub(r"[市区].*$", "", city), places().city)


@cache
def _city_letters() -> Texts:
    return each(lambda city: re.sub(r"-(shi|ku).*$", "", city), places().city_en)
