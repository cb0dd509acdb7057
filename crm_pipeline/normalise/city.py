"""Prefectures and municipalities: where an address's place begins and ends.

Belongs here: names of places and their recognition at the beginning of a text. Not here: towns and house numbers
(address.py). Texts are folded with `fold_place`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from crm_pipeline.normalise import kanji, tables

_SMALL_KE = re.compile(r"(?<=[\u4e00-\u9fff])[ヶヵ](?=[\u4e00-\u9fff])")

#: Cities with wards of their own, so that 横浜市 goes on to 横浜市西区.
_DESIGNATED = frozenset(
    (
        *("札幌市", "仙台市", "さいたま市", "千葉市", "横浜市", "川崎市", "相模原市", "新潟市", "静岡市", "浜松市"),
        *("名古屋市", "京都市", "大阪市", "堺市", "神戸市", "岡山市", "広島市", "北九州市", "福岡市", "熊本市"),
    )
)
_WARD = re.compile(r"[^\d\s区]{1,5}区")

#: Wards that designated cities have as well: alone they do not say Tokyo.
_COMMON_WARDS = frozenset(("中央区", "港区", "北区"))

#: Districts with towns whose own names hold 町 or 村.
_DISTRICT = re.compile(r"[^\d\s郡]{1,5}郡(?:玉村町|大町町|村田町|余市町|.{1,6}?[町村])")
_TOWN = re.compile(r".{1,5}?[町村]")

#: Tokyo's municipalities outside of wards, cities and districts: islands, and the district that is often left out.
_OF_TOKYO = re.compile(
    r"(?:大島支庁|三宅支庁|八丈支庁|小笠原支庁|八丈島|三宅島|伊豆)?"
    r"(大島町|利島村|新島村|神津島村|三宅村|御蔵島村|八丈町|青ケ島村|小笠原村|瑞穂町|日の出町|桧原村|檜原村|奥多摩町)"
)


def fold_place(text: str) -> str:
    """Folded Kanji, and ヶ between Kanji as ケ: 市ヶ谷 and 市ケ谷 are one place."""
    return _SMALL_KE.sub("ケ", kanji.fold(text))


@cache
def prefectures() -> dict[str, str]:
    """Folded name, the name without 都府県, and romaji in lower case -> the name as it is written."""
    found: dict[str, str] = {}
    for row in tables.rows("prefectures.tsv"):
        found |= {fold_place(row[0]): row[0], row[1].lower(): row[0]}
        if row[0] != "北海道":
            found[fold_place(row[0][:-1])] = row[0]
    return found


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    """City -> its prefectures (府中市 has two)."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for prefecture, _, cities in tables.rows("prefectures.tsv"):
        for city in cities.split():
            found[fold_place(city)] += (prefecture,)
    return dict(found)


@cache
def _longest_city() -> int:
    return max(map(len, _cities()))


def take_prefecture(text: str) -> tuple[str | None, str]:
    """The prefecture at the beginning of a folded text, written in full, and the rest."""
    for length in (4, 3):
        if text[:length].endswith(("都", "道", "府", "県")) and (name := prefectures().get(text[:length])):
            return name, text[length:].lstrip()
    return None, text


def take_city(text: str, prefecture: str | None) -> tuple[str | None, str | None, str]:
    """The municipality at the beginning, the prefecture (given, or of a name that only one has), and the rest."""
    if found := _known_city(text, prefecture):
        return found
    if not prefecture:
        for length in (3, 2):  # 東京渋谷区: the prefecture without its 都
            if (home := prefectures().get(text[:length])) and (found := _known_city(text[length:].lstrip(), home)):
                return found
    if district := _DISTRICT.match(text):
        return district.group(), prefecture, text[district.end() :].lstrip()
    if prefecture == "東京都":
        island = _OF_TOKYO.match(text)
        return (island[1], prefecture, text[island.end() :].lstrip()) if island else (None, prefecture, text)
    if prefecture and (town := _TOWN.match(text)):
        return town.group(), prefecture, text[town.end() :].lstrip()
    return None, prefecture, text


def _known_city(text: str, prefecture: str | None) -> tuple[str, str | None, str] | None:
    """The city of the table at the beginning; the longest, and in the prefecture if one is given."""
    cities = _cities()
    for length in range(min(_longest_city(), len(text)), 1, -1):
        city = text[:length]
        homes = cities.get(city)
        if not homes or (prefecture and prefecture not in homes):
            continue
        rest = text[length:].lstrip()
        if city in _DESIGNATED and (ward := _WARD.match(rest)):
            city, rest = city + ward.group(), rest[ward.end() :].lstrip()
        if not prefecture and len(homes) == 1 and city not in _COMMON_WARDS:
            prefecture = homes[0]
        return city, prefecture, rest
    return None
