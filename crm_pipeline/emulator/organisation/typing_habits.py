"""How people type what they know: the many spellings of one name, phone, company and address.

Belongs here: pure functions (random source, true value) -> text as it stands in a CRM. Not here: which field is filled
at all, and what is true.
"""

from __future__ import annotations

import unicodedata
from random import Random

from crm_pipeline.emulator.organisation.entities import NAME_VARIANTS, Address, Firm, Person, Phone, passport
from crm_pipeline.emulator.organisation.vocabulary import ForeignTown, Name

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
KANJI_DIGITS = "〇一二三四五六七八九"
KEYBOARD = str.maketrans({variant: plain for plain, variant in NAME_VARIANTS.items()} | {"齊": "斎", "邉": "辺"})
_HALF_WIDTH_KANA = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)} | {
    "\u3099": "\uff9e",
    "\u309a": "\uff9f",
}


def full_width(text: str) -> str:
    """ASCII characters as their full-width forms: 03-1 -> ０３－１."""
    return text.translate(_FULL_WIDTH)


def half_width_kana(text: str) -> str:
    """Katakana as half-width katakana: ガ -> ｶﾞ."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(_HALF_WIDTH_KANA.get(character, character) for character in parts)


def katakana(kana: str) -> str:
    """Hiragana as katakana."""
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in kana)


def person_name(random: Random, person: Person, *, careless: float) -> tuple[str, str]:
    """(family, given) as typed; `careless` is the share of records with something unusual about the name."""
    if person.western:
        return _western_name(random, person, careless)
    family, given = person.family_spelling, person.given_spelling
    if random.random() < 0.35:
        family = family.translate(KEYBOARD)
    if random.random() >= careless:
        return family, given
    match random.choices(range(8), weights=(6, 4, 3, 3, 3, 3, 2, 1))[0]:
        case 0:
            return _romaji(random, person.family), _romaji(random, person.given)
        case 1:
            return f"{family}{random.choice((' ', '　', ''))}{given}", ""
        case 2:
            return katakana(person.family.kana), katakana(person.given.kana)
        case 3:
            return family, ""
        case 4:
            return family, given + random.choice(("様", "さん", " 様"))
        case 5:
            return weak_variant(family), given
        case 6:
            return half_width_kana(katakana(person.family.kana)), half_width_kana(katakana(person.given.kana))
        case _:
            return given, family


def phone(random: Random, number: Phone, *, extension: bool = False) -> str:
    """A phone number as typed; `extension` adds one where the number is a switchboard."""
    if len(number) == 1:
        return random.choice((number[0], number[0].replace(" ", "-"), number[0].replace(" ", "")))
    area, exchange, line = number
    text = random.choices(
        (
            f"{area}-{exchange}-{line}",
            f"{area}{exchange}{line}",
            f"+81 {area[1:]}-{exchange}-{line}",
            f"{area}({exchange}){line}",
            full_width(f"{area}-{exchange}-{line}"),
            f"{area} {exchange} {line}",
            f"{area}.{exchange}.{line}",
        ),
        weights=(60, 12, 10, 6, 5, 4, 3),
    )[0]
    if extension:
        return text + random.choice((f" 内線{random.randrange(10, 99)}", "(代)", f" ext. {random.randrange(100, 999)}"))
    return text


def company_name(random: Random, firm: Firm) -> str:
    """A company's name as typed: with the legal form written out, abbreviated, left out, or in Latin letters."""
    core, form = firm.core, firm.legal_form
    if firm.western:
        return random.choices((f"{core}, {form}", f"{core} {form}", core, core.upper()), weights=(4, 3, 3, 1))[0]
    if not form:
        return core
    short = {"株式会社": ("(株)", "㈱"), "有限会社": ("(有)", "㈲"), "合同会社": ("(同)", "合同会社")}.get(
        form, (form, form)
    )
    written, abbreviated, sign = (
        form_ + core if firm.form_first else core + form_ for form_ in (form, short[0], short[1])
    )
    latin = f"{firm.latin} Co., Ltd." if form in ("株式会社", "有限会社") else firm.latin
    spaced = f"{form} {core}" if firm.form_first else f"{core}　{form}"
    return random.choices(
        (written, abbreviated, sign, core, latin, spaced, full_width(latin)), weights=(50, 14, 8, 14, 7, 6, 1)
    )[0]


def address(random: Random, place: Address, *, latin: bool) -> dict[str, str]:
    """An address as typed: postal_code, prefecture, city, street, country; `latin` in Latin letters."""
    if isinstance(place.town, ForeignTown):
        street = f"{place.block[0]} {place.town.street}"
        parts = (place.town.postal_code, place.town.state, place.town.city, street, place.town.country)
        return dict(zip(("postal_code", "prefecture", "city", "street", "country"), parts, strict=True))
    town = place.town
    if latin:
        street = "-".join(map(str, place.block)) + " " + town.town_en
        parts = (town.postal_code, town.prefecture_en, town.city_en, street, "Japan")
    else:
        street = town.town + _block(random, place.block) + (f" {place.building}" if place.building else "")
        parts = (
            _postal_code(random, town.postal_code),
            town.prefecture,
            town.city,
            street,
            random.choice(("日本", "", "")),
        )
        if random.random() < 0.12:
            parts = (parts[0], "", "", town.prefecture + town.city + street, parts[4])
    return dict(zip(("postal_code", "prefecture", "city", "street", "country"), parts, strict=True))


def _western_name(random: Random, person: Person, careless: float) -> tuple[str, str]:
    family, given = person.family.spellings[0], person.given.spellings[0]
    if len(person.given.spellings) > 1 and random.random() < 0.3:
        given = random.choice(person.given.spellings[1:])
    if len(person.family.spellings) > 1 and random.random() < 0.3:
        family = random.choice(person.family.spellings[1:])
    if random.random() >= careless:
        return family, given
    return random.choice(
        (
            (family.upper(), given),
            (family, given[0] + "."),
            (f"{given} {family}", ""),
            (family.lower(), given.lower()),
            (family, f"{given} {random.choice('ABDEJMRST')}."),
        )
    )


def _romaji(random: Random, name: Name) -> str:
    spelling = random.choices((passport(name.romaji), name.romaji.capitalize()), weights=(4, 1))[0]
    return spelling.upper() if random.random() < 0.25 else spelling


def weak_variant(family: str) -> str:
    """The other spelling that sounds alike and gets mixed up: 斎藤 and 斉藤."""
    for one, other in (
        ("斎", "斉"),
        ("伊藤", "伊東"),
        ("阿部", "安部"),
        ("菊地", "菊池"),
        ("太田", "大田"),
        ("河", "川"),
    ):
        if one in family:
            return family.replace(one, other)
        if other in family:
            return family.replace(other, one)
    return family


def _block(random: Random, block: tuple[int, int, int]) -> str:
    chome, ban, go = block
    plain = f"{chome}-{ban}-{go}"
    return random.choices(
        (
            plain,
            f"{chome}丁目{ban}番{go}号",
            f"{KANJI_DIGITS[chome]}丁目{ban}-{go}",
            full_width(plain),
            f"{chome}丁目{ban}-{go}",
        ),
        weights=(5, 2, 2, 1, 2),
    )[0]


def _postal_code(random: Random, code: str) -> str:
    return random.choices((code, code.replace("-", ""), "〒" + code, full_width(code)), weights=(7, 2, 1, 1))[0]
