"""How the users of the CRMs type what is true, a column at a time.

Belongs here: the many spellings of names, phones, companies and addresses, as typing_habits.py has them for single
values. Not here: which field is filled at all, and what is true. With dirt 0 everything is written the usual way.
"""

from __future__ import annotations

import numpy as np

from crm_pipeline.emulator.organisation.entities import BUILDINGS
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Floats, Ints, cumulate
from crm_pipeline.emulator.organisation.synthetic.firms import WITHOUT_SPACES, Firms
from crm_pipeline.emulator.organisation.synthetic.names import Names, family_names, given_names
from crm_pipeline.emulator.organisation.synthetic.people import People
from crm_pipeline.emulator.organisation.synthetic.places import Addresses, Phones, places
from crm_pipeline.emulator.organisation.synthetic.sizes import LANGUAGES
from crm_pipeline.emulator.organisation.synthetic.texts import (
    NUMBERS,
    TWO_DIGITS,
    Texts,
    blank,
    by_kind,
    column,
    each,
    either,
    filled,
    kept,
    replaced,
)
from crm_pipeline.emulator.organisation.typing_habits import KANJI_DIGITS, full_width

_NAME_HABITS = cumulate(6, 4, 3, 3, 3, 3, 2, 1, 2)
_NAME_HABITS_ABROAD = cumulate(3, 2, 4, 2, 3, 3)
_PHONE_FORMS = cumulate(12, 10, 6, 5, 4, 3)
_COMPANY_FORMS = cumulate(14, 8, 14, 7, 6, 1)
_STREET_FORMS = cumulate(2, 2, 1, 2)
_POSTAL_CODE_FORMS = cumulate(2, 1, 1)
_HOUSE_NUMBER_FIRST = [LANGUAGES.index("en"), LANGUAGES.index("fr")]
_ALWAYS_FIRST = ("医療法人", "社会福祉法人", "学校法人")
_SHORT = {
    "株式会社": ("(株)", "㈱"),
    "有限会社": ("(有)", "㈲"),
    "合同会社": ("(同)", "(同)"),
    "주식회사": ("(주)", "㈜"),
}
_GAPS = column((" ", "　", ""))
_HONORIFICS = column(("様", "さん", " 様"))
_KANJI = column(KANJI_DIGITS)
_BUILDINGS = column(f" {BUILDINGS[number]}" if number < len(BUILDINGS) else "" for number in range(17))
_INITIALS = column("ABDEJMRST")


def odd(draws: Draws, name: str, size: int, share: float | Floats, dirt: float) -> Flags:
    """True for the share of odd values at dirt 1, less with less dirt, none with none."""
    return draws.chance(name, size, share * dirt)


def person_names(draws: Draws, people: People, careless: Floats, dirt: float) -> tuple[Texts, Texts]:
    """(family, given) as typed; `careless` is the share of records with something unusual about the name."""
    size, families, givens = len(people.family), family_names(), given_names()
    keyboard = odd(draws, "keyboard", size, 0.35, dirt)
    family = either(keyboard, families.keyboard[people.family], families.true[people.family])
    given = either(keyboard, givens.keyboard[people.given], givens.true[people.given])
    unusual = odd(draws, "careless", size, careless, dirt)
    japanese = people.language == 0
    habit = np.where(unusual & japanese, draws.choice("habit", size, _NAME_HABITS), -1)
    abroad = np.where(unusual & ~japanese, draws.choice("habit abroad", size, _NAME_HABITS_ABROAD), -1)
    if not unusual.any():
        return family, given
    upper = draws.chance("upper", size, 0.25)
    gap, title = _GAPS[draws.number("gap", size, 3)], _HONORIFICS[draws.number("title", size, 3)]

    def roman(names: Names, row: Ints) -> Texts:
        letters = either(draws.chance("wapuro", size, 0.2), names.wapuro[row], names.roman[row])
        return replaced(letters, upper, lambda where: each(str.upper, letters[where]))

    def full(names: Names, row: Ints) -> Texts:
        return each(full_width, names.roman[row])

    family_roman, given_roman = roman(families, people.family), roman(givens, people.given)
    middle = _INITIALS[draws.number("middle", size, len(_INITIALS))]
    typed_family = by_kind(
        family,
        habit,
        {
            0: lambda w: family_roman[w],
            1: lambda w: family[w] + gap[w] + given[w],
            2: lambda w: families.kana[people.family[w]],
            5: lambda w: families.other[people.family[w]],
            6: lambda w: families.half_kana[people.family[w]],
            7: lambda w: given[w],
            8: lambda w: full(families, people.family[w]),
        },
    )
    typed_given = by_kind(
        given,
        habit,
        {
            0: lambda w: given_roman[w],
            1: lambda w: blank(int(w.sum())),
            2: lambda w: givens.kana[people.given[w]],
            3: lambda w: blank(int(w.sum())),
            4: lambda w: given[w] + title[w],
            6: lambda w: givens.half_kana[people.given[w]],
            7: lambda w: family[w],
            8: lambda w: full(givens, people.given[w]),
        },
    )
    return (
        by_kind(
            typed_family,
            abroad,
            {
                0: lambda w: each(str.upper, families.roman[people.family[w]]),
                2: lambda w: givens.roman[people.given[w]] + " " + families.roman[people.family[w]],
                3: lambda w: families.kana[people.family[w]],
                4: lambda w: families.roman[people.family[w]],
                5: lambda w: families.other[people.family[w]],
            },
        ),
        by_kind(
            typed_given,
            abroad,
            {
                0: lambda w: givens.roman[people.given[w]],
                1: lambda w: each(lambda name: f"{name[0]}.", givens.roman[people.given[w]]),
                2: lambda w: blank(int(w.sum())),
                3: lambda w: givens.kana[people.given[w]],
                4: lambda w: givens.roman[people.given[w]] + " " + middle[w] + ".",
                5: lambda w: givens.other[people.given[w]],
            },
        ),
    )


def phones(draws: Draws, true: Phones, dirt: float, on_switchboard: Flags | None = None) -> Texts:
    """Phone numbers as typed: 03-1234-5678, abroad +1 415 555 0123; some on a switchboard with their extension."""
    size = len(true.line)
    abroad = ~filled(true.area)
    area, exchange = either(abroad, "", true.area), either(abroad, "", true.exchange)
    plain = area + "-" + exchange + "-" + true.line
    unusual = odd(draws, "form", size, 0.4, dirt)
    form = np.where(unusual & ~abroad, draws.choice("japanese", size, _PHONE_FORMS), -1)
    typed = by_kind(
        either(abroad, true.line, plain),
        form,
        {
            0: lambda w: area[w] + exchange[w] + true.line[w],
            1: lambda w: "+81 " + each(lambda text: text[1:], plain[w]),
            2: lambda w: area[w] + "(" + exchange[w] + ")" + true.line[w],
            3: lambda w: each(full_width, plain[w]),
            4: lambda w: area[w] + " " + exchange[w] + " " + true.line[w],
            5: lambda w: area[w] + "." + exchange[w] + "." + true.line[w],
        },
    )
    gap = np.where(unusual & abroad, draws.number("abroad", size, 2), -1)
    typed = by_kind(
        typed,
        gap,
        {
            0: lambda w: each(lambda text: text.replace(" ", "-"), true.line[w]),
            1: lambda w: each(lambda text: text.replace(" ", ""), true.line[w]),
        },
    )
    if on_switchboard is None:
        return typed
    extended = odd(draws, "extension", size, 0.2, dirt) & on_switchboard
    digits = TWO_DIGITS[draws.number("digits", size, 89) + 10]
    kind = np.where(extended, draws.number("kind", size, 3), -1)
    extension = {
        0: lambda w: typed[w] + " 内線" + digits[w],
        1: lambda w: typed[w] + "(代)",
        2: lambda w: typed[w] + " ext. " + digits[w] + "1",
    }
    return by_kind(typed, kind, extension)


def company_names(draws: Draws, firms: Firms, dirt: float) -> Texts:
    """Company names as typed: the legal form written out, abbreviated, left out, or all in Latin letters."""
    size, core, form = len(firms.core), firms.core, firms.form
    japanese = firms.language == 0
    first = np.isin(form, _ALWAYS_FIRST) | ((firms.form_first == 1) & (japanese | (form == "주식회사")))
    none = np.isin(firms.language, WITHOUT_SPACES)
    gap = either(none, "", " ")
    short, sign = (each(abbreviation, form) for abbreviation in (_abbreviated, _as_sign))

    def written(ending: Texts, between: Texts) -> Texts:
        return either(form == "", core, either(first, ending + between + core, core + between + ending))

    unusual = odd(draws, "form", size, 0.5, dirt)
    habit = np.where(unusual, draws.choice("habit", size, _COMPANY_FORMS), -1)
    limited = (form == "株式会社") | (form == "有限会社")
    latin = either(japanese, firms.latin + either(limited, " Co., Ltd.", ""), firms.latin + " " + form)
    comma = either(np.isin(form, ("Inc.", "LLC", "Ltd.", "Pte. Ltd.")), ", ", gap)
    return by_kind(
        written(form, comma),
        habit,
        {
            0: lambda w: written(short, gap)[w],
            1: lambda w: written(sign, gap)[w],
            2: lambda w: core[w],
            3: lambda w: latin[w],
            4: lambda w: written(form, either(first | ~none, " ", "　"))[w],
            5: lambda w: either(japanese[w], each(full_width, latin[w]), each(str.upper, latin[w])),
        },
    )


def _abbreviated(form: str) -> str:
    return _SHORT.get(form, (form, form))[0]


def _as_sign(form: str) -> str:
    return _SHORT.get(form, (form, form))[1]


def addresses(draws: Draws, true: Addresses, dirt: float) -> dict[str, Texts]:
    """Addresses as typed: postal_code, prefecture, city, street, country."""
    size, known, at = len(true.place), places(), true.place
    japanese = known.language[at] == 0
    latin = odd(draws, "latin", size, 0.04, dirt) & japanese
    whole = odd(draws, "whole", size, 0.12, dirt) & japanese & ~latin
    no_country = odd(draws, "country", size, 0.66, dirt) & japanese & ~latin
    code, prefecture, city = known.postal_code[at], known.prefecture[at], known.city[at]
    code_form = odd(draws, "code", size, 0.36, dirt) & japanese & ~latin
    street = _streets(draws, true, dirt)
    latin_block = NUMBERS[true.chome] + "-" + NUMBERS[true.ban] + "-" + NUMBERS[true.go]
    return {
        "postal_code": by_kind(
            code,
            np.where(code_form, draws.choice("code form", size, _POSTAL_CODE_FORMS), -1),
            {
                0: lambda w: each(lambda text: text.replace("-", ""), code[w]),
                1: lambda w: "〒" + code[w],
                2: lambda w: each(full_width, code[w]),
            },
        ),
        "prefecture": either(latin, known.prefecture_en[at], kept(prefecture, ~whole)),
        "city": either(latin, known.city_en[at], kept(city, ~whole)),
        "street": by_kind(
            street,
            np.where(latin, 0, np.where(whole, 1, -1)),
            {
                0: lambda w: latin_block[w] + " " + known.town_en[at[w]],
                1: lambda w: prefecture[w] + city[w] + street[w],
            },
        ),
        "country": either(latin, "Japan", kept(known.country[at], ~no_country)),
    }


def _streets(draws: Draws, true: Addresses, dirt: float) -> Texts:
    """Town, block and building; abroad street and house number in the order of the country."""
    size, known = len(true.place), places()
    language, town, house = known.language[true.place], known.town[true.place], NUMBERS[true.number]
    chome, ban, go = NUMBERS[true.chome], NUMBERS[true.ban], NUMBERS[true.go]
    plain = chome + "-" + ban + "-" + go
    unusual = odd(draws, "street", size, 0.58, dirt) & (language == 0)
    block = by_kind(
        plain,
        np.where(unusual, draws.choice("form", size, _STREET_FORMS), -1),
        {
            0: lambda w: chome[w] + "丁目" + ban[w] + "番" + go[w] + "号",
            1: lambda w: _KANJI[true.chome[w]] + "丁目" + ban[w] + "-" + go[w],
            2: lambda w: each(full_width, plain[w]),
            3: lambda w: chome[w] + "丁目" + ban[w] + "-" + go[w],
        },
    )
    abroad = either(np.isin(language, _HOUSE_NUMBER_FIRST), house + " " + town, town + " " + house)
    abroad = either(language == LANGUAGES.index("zh"), town + house + "号", abroad)
    return either(language == 0, town + block + _BUILDINGS[true.building], abroad)


def mistyped(draws: Draws, e_mails: Texts, dirt: float) -> Texts:
    """Addresses with a slip of the fingers in the local part here and there: yamada -> yamda, yamaad."""
    size = len(e_mails)
    wrong = odd(draws, "typo", size, 0.015, dirt) & filled(e_mails)
    at, swap = draws.uniform("typo at", size), draws.chance("typo kind", size, 0.5)

    def typed(where: Flags) -> Texts:
        rows = zip(e_mails[where].tolist(), at[where].tolist(), swap[where].tolist(), strict=True)
        return column(_slip(text, place, swapped) for text, place, swapped in rows)

    return replaced(e_mails, wrong, typed)


def _slip(e_mail: str, place: float, swapped: bool) -> str:
    local, _, domain = e_mail.partition("@")
    name, dot, rest = local.partition(".demo")
    if len(name) < 4:
        return e_mail
    at = 1 + int(place * (len(name) - 2))
    middle = name[at + 1] + name[at] if swapped else name[at]
    return f"{name[:at]}{middle}{name[at + 2 :]}{dot}{rest}@{domain}".replace("..", ".")
