"""Laws of comparing: sides, the order of records and the size of chunks change nothing."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.match.comparison import compare
from crm_pipeline.match.comparison.pairs import common
from crm_pipeline.match.features import refresh
from crm_pipeline.match.model.terms import estimate, rarities
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.load import load
from crm_pipeline.match.records.subjects import Subjects, ValueSets
from crm_pipeline.match.scores.scoring import weigh
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match import records
from crm_pipeline_tests.match.compared import empty, every_pair

NAMES = ["佐藤", "斎藤", "斉藤", "sato", "saito", "mcdonald", "macdonald", "richard", "ヤマダ", "김", "🙂", "x", None]
GIVEN = ["健二", "kenji", "robert", "bob", "k", "mary ann", "mary", "richrd", None]
READ = {"佐藤": "sato", "斎藤": "saito", "斉藤": "saito", "健二": "kenji", "sato": "sato", "kenji": "kenji"}
MAILS = ["kenji.sato@aaa.jp", "kenji.stao@aaa.jp", "kenji.sato@bbb.jp", "info@aaa.jp"]
PHONES = ["+819012345678", "+81261234567", "+81311112222"]


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    family, first = draw(st.sampled_from(NAMES)), draw(st.sampled_from(GIVEN))
    reading = f"{READ.get(str(family), '')} {READ.get(str(first), '')}".strip()
    return {
        "family": family,
        "given": first,
        "readings": [reading] if reading and draw(st.booleans()) else [],
        "name_flags": draw(st.sampled_from([[], [], ["initial"], ["placeholder"], ["unsplit"]])),
        "e_mails": [records.mailbox(m) for m in draw(st.lists(st.sampled_from(MAILS), max_size=3, unique=True))],
        "phones": [
            {**records.telephone(p, prefecture="長野県"), "extension": draw(st.sampled_from([None, "1", "2"]))}
            for p in draw(st.lists(st.sampled_from(PHONES), max_size=2, unique=True))
        ],
        "company_key": draw(st.sampled_from([None, "aaa", "長野製作所", "長野製作所松本"])),
        "prefecture": draw(st.sampled_from([None, "長野県", "東京都"])),
        "city": draw(st.sampled_from([None, "長野市", "leeds"])),
        "town": draw(st.sampled_from([None, "high street", "high streat"])),
        "postal_code": draw(st.sampled_from([None, "3800001", "3800002"])),
        "birth_date": draw(st.sampled_from([None, date(1980, 2, 3), date(1980, 3, 2), date(1991, 7, 24)])),
    }


crowds = st.lists(people(), min_size=2, max_size=25)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("laws") / "crm.duckdb")


def _subjects(
    house: Warehouse, crowd: list[dict[str, Any]], order: list[int], nights: int = 1
) -> tuple[Subjects, list[str]]:
    """The records, met in this order, in three nights: none, half of them, all; and the key of each place."""
    rows = [records.person(f"hubspot/contacts/{number}", **crowd[number]) for number in order]
    for some in ([], rows[: len(rows) // 2], rows)[-nights:]:
        records.fill(house, some)
        with house.connect() as connection:
            refresh(connection, Kind.PERSON, records.settings(), empty(e_mail=frozenset({"info@aaa.jp"})))
    with house.connect() as connection:
        keys = connection.execute("select record_key from match.person order by id").fetchall()
        return load(connection, Kind.PERSON), [key for (key,) in keys]


def _found(subjects: Subjects, keys: list[str]) -> dict[frozenset[str], tuple[Any, ...]]:
    left, right = every_pair(subjects)
    terms = rarities(subjects, estimate(Kind.PERSON, subjects))
    compared = compare(subjects, PERSON, left, right, terms)
    weighed = weigh(compared, empty())
    return {
        frozenset((keys[one], keys[other])): (levels, weight, pattern)
        for one, other, levels, weight, pattern in zip(
            left.tolist(),
            right.tolist(),
            compared.levels.tolist(),
            weighed.weight.tolist(),
            weighed.pattern.tolist(),
            strict=True,
        )
    }


@settings(max_examples=4, deadline=None)
@given(crowds, st.randoms(use_true_random=False))
def test_the_order_in_which_records_come_changes_nothing(
    house: Warehouse, crowd: list[dict[str, Any]], shuffler: random.Random
) -> None:
    order = list(range(len(crowd)))
    first = _found(*_subjects(house, crowd, order))
    shuffler.shuffle(order)
    assert _found(*_subjects(house, crowd, order, nights=3)) == first


@settings(max_examples=4, deadline=None)
@given(crowds, st.integers(1, 5))
def test_neither_the_sides_nor_the_chunks_change_anything(
    house: Warehouse, crowd: list[dict[str, Any]], size: int
) -> None:
    subjects, _ = _subjects(house, crowd, list(range(len(crowd))))
    left, right = every_pair(subjects)
    terms = rarities(subjects, estimate(Kind.PERSON, subjects))
    whole = compare(subjects, PERSON, left, right, terms)
    mirrored = compare(subjects, PERSON, right, left, terms)
    assert np.array_equal(whole.levels, mirrored.levels)
    assert np.array_equal(whole.rarity, mirrored.rarity)
    for start in range(0, len(left), size):
        some = compare(subjects, PERSON, left[start : start + size], right[start : start + size], terms)
        assert np.array_equal(some.levels, whole.levels[start : start + size])
        assert np.array_equal(some.rarity, whole.rarity[start : start + size])


sets = st.lists(st.sets(st.integers(0, 30), max_size=12), min_size=1, max_size=8)


@given(sets, sets)
def test_the_smallest_common_value_is_found(first: list[set[int]], second: list[set[int]]) -> None:
    count = min(len(first), len(second))
    places = np.arange(count, dtype=np.int32)
    found = common(_set(first), places, _set(second), places)
    expected = [min(one & other, default=-1) for one, other in zip(first[:count], second[:count], strict=True)]
    assert found.tolist() == expected


def _set(values: list[set[int]]) -> ValueSets:
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int64)
    codes = np.array([code for one in values for code in sorted(one)], dtype=np.int32)
    return ValueSets(offsets, codes, [str(code) for code in range(31)])
