"""Addresses: prefecture, municipality, town, house number, building, postal code.

There is no table of towns: the town is what stands between the municipality and the first number. Prefecture,
municipality, digits of the house number and postal code are what evidence needs (facts on Japanese addresses).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_pipeline.normalise.city import fold_place, prefectures, take_city, take_prefecture
from crm_pipeline.normalise.number import kanji_to_digits
from crm_pipeline.normalise.text import DASHES, digits, is_junk, plain_latin, script, written
from crm_pipeline.normalise.western import number_and_street, parts_of

_CODE = r"(\d{3})[-\s]?(\d{4})"
_POSTAL_CODE = re.compile(
    rf"[(\[]?〒\s*{_CODE}(?!\d)[)\]]?|^{_CODE}(?![\d-])|(?:^|(?<=\s))(\d{{3}})-(\d{{4}})(?=$|\s*[^\d\s-])"
)
_USUAL_CODE = re.compile("[0-9]{3}-[0-9]{4}")
_COUNTRY = re.compile(r"^(?:日本国?|japan)[、,\s]*", re.IGNORECASE)
_KANJI = "〇一二三四五六七八九十百"
_KANJI_NUMBER = re.compile(
    rf"[{_KANJI}]+(?=丁目|番地|番(?!町)|号|条)|(?<=番地)の?[{_KANJI}]+(?![^\s、,号])"
    rf"|(?<![{_KANJI}])[{_KANJI}]+(?:[-のノ][{_KANJI}]+)+(?![^\s、,])"
)
_KANJI_RUN = re.compile(f"[{_KANJI}]+")
_TOWN_OF_NUMBER = re.compile(r"(?<!\d)([1-9])番町")
_DASH_BETWEEN = re.compile(rf"(?<=[\d{_KANJI}目])\s*[{DASHES}~〜]\s*(?=[\d{_KANJI}])")
_GRID = re.compile(r"([北南])(\d+)(?:条)?([東西])(\d+)")
_TOWN = re.compile(r"(?:\d+条通?[東西南北]?|第?\d+地割|第\d+号|\D)*")
_NUMBER = re.compile(r"\d+(?:(?:-|丁目-?|番地?[の-]?|号|の|ノ)\s*\d+)*(?:丁目|番地|番(?!館)|号(?![室棟館]))?")
_ROOM = re.compile(r"[-丁番号のノ目地\s]*\d+$")
_OF_ROOM = re.compile(r"[号階室fF]")
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"[\s、,]+")
_SECTION = re.compile("大字|(?<!文)字")
_SMALL_WORDS = re.compile(r"(?<=[\u4e00-\u9fff])[がガノ](?=[\u4e00-\u9fff])")
_STREET_WORDS = re.compile(r"(?<=[上下])ル|(?<=[東西]入)[ルる]")


@dataclass(frozen=True, slots=True)
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
    state, town, line = _short(prefecture), _short(city), _text(street or raw)
    known = prefectures().get(plain_latin(state).lower()) if _is_japan(country) else None
    if script(town + line) == "latin" or (not known and script(state) == "latin"):
        return _western(known or state, town, line, _text(postal_code), country)
    code, line = _take_postal_code(line)
    found, rest = take_prefecture(_COUNTRY.sub("", line)) if line else (None, "")
    in_state, before = take_prefecture(state)
    in_city, town = take_prefecture(town)
    home = known or in_state or in_city or found
    text = _joined((before if in_state else "", town, rest))
    place, home, rest = take_city(text, home)
    return _located(home, place, rest, _postal_code(postal_code) or code)


def _text(part: str | None) -> str:
    if not part:
        return ""
    text = _DASH_BETWEEN.sub("-", digits(fold_place(written(part))))
    return "" if is_junk(text) else text


#: Prefectures and cities are few, and come again and again.
_short = lru_cache(maxsize=1 << 13)(_text)


def _is_japan(country: str | None) -> bool:
    return not country or _short(country).lower() in ("", "jp", "jpn", "japan", "日本", "日本国")


def _joined(parts: tuple[str, ...]) -> str:
    """The parts in order; a street that repeats its city or prefecture says it once."""
    text = ""
    for part in parts:
        text += part.removeprefix(text) if text else part
    return text


def _take_postal_code(line: str) -> tuple[str | None, str]:
    """The postal code after 〒, or at the beginning or the end, and the line without it."""
    found = _POSTAL_CODE.search(line) if "〒" in line or line[:3].isdigit() or line[-4:].isdigit() else None
    if not found:
        return None, line
    code = "-".join(group for group in found.groups() if group)
    return code, f"{line[: found.start()].rstrip()} {line[found.end() :].lstrip()}".strip()


def _postal_code(raw: str | None) -> str | None:
    """Seven digits as 154-0015; any other code in capitals."""
    if not raw or _USUAL_CODE.fullmatch(raw):
        return raw or None
    text = _text(raw).lstrip("〒 ")
    code = re.sub(rf"[{DASHES}\s]", "", text)
    if code.isdigit() and len(code) == 7:
        return f"{code[:3]}-{code[3:]}"
    return " ".join(text.upper().split()) or None


def _located(prefecture: str | None, city: str | None, rest: str, postal_code: str | None) -> Address:
    """The rest of a Japanese address after its municipality."""
    rest = _KANJI_NUMBER.sub(_in_digits, rest)
    if prefecture == "北海道":
        rest = _GRID.sub(r"\1\2条\3\4", rest, count=1)
    rest = _TOWN_OF_NUMBER.sub(lambda found: f"{_KANJI[int(found[1])]}番町", rest)
    start = _TOWN.match(rest)
    town = start.group() if start else ""
    rest = rest[len(town) :]
    found = _NUMBER.match(rest)
    number, building = (found.group(), rest[found.end() :]) if found else ("", "")
    if _OF_ROOM.match(building) and (room := _ROOM.search(number)):
        if room.start():
            number, building = number[: room.start()], _DIGITS.findall(room.group())[0] + building
        elif len(words := town.split(maxsplit=1)) == 2:  # no house number: 恵比寿 恵比寿ガーデンプレイスタワー18階
            town, number, building = words[0], "", words[1] + number + building
    numbers = _DIGITS.findall(number)
    if len(numbers) > 3 and len(numbers[-1]) > 2:
        building = numbers.pop() + building
    return Address(
        prefecture,
        city,
        _town(town) or None,
        "-".join(numbers) or None,
        _SPACE.sub("", building).strip("-・").lower() or None,
        postal_code,
    )


def _in_digits(found: re.Match[str]) -> str:
    return _KANJI_RUN.sub(lambda run: kanji_to_digits(run.group()), found.group())


def _town(text: str) -> str:
    """Without 大字 and 字, which addresses leave out at will; が and ノ between Kanji as ケ and の, 下ル as 下る."""
    text = _SECTION.sub("", _SPACE.sub("", text).strip("()"))
    text = _SMALL_WORDS.sub(lambda found: "の" if found.group() == "ノ" else "ケ", text)
    return _STREET_WORDS.sub(lambda found: "る" if text[found.start() - 1] in "上下" else "", text)


def _western(state: str, city: str, line: str, postal_code: str, country: str | None) -> Address:
    """Latin script. Without a city of its own, the line may hold all: city, state and postal code."""
    if not city and (_is_japan(country) or not postal_code):
        own_state, city, line, code = parts_of(line)
        state, postal_code = state or own_state, postal_code or code
    number, street = number_and_street(line)
    return Address(
        state if state in prefectures().values() else plain_latin(state).lower() or None,
        plain_latin(city).lower() or None,
        street,
        number,
        None,
        _postal_code(postal_code),
    )
