"""Company names: a key without the legal form, and the legal form with its place.

前株 and 後株, and 株式会社 and 有限会社 of one name, can be different companies, so that form and place are kept apart.
What no rule can know (NTTデータ and エヌ・ティ・ティ・データ) is not attempted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from crm_pipeline.normalise import kanji, tables
from crm_pipeline.normalise.text import is_junk, plain_latin, script, written

_FORMER = re.compile(r"\((?:旧|元|現)[^()]*\)")
_ADDRESSEE = re.compile(r"\s*(?:御中|様|殿)$")
_OFFICE = r"(?:本社|本店|支店|営業所|支社|事業所|出張所|工場|研究所|センター|本部|事業部|部|課|室)"
_OFFICE_WORD = re.compile(rf"\S*{_OFFICE}$")


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


def normalise_company(raw: str | None) -> Company:
    """㈱山田製作所 東京支店 御中 is 山田製作所, 株式会社, before. Never raises.

    A branch is cut only beside a legal form: elsewhere it may be the name.
    """
    text = plain_latin(kanji.fold(written(raw))).lower().strip()
    if not text or is_junk(text):
        return Company()
    text = _ADDRESSEE.sub("", _FORMER.sub("", text)).strip()
    name, form, position = _japanese_form(text)
    if not form:
        name, form = _latin_form(text)
        position = "after" if form else None
    key = "".join(c for c in re.sub(r"\s*&\s*", " and ", name) if c.isalnum())
    return Company(key or None, form, position)


def _japanese_form(text: str) -> tuple[str, str | None, str | None]:
    """The name without its form, the longest spelling first. What follows a form that follows a name is an office."""
    for spelling, form in _japanese_forms():
        if text.startswith(spelling):
            return _without_office(text[len(spelling) :].strip()), form, "before"
        if text.endswith(spelling):
            return text[: -len(spelling)].strip(), form, "after"
        name, found, office = text.partition(spelling)
        inside = found and name and (spelling[0] == "(" or ")" not in spelling)
        if inside and (form.endswith("会社") or _OFFICE_WORD.search(office)):
            return name.strip(), form, "after"
    return text, None, None


def _without_office(name: str) -> str:
    """A trailing office: a word of its own, or the name of a city with an office (山田製作所東京支店)."""
    words = name.split()
    while len(words) > 1 and _OFFICE_WORD.fullmatch(words[-1]):
        words.pop()
    return _city_office().sub("", words[0]) or words[0] if len(words) == 1 else "".join(words)


@cache
def _city_office() -> re.Pattern[str]:
    places = {place[:-1] for row in tables.rows("prefectures.tsv") for place in (row[0], *row[2].split())}
    return re.compile(f"(?:本社|本店|(?:{'|'.join(sorted(map(kanji.fold, places)))}){_OFFICE})$")


@cache
def _japanese_forms() -> tuple[tuple[str, str], ...]:
    forms = [
        (kanji.fold(s).lower(), r[1]) for r in tables.rows("legal_forms.tsv") if r[0] == "cjk" for s in r[2].split()
    ]
    return tuple(sorted(forms, key=lambda pair: -len(pair[0])))


def _latin_form(text: str) -> tuple[str, str | None]:
    """The last words of the name, up to four, and a leading "the"."""
    words = re.sub(r"[.,]", " ", re.sub(r"\s*&\s*", " and ", text)).split()
    forms = _latin_forms()
    for count in range(min(4, len(words) - 1), 0, -1):
        if form := forms.get(" ".join(words[-count:])):
            return " ".join(_without_the(words[:-count])), form
    return " ".join(_without_the(words)) if script(text) == "latin" else text, None


def _without_the(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0] == "the" else words


@cache
def _latin_forms() -> dict[str, str]:
    return {s: row[1] for row in tables.rows("legal_forms.tsv") if row[0] == "latin" for s in row[2].split("|")}
