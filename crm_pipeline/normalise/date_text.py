"""What somebody typed into a date field, brought to few spellings: digits, hyphens, the names of eras.

Belongs here: words and signs around a date. Not here: which day it is (date.py).
"""

from __future__ import annotations

import re

from crm_pipeline.normalise.number import kanji_to_digits
from crm_pipeline.normalise.text import hyphens

_LEGAL_DIGITS = str.maketrans("壱壹弐貳貮参參拾", "一一二二二三三十")
_KANJI = re.compile(r"(?:[〇零一二三四五六七八九十百千]+|元(?=年))(?=[年月日・./-]|$)")
_BEFORE = re.compile(r"^(?:生年月日|誕生日|生まれ|西暦|birth\s?date|date of birth|dob|born)\s*:?\s*")
_AFTER = re.compile(r"\s*(?:\((?:[日月火水木金土]|sun|mon|tue|wed|thu|fri|sat)\)|[日月火水木金土]曜日?|生まれ|生)+$")
_ABOUT = re.compile(r"\s*(?:頃|ごろ|ころ|[上中下]旬|[春夏秋冬]|(?<=年)代|以前|以降)$")
_ERAS = {"meiji": "明治", "taisho": "大正", "showa": "昭和", "heisei": "平成", "reiwa": "令和"}
_ERA = re.compile(f"^(?:{'|'.join(_ERAS)})")
_AROUND = re.compile(r"\s*([年月日/.・-])\s*")
_SPACES = re.compile(r"(?<=^\d{4}) (\d{1,2}) (?=\d{1,2}$)")
_TIME = re.compile(
    r"(?:(?<=\d)t|(?<=[\d日])\s+)(?:午前|午後)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(z|am|pm|[+-]\d{2}:?\d{2})?$"
)

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WORDS = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s+|^the\s|\bof\s")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?[\s/-]*(\d{1,2})(?:st|nd|rd|th)?[,\s/-]+(\d{4}|\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s/-]*([a-z]{3,9})\.?[,\s/-]+(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[\s/-]*([a-z]{3,9})\.?[\s/-]*(\d{1,2})(?:st|nd|rd|th)?")
_NO_DAY = re.compile(r"([a-z]{3,9})\.?[,\s/-]+(?:\d{4}|\d{1,2})(?:st|nd|rd|th)?|(?:\d{4}|\d{1,2})[\s/-]+([a-z]{3,9})")


def tidy(text: str) -> tuple[str, bool]:
    """A lower-case text without what is typed around a date, with digits for Kanji; whether it says "about"."""
    text = hyphens(text.strip("'\"=").strip()).translate(_LEGAL_DIGITS)
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    text = _AFTER.sub("", _BEFORE.sub("", text))
    text = _ERA.sub(lambda found: _ERAS[found.group()], text)
    about = bool(_ABOUT.search(text))
    text = _ABOUT.sub("", text)
    text = _KANJI.sub(lambda found: kanji_to_digits(found.group()), text)
    text = _AROUND.sub(_around, text).strip()
    return _SPACES.sub(r"-\1-", text), about


def _around(found: re.Match[str]) -> str:
    """Signs without the spaces around them; what stands after 日 keeps its distance."""
    sign = found[1]
    return found[0].lstrip() if sign == "日" else "-" if sign == "・" else sign


def without_time(text: str) -> tuple[str, bool]:
    """The day, and whether the time says that in Japan it is the next one: 15:00 UTC is midnight there."""
    found = _TIME.search(text)
    if not found:
        return text, False
    hour, minute, second, zone = found.groups()
    utc = zone in ("z", "+00:00", "+0000", "-00:00")
    return text[: found.start()], utc and (int(hour), int(minute), int(second or 0)) == (15, 0, 0)


def with_month_name(text: str) -> tuple[int, int, int] | str | None:
    """Year, month and day of a date with an English month, or the flag that says why there is none; None for others."""
    if not any("a" <= c <= "z" for c in text):
        return None
    text = _WORDS.sub("", _WORDS.sub("", text))
    if found := _MONTH_FIRST.fullmatch(text):
        name, day, year = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, name, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(text):
        year, name, day = found.groups()
    else:
        found = _NO_DAY.fullmatch(text)
        return "partial" if found and _month(found[1] or found[2]) else None
    month = _month(name)
    if not month:
        return None
    return (int(year), month, int(day)) if len(year) == 4 else "ambiguous"


def _month(name: str) -> int:
    """1 to 12; 0 for a word that is no month."""
    found = [number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name)]
    return found[0] if found else 9 if name == "sept" else 0
