"""How values are typed. Belongs here: every spelling and every damage of a name, e-mail, phone, company, address, date.
Not here: which value a record has (known.py). Pure but for the generator of random numbers that is given."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from crm_pipeline_tests.benchmarks.match.generator import places, rates, words
from crm_pipeline_tests.benchmarks.match.generator.firms import Firms
from crm_pipeline_tests.benchmarks.match.generator.names import Ints, Texts, families, givens, texts
from crm_pipeline_tests.benchmarks.match.generator.places import Places

Flags = np.ndarray
FORMS = tuple(rates.NAME_FORMS)
FORM = {name: place for place, name in enumerate(FORMS)}
#: Forms that name the family only, the given name only, neither.
NO_GIVEN, NO_FAMILY = (FORM["family only"], FORM["missing"]), (FORM["given only"], FORM["missing"])
_FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
_KANJI_DIGITS = "〇一二三四五六"


def one_of(rng: np.random.Generator, shares: tuple[float, ...], count: int) -> Ints:
    """Numbers 0, 1, ... in these shares; the last one has what is left."""
    return np.searchsorted(np.cumsum(shares), rng.random(count), side="right").clip(max=len(shares))


def names(
    rng: np.random.Generator, family: Ints, given: Ints, japanese: Flags, registered: Flags, side: Ints
) -> tuple[Texts, Texts, Ints, Ints]:
    """Family field, given field, form, and the script (0 Kanji, 1 kana, 2 Latin) of each record."""
    count, last, first = len(family), families(), givens()
    shares = np.cumsum(np.array(list(rates.NAME_FORMS.values())).T, axis=1)
    form = (rng.random(count)[:, None] >= shares[side]).sum(axis=1).clip(max=len(FORMS) - 1)
    kana = japanese & ((form == FORM["katakana"]) | (form == FORM["hiragana"]))
    roman = japanese & np.isin(form, [FORM["romaji"], FORM["capitals"], FORM["romaji whole"]])
    keyboard = rng.random(count) < rates.KEYBOARD
    own = np.where(registered & ~keyboard, last.register[family], last.written[family])
    mistaken = japanese & (rng.random(count) < rates.CONFUSED)
    own = np.where(mistaken, last.other[family], own)
    own_given = np.where(
        rng.random(count) < np.where(japanese, rates.OTHER_KANJI, rates.NICKNAME),
        first.other[given],
        first.written[given],
    )
    no_accents = ~japanese & (rng.random(count) < rates.NO_ACCENTS)
    own = np.where(no_accents, last.plain[family], own)
    own_given = np.where(no_accents & (own_given == first.written[given]), first.plain[given], own_given)
    half = one_of(rng, (0.8,), count) == 1
    own, own_given = _kana(own, own_given, family, given, kana, half, form == FORM["hiragana"])
    own, own_given = _roman(rng, own, own_given, family, given, roman)
    latin = ~japanese | roman
    own = _slips(rng, own, latin & (rng.random(count) < rates.LETTER))
    own_given = _slips(rng, own_given, latin & (rng.random(count) < rates.LETTER))
    capitals = latin & (form == FORM["capitals"])
    both = rng.random(count) < 0.5
    own = np.where(capitals, _each(own, str.upper, capitals), own)
    own_given = np.where(capitals & both, _each(own_given, str.upper, capitals & both), own_given)
    return *_fields(rng, own, own_given, form, latin), form, np.where(kana, 1, np.where(latin, 2, 0))


def readings(rng: np.random.Generator, family: Ints, given: Ints, wanted: Flags) -> Texts:
    """Furigana: half-width at times, hiragana at times."""
    sort = one_of(rng, (0.75, 0.1), len(family))
    full = families().katakana[family] + " " + givens().katakana[given]
    soft = families().hiragana[family] + " " + givens().hiragana[given]
    made = np.where(sort == 2, soft, full)
    made = np.where(sort == 1, _each(made, half_width, wanted & (sort == 1)), made)
    return np.where(wanted, made, "")


def _kana(
    own: Texts, own_given: Texts, family: Ints, given: Ints, kana: Flags, half: Flags, soft: Flags
) -> tuple[Texts, Texts]:
    pair = []
    for table, rows, now in ((families(), family, own), (givens(), given, own_given)):
        hard = kana & ~soft
        made = np.where(kana & soft, table.hiragana[rows], np.where(hard, table.katakana[rows], now))
        pair.append(np.where(hard & half, _each(made, half_width, hard & half), made))
    return pair[0], pair[1]


def _roman(
    rng: np.random.Generator, own: Texts, own_given: Texts, family: Ints, given: Ints, roman: Flags
) -> tuple[Texts, Texts]:
    """Yamada as in a passport mostly, as typed (satou) or with oh (Satoh) sometimes."""
    sort = one_of(rng, (0.75, 0.15), len(own))
    pair = []
    for table, rows, now in ((families(), family, own), (givens(), given, own_given)):
        made = np.where(sort == 1, table.wapuro[rows], table.passport[rows])
        made = np.where(sort == 2, _each(table.wapuro[rows], lambda text: text.replace("ou", "oh"), roman), made)
        pair.append(np.where(roman, _each(made, str.title, roman), now))
    return pair[0], pair[1]


def _fields(rng: np.random.Generator, family: Texts, given: Texts, form: Ints, latin: Flags) -> tuple[Texts, Texts]:
    """Both fields, by the form."""
    count = len(form)
    sort = one_of(rng, (0.4, 0.3, 0.2), count)
    joined = np.where(
        sort == 0,
        family + " " + given,
        np.where(sort == 1, family + given, np.where(sort == 2, family + "　" + given, family + given + "様")),
    )
    western = np.where(sort == 0, family + ", " + given, given + " " + family)
    whole = (form == FORM["whole"]) | (form == FORM["romaji whole"])
    initial = texts(one[:1] for one in given) + np.where(sort < 2, ".", "")
    swapped = form == FORM["swapped"]
    last = np.where(whole, np.where(latin, western, joined), np.where(swapped, given, family))
    first = np.where(whole, "", np.where(swapped, family, given))
    first = np.where((form == FORM["initial"]) & latin, initial, first)
    last = np.where(np.isin(form, NO_FAMILY), "", last)
    return last, np.where(np.isin(form, NO_GIVEN), "", first)


def e_mails(rng: np.random.Generator, true: Texts) -> Texts:
    """Typed with capitals, a tag, a typo, or replaced by junk."""
    count, filled = len(true), true != ""
    sort = one_of(rng, (rates.E_MAIL_TYPO, rates.E_MAIL_CAPITALS, rates.E_MAIL_TAG, rates.E_MAIL_JUNK), count)
    made = _slips(rng, true, filled & (sort == 0))
    made = np.where(filled & (sort == 1), _each(true, str.title, filled & (sort == 1)), made)
    tagged = filled & (sort == 2) & texts("@gmail.com" in one for one in true).astype(bool)
    made = np.where(tagged, _each(true, lambda text: text.replace("@", "+news@"), tagged), made)
    junk = texts(words.JUNK_MAIL.split())[rng.integers(0, 5, count)]
    return np.where(filled & (sort == 3), junk, made)


def phones(rng: np.random.Generator, true: Texts, extension: Texts) -> Texts:
    """In many formats; a digit wrong, a leading zero eaten, junk."""
    count, filled = len(true), true != ""
    digits = _each(true, lambda text: text.replace("-", "").replace(" ", ""), filled)
    home = texts(one[:1] == "0" for one in true).astype(bool)
    sort = one_of(rng, (0.5, 0.2, 0.08, 0.08, 0.06), count)
    made = np.where(sort == 1, digits, true)
    made = np.where(home & (sort == 2), _each(true, _in_brackets, home & (sort == 2)), made)
    made = np.where(home & (sort == 3), _each(digits, lambda text: f"+81 {text[1:]}", home & (sort == 3)), made)
    wide = sort == 4
    made = np.where(wide, _each(true, lambda text: text.translate(_FULL_WIDTH), wide), made)
    excel = home & (rng.random(count) < rates.PHONE_EXCEL)
    made = np.where(excel, _each(digits, lambda text: text[1:], excel), made)
    made = _slips(rng, made, filled & (rng.random(count) < rates.PHONE_TYPO), digits=True)
    made = np.where(extension != "", made + " 内線" + extension, made)
    junk = filled & (rng.random(count) < rates.PHONE_JUNK)
    return np.where(junk, texts(words.JUNK_PHONES.split())[rng.integers(0, 6, count)], np.where(filled, made, ""))


def companies(rng: np.random.Generator, firms: Firms, employer: Ints) -> Texts:
    """Legal forms in all spellings, branches, Latin names of Japanese companies."""
    known, at, count = employer >= 0, np.maximum(employer, 0), len(employer)
    core, form, ahead, western = firms.core[at], firms.form[at], firms.form_first[at], firms.western[at]
    sort = one_of(rng, (0.48, 0.16, 0.08, 0.17, 0.04), count)
    short = texts({"株式会社": "(株)", "有限会社": "(有)", "合同会社": "(同)"}.get(one, one) for one in form)
    ligature = texts({"株式会社": "㈱", "有限会社": "㈲"}.get(one, one) for one in form)
    spelled = np.where(sort == 1, short, np.where(sort == 2, ligature, form))
    made = np.where(ahead ^ (rng.random(count) < 0.02), spelled + core, core + spelled)
    made = np.where(sort == 3, core, made)
    ending = texts(("Co., Ltd.", "Inc.", "K.K."))[rng.integers(0, 3, count)]
    made = np.where(sort == 4, firms.latin[at] + " " + ending, made)
    office = texts(f"{one[:-1]}支店" for one in places.cities().city[: places.cities().abroad])
    made = np.where(
        (rng.random(count) < 0.05) & (sort < 3), made + " " + office[rng.integers(0, len(office), count)], made
    )
    abroad = np.where(sort == 3, core, np.where(sort == 1, core + ", " + form, core + " " + form))
    return np.where(known, np.where(western, abroad, made), "")


def addresses(rng: np.random.Generator, place: Places, extent: Ints) -> tuple[Texts, Texts]:
    """Postal code and address in one line."""
    count, table = len(extent), places.cities()
    abroad = place.city >= table.abroad
    town = texts(words.TOWNS.split())[place.town]
    sort = one_of(rng, (0.45, 0.25, 0.2), count)
    with_prefecture, with_building = rng.random(count) < 0.75, rng.random(count) < 0.7
    street = texts(words.STREETS.split(","))[place.town % 10]
    building = texts([*words.BUILDINGS.split(","), ""])[place.building]
    lines = []
    columns = (place.chome, place.block, place.house, place.room, sort)
    for chome, block, house, room, how, name, inside in zip(
        *(c.tolist() for c in columns), building, with_building, strict=True
    ):
        if how == 0:
            line = f"{chome}-{block}-{house}" if chome else f"{block}-{house}"
        elif how == 1:
            line = f"{_KANJI_DIGITS[chome]}丁目{block}-{house}" if chome else f"{block}番地{house}"
        elif how == 2:
            line = f"{chome}丁目{block}番{house}号" if chome else f"{block}番{house}号"
        else:
            line = (f"{chome}-{block}-{house}" if chome else f"{block}-{house}").translate(_FULL_WIDTH)
        lines.append(f"{line} {name}{room}" if name and inside else line)
    head = np.where(with_prefecture, table.prefecture[place.city], "") + table.city[place.city]
    made = np.where(extent == 0, head + town + texts(lines), np.where(extent == 1, head + town, head))
    made = np.where(extent == 3, table.prefecture[place.city], made)
    foreign = texts(str(n) for n in place.block) + " " + street + ", " + table.city[place.city]
    made = np.where(abroad, np.where(extent == 0, foreign, table.city[place.city]), made)
    code = [
        f"{start}{town_ % 10}-{(town_ * 97 + city) % 10000:04d}"
        for start, town_, city in zip(table.postal[place.city], place.town.tolist(), place.city.tolist(), strict=True)
    ]
    postal = np.where(~abroad & (extent <= 1) & (rng.random(count) < 0.85), texts(code), "")
    return postal, np.where(extent == 4, "", made)


def dates(rng: np.random.Generator, born: Ints, known: Flags) -> Texts:
    """ISO mostly; slashes, Japanese, eras at times; some typed wrongly."""
    count = len(born)
    wrong = rng.random(count) < rates.DATE_TYPO
    day = np.where(wrong, born + rng.integers(-400, 400, count), born).astype("datetime64[D]")
    default = rng.random(count) < rates.DATE_DEFAULT
    day = np.where(default, day.astype("datetime64[Y]").astype("datetime64[D]"), day)
    sort, iso = one_of(rng, (0.7, 0.2), count), texts(day.astype(str).tolist())
    made = np.where(sort == 1, _each(iso, lambda text: text.replace("-", "/"), sort == 1), iso)
    made = np.where(sort == 2, _each(iso, _in_japanese, sort == 2), made)
    return np.where(known, made, "")


def half_width(text: str) -> str:
    """ヤマダ -> ﾔﾏﾀﾞ."""
    table = _half_width_table()
    return "".join(table.get(c, c) for c in text)


@cache
def _half_width_table() -> dict[str, str]:
    marks = ("", "\uff9e", "\uff9f")
    pairs = (
        (unicodedata.normalize("NFKC", chr(c) + mark), chr(c) + mark) for c in range(0xFF66, 0xFF9E) for mark in marks
    )
    return {full: half for full, half in pairs if len(full) == 1}


def _in_japanese(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def _in_brackets(text: str) -> str:
    area, _, rest = text.partition("-")
    return f"({area}) {rest}" if rest else text


def _each(column: Texts, change: object, where: Flags) -> Texts:
    """The column with `change` applied to the cells of `where`."""
    made = column.copy()
    for row in np.flatnonzero(where).tolist():
        made[row] = change(made[row])  # type: ignore[operator]
    return made


def _slips(rng: np.random.Generator, column: Texts, where: Flags, *, digits: bool = False) -> Texts:
    """One character left out, doubled, swapped with the next one or replaced (digits: swapped or replaced)."""
    made, rows = column.copy(), np.flatnonzero(where)
    picks = rng.random((len(rows), 3))
    for row, (sort, place, letter) in zip(rows.tolist(), picks.tolist(), strict=True):
        text = made[row]
        usable = [n for n in range(1, len(text) - 1) if (text[n].isdigit() if digits else text[n].isalpha())]
        if not usable:
            continue
        n = usable[int(place * len(usable))]
        new = str(int(letter * 10)) if digits else "abcdefghijklmnopqrstuvwxyz"[int(letter * 26)]
        kind = 2 + int(sort * 2) if digits else int(sort * 4)
        made[row] = (
            text[:n] + text[n + 1 :],
            text[:n] + text[n] + text[n:],
            text[:n] + text[n + 1] + text[n] + text[n + 2 :],
            text[:n] + new + text[n + 1 :],
        )[kind]
    return made
