"""Dates of birth: ISO, or nothing and a flag that says why.

Only what can be read in one way is read: 09/04/1988 and 88/4/9 stay null. Eras may run over their end: forms say
昭和64年4月9日, and the flag says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from crm_pipeline.normalise.number import kanji_to_digits
from crm_pipeline.normalise.text import hyphens, is_junk, width, written

#: Era -> first day. An era ends on the day before the next. Source: proclamations of the eras' beginnings.
_ERAS = {
    "明治": date(1868, 1, 25),
    "大正": date(1912, 7, 30),
    "昭和": date(1926, 12, 25),
    "平成": date(1989, 1, 8),
    "令和": date(2019, 5, 1),
}
_ERA_NAMES = {name: name for name in _ERAS} | {
    short: name for name, shorts in zip(_ERAS, ("明m", "大t", "昭s", "平h", "令r"), strict=True) for short in shorts
}
#: The first days on which an era was both the old and the new one: 1912-07-30 is 明治45 and 大正1, 1926-12-25 likewise.
_SHARED_LAST_DAYS = frozenset({date(1912, 7, 30), date(1926, 12, 25)})

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_PLACEHOLDERS = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(1970, 1, 1), date(9999, 12, 31), date(1, 1, 1)})

_KANJI = re.compile(r"[〇一二三四五六七八九十百千元]+(?=[年月日])")
_TIME = re.compile(r"(?<=\d)(?:t|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(z|[+-]\d{2}:?\d{2})?$")
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[明大昭平令]|[mtshr])[.\s]?(\d{1,2})[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?")
_COMPACT = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?[,\s-]+(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]*([a-z]{3,9})\.?[,\s-]+(\d{4})")
_TWO_DIGITS = re.compile(r"\d{1,2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_PARTIAL = re.compile(
    r"(?:19|20)\d{2}年?|\d{4}[-/.年]\d{1,2}月?|\d{1,2}月\d{1,2}日?|(?:明治|大正|昭和|平成|令和)\d{1,2}年(?:\d{1,2}月)?"
)


@dataclass(frozen=True)
class Date:
    """A date as compared.

    `flags`: shifted (midnight in Japan written as UTC), outside_era, placeholder (1900-01-01 and the like), and for a
    value without a date: ambiguous, partial, invalid, junk.
    """

    date: date | None = None
    flags: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, object]:
        return {"date": self.date.isoformat() if self.date else None, "flags": sorted(self.flags)}


def normalise_date(raw: str | None) -> Date:
    """A date of birth in any usual spelling. Never raises."""
    text = width(written(raw)).lower()
    if not text:
        return Date()
    if is_junk(text) or re.fullmatch(r"0{2,4}[-/.]?0{1,2}[-/.]?0{1,2}", text):
        return Date(flags=frozenset({"junk"}))
    text = _KANJI.sub(lambda found: kanji_to_digits(found.group()), text)
    text = re.sub(r"\s*(?:\([日月火水木金土]\)|[日月火水木金土]曜日?)|\s*生(?:まれ)?$", "", text)
    text, shifted = _without_time(hyphens(text).strip())
    found = _read(text)
    if isinstance(found, str):
        return Date(flags=frozenset({found}))
    day, flags = found
    if shifted:
        day, flags = day + timedelta(days=1), flags | {"shifted"}
    return Date(day, flags | ({"placeholder"} if day in _PLACEHOLDERS else set()))


def _without_time(text: str) -> tuple[str, bool]:
    """The day, and whether the time says that in Japan it is the next one: 15:00 UTC is midnight there."""
    found = _TIME.search(text)
    if not found:
        return text, False
    hour, minute, second, zone = found.groups()
    shifted = zone == "z" and (int(hour), int(minute), int(second or 0)) == (15, 0, 0)
    return text[: found.start()], shifted and not text.startswith("9999")


def _read(text: str) -> tuple[date, frozenset[str]] | str:
    """The day and its flags, or the flag that says why there is none."""
    if found := _ERA.fullmatch(text):
        return _of_era(_ERA_NAMES[found[1]], int(found[2]), int(found[3]), int(found[4]))
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _COMPACT.fullmatch(text):
        return _day(int(found[1] + found[2]), int(found[3]), int(found[4]))
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(int(found[1]), int(found[2]), int(found[3]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(int(found[3]), _MONTHS.get(found[1][:3], 0), int(found[2]))
    if found := _DAY_FIRST.fullmatch(text):
        return _day(int(found[3]), _MONTHS.get(found[2][:3], 0), int(found[1]))
    if _TWO_DIGITS.fullmatch(text):
        return "ambiguous"
    return "partial" if _PARTIAL.fullmatch(text) else "invalid"


def _day(year: int, month: int, day: int) -> tuple[date, frozenset[str]] | str:
    try:
        return date(year, month, day), frozenset()
    except ValueError:
        return "invalid"


def _year_last(first: int, second: int, year: int) -> tuple[date, frozenset[str]] | str:
    """Day/month/year or month/day/year, where only one of them is a date."""
    if first <= 12 and second <= 12 and first != second:
        return "ambiguous"
    return _day(year, second, first) if first > 12 else _day(year, first, second)


def _of_era(era: str, year: int, month: int, day: int) -> tuple[date, frozenset[str]] | str:
    found = _day(_ERAS[era].year + year - 1, month, day)
    if isinstance(found, str) or not year:
        return "invalid"
    later = [start for start in _ERAS.values() if start > _ERAS[era]]
    inside = _ERAS[era] <= found[0] and (not later or found[0] < min(later) or found[0] in _SHARED_LAST_DAYS)
    return found[0], frozenset() if inside else frozenset({"outside_era"})
