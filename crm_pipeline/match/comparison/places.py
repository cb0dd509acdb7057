"""Addresses, and the area code of one record against the address of the other.

Belongs here: postal code, town, city, prefecture. Not here: what an outcome weighs (people.py, firms.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.comparison.pairs import Levels, Pairs
from crm_pipeline.match.comparison.scripts import scripts
from crm_pipeline.match.comparison.similarity import distinct, jaro_winkler, lengths, one_edit, shorter
from crm_pipeline.match.people import ADDRESS, AREA_CODE
from crm_pipeline.match.records.subjects import Flags, ValueSets

#: People and companies have the same levels in the same order.
_ADDRESS = {level.name: ADDRESS.code(level.name) for level in ADDRESS.levels}
_AREA = {level.name: AREA_CODE.code(level.name) for level in AREA_CODE.levels}
#: Column that gives a level its rarity.
_COLUMN = {
    "postal_code": "postal_code",
    "town": "city_town",
    "near": "city",
    "city": "city",
    "prefecture": "prefecture",
}
#: Names of towns: the same in other words from here.
_SIMILAR_TOWN, _SHORTEST_TOWN = 0.92, 4


def address(pairs: Pairs) -> tuple[Levels, NDArray[np.float32]]:
    same = {name: pairs.equal(name) for name in ("postal_code", "city", "prefecture", "city_town")}
    apart = {name: pairs.both(name) & ~same[name] for name in ("postal_code", "prefecture")}
    number = pairs.both("number") & ~pairs.equal("number")
    levels = np.zeros(len(pairs), dtype=np.uint8)
    # Without prefectures, which are Japan's, postal codes and cities tell that it is elsewhere.
    elsewhere = ~pairs.both("prefecture") & (apart["postal_code"] | _other_city(pairs))
    levels[apart["prefecture"] | elsewhere] = _ADDRESS["different"]
    levels[same["prefecture"]] = _ADDRESS["prefecture"]
    _near_misses(pairs, levels, apart["prefecture"] | same["postal_code"] | same["city_town"])
    levels[same["city"] & (levels != _ADDRESS["similar"]) & ~apart["prefecture"]] = _ADDRESS["city"]
    levels[same["city_town"]] = _ADDRESS["town"]
    levels[same["postal_code"]] = _ADDRESS["postal_code"]
    levels[(same["postal_code"] | same["city_town"]) & number] = _ADDRESS["near"]
    return levels, _rarity(pairs, levels)


def _other_city(pairs: Pairs) -> Flags:
    script = pairs.of_texts("city", scripts)
    left, right = pairs.codes("city")
    other: Flags = pairs.both("city") & (left != right) & (script[left] == script[right])
    return other


def _near_misses(pairs: Pairs, levels: Levels, settled: Flags) -> None:
    """A postal code one digit off, and a town in other words, where nothing else says that it is elsewhere."""
    for column, level in (("postal_code", "code_typo"), ("town", "similar")):
        places = np.flatnonzero(pairs.both(column) & ~pairs.equal(column) & ~settled)
        if column == "town":
            places = places[~_other_city(pairs.some(places))]
        if not len(places):
            continue
        found = distinct(*pairs.some(places).codes(column))
        texts = pairs.texts(column)
        if column == "postal_code":
            near = one_edit(texts, pairs.of_texts(column, lengths), found)
        else:
            least = shorter(pairs.of_texts(column, lengths), found)
            near = (jaro_winkler(texts, found) >= _SIMILAR_TOWN) & (least >= _SHORTEST_TOWN)
        levels[places[near[found.places]]] = _ADDRESS[level]


def _rarity(pairs: Pairs, levels: Levels) -> NDArray[np.float32]:
    rarity = np.zeros(len(pairs), dtype=np.float32)
    for level, column in _COLUMN.items():
        places = np.flatnonzero(levels == _ADDRESS[level])
        rarity[places] = pairs.rarity(column, pairs.codes(column)[0][places])
    return rarity


def area_code(pairs: Pairs) -> tuple[Levels, NDArray[np.float32]]:
    """Agreement is looked for first: of several telephones one is enough."""
    levels = np.zeros(len(pairs), dtype=np.uint8)
    rarity = np.zeros(len(pairs), dtype=np.float32)
    area = pairs.subjects.sets["area"]
    here, there = pairs.codes("prefecture")
    sides = ((area, pairs.left, there), (area, pairs.right, here))
    agreed = np.zeros(len(pairs), dtype=np.bool_)
    for areas, places, prefecture in sides:
        asked = np.flatnonzero((areas.first[places] >= 0) & (prefecture >= 0))
        hit = _contains(areas, places[asked], prefecture[asked])
        levels[asked] = np.where(agreed[asked], levels[asked], _AREA["differs"])
        agreed[asked[hit]] = True
        levels[asked[hit]] = _AREA["agrees"]
        found = pairs.rarity("prefecture", prefecture[asked[hit]])
        rarity[asked[hit]] = np.maximum(rarity[asked[hit]], found)
    return levels, rarity


def _contains(areas: ValueSets, places: NDArray[np.int32], value: NDArray[np.int32]) -> Flags:
    hit: Flags = areas.first[places] == value
    several = np.flatnonzero(areas.several[places] & ~hit)
    slot = 1
    while len(several):
        found = areas.at(places[several], slot)
        hit[several[found == value[several]]] = True
        several = several[(found >= 0) & ~hit[several]]
        slot += 1
    return hit
