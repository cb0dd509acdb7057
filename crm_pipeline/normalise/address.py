"""Addresses: prefecture, municipality, town, house number, building, postal code.

There is no table of towns: the town is what stands between the municipality and the first number. Prefecture,
municipality, digits of the house number and postal code are what evidence needs (facts on Japanese addresses).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_pipeline.normalise.city import fold_place, prefectures, take_city, take_prefecture
from crm_pipeline.normalise.number import kanji_to_digits
from crm_pipeline.normalise.text import DASHES, is_junk, plain_latin, script, written

_POSTAL_CODE = re.compile(r"(?:〒\s*(\d{3})-?(\d{4})|(?<![\d-])(\d{3})-(\d{4})(?![\d-]))\s*")
_COUNTRY = re.compile(r"^(?:日本国?|japan)[、,\s]*", re.IGNORECASE)
_KANJI_NUMBER = re.compile(r"[〇一二三四五六七八九十百]+(?=丁目|番地|番(?!町)|号|条)")
_DASH_BETWEEN = re.compile(rf"(?<=\d)\s*[{DASHES}~〜]\s*(?=\d)")
_GRID = re.compile(r"([北南])(\d+)(?:条)?([東西])(\d+)")
_TOWN = re.compile(r"(?:[北南東西]?\d+条[東西]?|\D)*")
_NUMBER = re.compile(r"\d+(?:(?:-|丁目|番地の?|番|号|の|ノ)\s*\d+)*(?:丁目|番地|番(?!館)|号(?![室棟館]))?")
_ROOM = re.compile(r"[-丁番号のノ目地\s]*\d+$")


@dataclass(frozen=True)
class Address:
    """An address as compared: folded, lower-case. `number` as 1-2-3, `postal_code` as 154-0015 where Japanese."""

    prefecture: str | None = None
    city: str | None = None
    town: str | None = None
    number: str | None = None
    building: str | None = None
    postal_code: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "prefecture": self.prefecture,
            "city": self.city,
            "town": self.town,
            "number": self.number,
            "building": self.building,
            "postal_code": self.postal_code,
        }


def normalise_address(
    raw: str | None = None,
    *,
    prefecture: str | None = None,
    city: str | None = None,
    street: str | None = None,
    postal_code: str | None = None,
    country: str | None = None,
) -> Address:
    """An address in one text (`raw`) or in a CRM's fields; a field may hold more than its name says. Never raises."""
    state, town, line = (_text(part) for part in (prefecture, city, street or raw))
    known = prefectures().get(plain_latin(state).lower()) if _is_japan(country) else None
    if script(town + line) == "latin" or (not known and script(state) == "latin"):
        return _western(known or state, town, line, _text(postal_code), _is_japan(country))
    code, line = _take_postal_code(line)
    found, rest = take_prefecture(_COUNTRY.sub("", line)) if line else (None, "")
    in_state, before = take_prefecture(state)
    in_city, town = take_prefecture(town)
    home = known or in_state or in_city or found
    text = _joined((before if in_state else "", town, rest))
    place, home, rest = take_city(text, home)
    return _located(home, place, rest, _postal_code(postal_code) or code)


def _text(part: str | None) -> str:
    text = _DASH_BETWEEN.sub("-", fold_place(written(part)))
    return "" if is_junk(text) else text


def _is_japan(country: str | None) -> bool:
    return _text(country).lower() in ("", "jp", "jpn", "japan", "日本", "日本国")


def _joined(parts: tuple[str, ...]) -> str:
    """The parts in order; a street that repeats its city or prefecture says it once."""
    text = ""
    for part in parts:
        text += part.removeprefix(text) if text else part
    return text


def _take_postal_code(line: str) -> tuple[str | None, str]:
    found = _POSTAL_CODE.search(line)
    if not found:
        return None, line
    code = "-".join(group for group in found.groups() if group)
    return code, (line[: found.start()] + line[found.end() :]).strip()


def _postal_code(raw: str | None) -> str | None:
    """Seven digits as 154-0015; any other code in capitals."""
    text = _text(raw).lstrip("〒 ")
    digits = re.sub(rf"[{DASHES}\s]", "", text)
    if digits.isdigit() and len(digits) == 7:
        return f"{digits[:3]}-{digits[3:]}"
    return " ".join(text.upper().split()) or None


def _located(prefecture: str | None, city: str | None, rest: str, postal_code: str | None) -> Address:
    """The rest of a Japanese address after its municipality."""
    rest = _KANJI_NUMBER.sub(lambda found: kanji_to_digits(found.group()), rest)
    if prefecture == "北海道":
        rest = _GRID.sub(r"\1\2条\3\4", rest, count=1)
    start = _TOWN.match(rest)
    town = start.group() if start else ""
    rest = rest[len(town) :]
    found = _NUMBER.match(rest)
    number, building = (found.group(), rest[found.end() :]) if found else ("", "")
    if re.match(r"[号階室fF]", building) and (room := _ROOM.search(number)) and room.start():
        number, building = number[: room.start()], re.sub(r"\D", "", room.group()) + building
    return Address(
        prefecture,
        city,
        _town(town) or None,
        "-".join(re.findall(r"\d+", number)) or None,
        re.sub(r"\s", "", building).strip("-、,・").lower() or None,
        postal_code,
    )


def _town(text: str) -> str:
    """Without 大字 and 字, which addresses leave out at will."""
    text = re.sub(r"[\s、,]", "", text)
    return re.sub("大字|字", "", text) if text.startswith(("大字", "字")) else text


def _western(state: str, city: str, line: str, postal_code: str, is_japan: bool) -> Address:
    """Latin script: the number is where digits stand, the town is the rest of the street.

    In Japan the line may hold the postal code, and the prefecture as its last words.
    """
    if is_japan:
        code, line = _take_postal_code(line)
        line = line.strip(" ,.")
        last = re.split(r"[\s,]+", line)[-1].lower()
        if not state and last in prefectures():
            state, line = prefectures()[last], line[: -len(last)]
        postal_code = postal_code or code or ""
    line = plain_latin(line).lower()
    found = re.search(r"\d+(?:-\d+)*", line)
    town = re.sub(r"[\s,.]+", " ", line.replace(found.group(), " ", 1) if found else line).strip()
    return Address(
        state if state in prefectures().values() else plain_latin(state).lower() or None,
        plain_latin(city).lower() or None,
        town or None,
        found.group() if found else None,
        None,
        _postal_code(postal_code),
    )
