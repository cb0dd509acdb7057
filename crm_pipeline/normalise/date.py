"""Dates of birth: ISO, or nothing and a flag that says why.

Only what can be read in one way is read: 09/04/1988 and 88/4/9 stay null. Eras may run over their end: forms say
昭和64年4月9日, and the flag says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from crm_pipeline.normalise.date_text import tidy, with_month_name, without_time
from crm_pipeline.normalise.text import is_junk, width, written

#: The day and its flags, or the flag that says why there is none.
_Read = tuple[date, frozenset[str]] | str

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

_PLACEHOLDERS = frozenset(
    date.fromisoformat(day)
    for day in (
        *("0001-01-01", "1111-11-11", "1899-12-30", "1900-01-01", "1970-01-01"),
        *("2099-12-31", "2999-12-31", "9999-01-01", "9999-09-09", "9999-12-31"),
    )
)

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ERA_NAME = r"明治|大正|昭和|平成|令和|[明大昭平令]|[mtshr]"
_ERA = re.compile(rf"({_ERA_NAME})[.\s]?(\d{{1,2}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?")
_ERA_COMPACT = re.compile(r"([mtshr])(\d{2})(\d{2})(\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(19\d\d|20\d\d|9999)(\d{2})(\d{2})(?:\.0+|t?(?:00){3}z?|[0-2]\d(?:[0-5]\d){2})?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_TWO_DIGITS = re.compile(r"\d{1,2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{6}")
_PARTIAL = re.compile(
    r"(?:19|20)\d{2}年?|\d{4}[-/.年]\d{1,2}月?|\d{4}[-/.](?:00|\d\d?)[-/.]00|-{0,2}\d{1,2}[-/月]\d{1,2}日?"
    rf"|(?:{_ERA_NAME})\d{{1,2}}年?(?:\d{{1,2}}月)?"
)
_NOTHING = re.compile(r"0{2,4}[-/.年]?0{1,2}[-/.月]?0{1,2}日?|[\W_]+")

#: A year said twice: 1990年(平成2年)1月15日.
_BOTH_YEARS = re.compile(rf"\((?:西暦)?(?:(\d{{4}})|({_ERA_NAME})(\d{{1,2}}))年?\)")


@dataclass(frozen=True, slots=True)
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
    if raw and _ISO.fullmatch(raw) and isinstance(plain := _day(int(raw[:4]), int(raw[5:7]), int(raw[8:])), tuple):
        return _dated(plain, shifted=False)
    text = width(written(raw)).lower()
    if not text:
        return Date()
    text, about = tidy(text)
    if not text or is_junk(text) or _NOTHING.fullmatch(text):
        return Date(flags=frozenset({"junk"}))
    text, shifted = without_time(text)
    said_twice = _BOTH_YEARS.search(text)
    if said_twice:
        text = text[: said_twice.start()] + text[said_twice.end() :]
    found = _read(text)
    if isinstance(found, tuple):
        if about:
            return Date(flags=frozenset({"partial"}))
        if said_twice and _year(said_twice) != found[0].year:
            return Date(flags=frozenset({"invalid"}))
    return _dated(found, shifted)


def _dated(found: _Read, shifted: bool) -> Date:
    if isinstance(found, str):
        return Date(flags=frozenset({found}))
    day, flags = found
    if shifted and day < date.max:
        day, flags = day + timedelta(days=1), flags | {"shifted"}
    return Date(day, flags | {"placeholder"} if day in _PLACEHOLDERS else flags)


def _year(said: re.Match[str]) -> int:
    """The year in brackets: of the calendar, or of an era."""
    return int(said[1]) if said[1] else _ERAS[_ERA_NAMES[said[2]]].year + int(said[3]) - 1


def _read(text: str) -> _Read:
    if found := _YEAR_FIRST.fullmatch(text):
        if int(found[3]) == 0:
            return "partial"
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _ERA.fullmatch(text) or _ERA_COMPACT.fullmatch(text):
        return _of_era(_ERA_NAMES[found[1]], int(found[2]), int(found[3]), int(found[4]))
    if found := _COMPACT.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(int(found[1]), int(found[2]), int(found[3]))
    if english := with_month_name(text):
        return english if isinstance(english, str) else _day(*english)
    if _TWO_DIGITS.fullmatch(text):
        return "ambiguous"
    return "partial" if _PARTIAL.fullmatch(text) else "invalid"


def _day(year: int, month: int, day: int) -> _Read:
    try:
        return date(year, month, day), frozenset()
    except ValueError:
        return "invalid"


def _year_last(first: int, second: int, year: int) -> _Read:
    """Day/month/year or month/day/year, where only one of them is a date."""
    if first <= 12 and second <= 12 and first != second:
        return "ambiguous"
    return _day(year, second, first) if first > 12 else _day(year, first, second)


def _of_era(era: str, year: int, month: int, day: int) -> _Read:
    found = _day(_ERAS[era].year + year - 1, month, day)
    if isinstance(found, str) or not year:
        return "invalid"
    later = [start for start in _ERAS.values() if start > _ERAS[era]]
    inside = _ERAS[era] <= found[0] and (not later or found[0] < min(later) or found[0] in _SHARED_LAST_DAYS)
    return found[0], frozenset() if inside else frozenset({"outside_era"})
