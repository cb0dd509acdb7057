"""Company names: a key without the legal form, and the legal form with its place.

前株 and 後株, and 株式会社 and 有限会社 of one name, can be different companies, so that form and place are kept apart.
What no rule can know (NTTデータ and エヌ・ティ・ティ・データ) is not attempted. Belongs here: which part is the form
and which an office. Not here: how the rest is spelled (company_spelling.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from crm_pipeline.normalise import kanji, tables
from crm_pipeline.normalise.company_spelling import key_of
from crm_pipeline.normalise.text import is_junk, plain_latin, script, written

_FORMER = re.compile(r"\((?:旧|元|現|formerly|former|fka|f/k/a)[^()]*\)")
_ADDRESSEE = re.compile(r"\s*(?:御中|様|殿)$")
_OFFICE = r"(?:本社|本店|支店|営業所|支社|事業所|出張所|工場|研究所|センター|本部|事業部|部|課|室|係|グループ)"
_OFFICE_WORD = re.compile(rf"\S*{_OFFICE}$")
#: What ends an office for certain, also beside a name without a legal form.
_BRANCH_WORD = re.compile(r"\S+(?:支店|営業所|支社|出張所)$")
_LATIN_OFFICE = {"branch", "office", "division", "department", "dept", "factory", "plant", "headquarters", "hq"}
_PUNCTUATION = re.compile(r"[.,]")
_AND = re.compile(r"\s*&\s*|\s+\+\s+")
#: Where a legal form may stand in the middle.
_INSIDE = re.compile(r"会社|法人|公司|[()]")


@dataclass(frozen=True)
class Company:
    """A company name as compared. `legal_form_position`: before or after the name."""

    key: str | None = None
    legal_form: str | None = None
    legal_form_position: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "key": self.key,
            "legal_form": self.legal_form,
            "legal_form_position": self.legal_form_position,
        }


#: Name, form, position, and how the form was spelled.
_Parts = tuple[str, str | None, str | None, str]


def normalise_company(raw: str | None) -> Company:
    """㈱山田製作所 東京支店 御中 is 山田製作所, 株式会社, before. Never raises.

    A branch is cut only beside a legal form or as a word of its own: elsewhere it may be the name.
    """
    text = plain_latin(kanji.fold(written(raw)).lower()).strip()
    if not text or is_junk(text) or text.replace(" ", "") in tables.words("no_company.txt"):
        return Company()
    if text[-1] in "中様殿":
        text = _ADDRESSEE.sub("", text)
    if "(" in text:
        text = _FORMER.sub("", text).strip()
    name, form, position, spelling = _japanese_form(text)
    if not form:
        name, form, position = _latin_form(text)
    return Company(key_of(name, in_transfer=")" in spelling or "(" in spelling) or None, form, position)


def _japanese_form(text: str) -> _Parts:
    """The name without its form, the longest spelling first. What follows a form that follows a name is an office."""
    forms, lengths = _japanese_forms()
    for length in lengths:
        if form := forms.get(text[:length]):
            return _without_office(text[length:].strip()), form, "before", text[:length]
    for length in lengths:
        if form := forms.get(text[-length:]):
            name = text[:-length].strip()
            if form == "監査法人" and name.startswith("有限責任"):
                return name.removeprefix("有限責任"), f"有限責任{form}", "after", form
            if form == "生活協同組合" and name.endswith(tuple("都道府県市")):
                continue  # 長野県生活協同組合 is not 長野県
            return name, form, "after", text[-length:]
    if _INSIDE.search(text):
        for spelling, form in forms.items():
            name, found, office = text.partition(spelling)
            inside = found and name and (spelling[0] == "(" or ")" not in spelling)
            if inside and (form.endswith("会社") or _OFFICE_WORD.search(office)):
                return name.strip(), form, "after", spelling
    words = text.split()
    if len(words) > 1 and _BRANCH_WORD.fullmatch(words[-1]):
        text = " ".join(words[:-1])
    return text, None, None, ""


def _without_office(name: str) -> str:
    """A trailing office: a word of its own, or the name of a city with an office (山田製作所東京支店)."""
    if name.endswith(")"):
        name = _in_brackets().sub("", name) or name
    if not name.endswith(_OFFICE_ENDS):
        return name
    words = name.split()
    while len(words) > 1 and _OFFICE_WORD.fullmatch(words[-1]):
        words.pop()
    return _city_office().sub("", words[0]) or words[0] if len(words) == 1 else "".join(words)


_OFFICE_ENDS = tuple(_OFFICE[3:-1].split("|"))


@cache
def _places() -> str:
    places = {place[:-1] for row in tables.rows("prefectures.tsv") for place in (row[0], *row[2].split())}
    return "|".join(sorted(map(kanji.fold, places)))


@cache
def _city_office() -> re.Pattern[str]:
    return re.compile(f"(?:本社|本店|(?:{_places()}|新宿|渋谷|銀座|池袋|丸の内){_OFFICE})$")


@cache
def _in_brackets() -> re.Pattern[str]:
    return re.compile(rf"\s*\((?:[^()]*{_OFFICE}|{_places()})\)$")


@cache
def _japanese_forms() -> tuple[dict[str, str], tuple[int, ...]]:
    """The forms by their spelling, the longest first; and how long spellings are."""
    spelled = [
        (kanji.fold(s).lower(), r[1]) for r in tables.rows("legal_forms.tsv") if r[0] == "cjk" for s in r[2].split()
    ]
    forms = dict(sorted(spelled, key=lambda pair: -len(pair[0])))
    return forms, tuple(sorted({len(spelling) for spelling in forms}, reverse=True))


def _latin_form(text: str) -> tuple[str, str | None, str | None]:
    """The last words of the name, up to five, or the first one; without a leading "the", and offices behind a form."""
    words = _PUNCTUATION.sub(" ", _AND.sub(" and ", text)).split()
    end, form = _form_at_end(words)
    if not form and len(words) > 3 and words[-1] in _LATIN_OFFICE:
        end, form = next((found for k in (1, 2, 3) if (found := _form_at_end(words[:-k]))[1]), (end, form))
    first = _latin_forms("front").get(words[0]) if len(words) > 1 and (not form or end > 1) else None
    if first and (not form or form == "Tbk"):
        return " ".join(words[1:end]), f"{first} {form}" if form else first, "before"
    if form:
        return " ".join(_without_the(words[:end])), form, "after"
    return " ".join(_without_the(words)) if script(text) == "latin" else text, None, None


def _form_at_end(words: list[str]) -> tuple[int, str | None]:
    """How many words are before the form, and the form."""
    forms = _latin_forms("latin")
    for count in range(min(5, len(words) - 1), 0, -1):
        if form := forms.get(" ".join(words[-count:])):
            return len(words) - count, form
    return len(words), None


def _without_the(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0] == "the" else words


@cache
def _latin_forms(place: str) -> dict[str, str]:
    return {s: row[1] for row in tables.rows("legal_forms.tsv") if row[0] == place for s in row[2].split("|")}
