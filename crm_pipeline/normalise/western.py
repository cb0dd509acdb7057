"""Addresses in Latin script: those abroad, and Japanese ones as they are written in English.

As far as evidence needs: postal code, state or prefecture, city, the number, the rest of the street. Belongs here: the
order of their parts. Not here: addresses in Japanese (address.py).
"""

from __future__ import annotations

import re
from functools import cache

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.city import prefectures
from crm_pipeline.normalise.text import plain_latin

_COUNTRY = re.compile(
    r"[,\s]+(?:japan|usa|u\.s\.a\.?|us|united states(?: of america)?|uk|u\.k\.|united kingdom|england|scotland|wales"
    r"|ireland|canada|germany|deutschland|france|italy|italia|spain|españa|netherlands|switzerland|austria|australia|singapore"
    r"|china|taiwan|korea|south korea|india)\.?$",
    re.IGNORECASE,
)
_POSTAL_CODE_OF_JAPAN = re.compile(r"〒?\s*(?<![\d-])(\d{3}-\d{4})(?![\d-])")
_AMERICAN = re.compile(r"([A-Za-z]{2})\.?,?\s+(\d{5}(?:-\d{4})?)")
_CANADIAN = re.compile(r"([A-Za-z]{2}),?\s+([A-Z]\d[A-Z] ?\d[A-Z]\d)", re.IGNORECASE)
_BRITISH = re.compile(r"(.*?)[,\s]*\b([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})", re.IGNORECASE)
_CONTINENTAL = re.compile(r"(?:[A-Z]{1,2}-)?(\d{4,5}|\d{4} ?[A-Z]{2})\s+([^\d,]+)")
_WORDS_OF_PLACE = re.compile(r"[-\s](?:to|fu|ken|do|prefecture|pref\.?)$")
_WORDS_OF_CITY = re.compile(r"[-\s](?:shi|ku|city|ward)$")
_NUMBER = re.compile(r"\d+(?:-\d+)*")
_BETWEEN = re.compile(r"[\s,.]+")

#: state, city, street, postal code: the empty text where there is none.
Parts = tuple[str, str, str, str]


def parts_of(line: str) -> Parts:
    """The parts of an address in one line of Latin script, wherever it is."""
    line = " ".join(line.replace("\n", ", ").split()).strip(" ,.")
    line = _COUNTRY.sub("", line).strip(" ,.")
    return _of_japan(line) or _abroad([part.strip() for part in line.split(",") if part.strip()])


def number_and_street(street: str) -> tuple[str | None, str | None]:
    """The house number and the rest of a street, folded."""
    street = plain_latin(street).lower()
    found = _NUMBER.search(street)
    rest = street.replace(found.group(), " ", 1) if found else street
    return found.group() if found else None, _BETWEEN.sub(" ", rest).strip() or None


def _of_japan(line: str) -> Parts | None:
    """2-8-1 Nishi-Shinjuku, Shinjuku-ku, Tokyo 163-8001: from small to large. None if no prefecture is named."""
    found = _POSTAL_CODE_OF_JAPAN.search(line)
    rest = _COUNTRY.sub("", (line[: found.start()] + line[found.end() :]).rstrip(" ,.")) if found else line
    parts = [part.strip(" .") for part in rest.split(",") if part.strip(" .")]
    if not parts:
        return None
    last = _prefecture(parts[-1])
    if not last and (words := parts[-1].split()) and (last := _prefecture(words[-1])):
        parts.append(" ".join(words[:-1]))
        parts[-2:-1] = []
        parts.append("")
    if not last:
        return None
    parts = [part for part in parts[:-1] if part]
    city = ""
    for number in reversed(range(len(parts))):
        if known := _city(parts[number], last):
            city = known
            del parts[number]
            break
    return last, city, " ".join(parts), found.group(1) if found else ""


def _prefecture(text: str) -> str | None:
    return prefectures().get(_WORDS_OF_PLACE.sub("", plain_latin(text).lower()))


def _city(text: str, prefecture: str) -> str | None:
    homes = _cities().get(_WORDS_OF_CITY.sub("", plain_latin(text).lower()), {})
    return homes.get(prefecture)


@cache
def _cities() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for romaji, prefecture, city in tables.rows("city_romaji.tsv"):
        found.setdefault(romaji, {})[prefecture] = city
    return found


def _abroad(parts: list[str]) -> Parts:
    """Parts between commas; what cannot be told apart stays in the street."""
    if not parts:
        return "", "", "", ""
    *before, last = parts
    for pattern in (_AMERICAN, _CANADIAN):
        if found := pattern.fullmatch(last):
            city = before.pop() if len(before) > 1 else ""
            return found[1], city, " ".join(before), found[2]
        if before and (found := pattern.fullmatch(f"{before[-1]} {last}")):
            del before[-1]
            city = before.pop() if len(before) > 1 else ""
            return found[1], city, " ".join(before), found[2]
    if found := _BRITISH.fullmatch(last):
        city = found[1].strip() or (before.pop() if len(before) > 1 else "")
        return "", city, " ".join(before), found[2]
    if before and (found := _CONTINENTAL.fullmatch(last)):
        return "", found[2].strip(), " ".join(before), found[1]
    return "", "", " ".join(parts), ""
