import math

import pytest

from crm_pipeline.match.model.model import Terms
from crm_pipeline.match.model.terms import estimate, rarities
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.model.organisation import listed, subjects


def rarity(terms, value):
    return float(terms.rarity([value])[0])


def test_a_family_name_that_nobody_here_has_is_as_common_as_in_japan():
    terms = estimate(Kind.PERSON, subjects(family_key=[None]))["family_key"]
    assert rarity(terms, "佐藤") == pytest.approx(1.83, abs=0.05)
    assert rarity(terms, "佐藤") < rarity(terms, "長谷川") < rarity(terms, "zzz")
    assert rarity(terms, "sato") < rarity(terms, "hasegawa")


def test_the_pair_that_is_compared_is_no_evidence_of_how_common_its_value_is():
    two = estimate(Kind.PERSON, subjects(given_key=["taro", "taro", *(f"x{n}" for n in range(50))]))["given_key"]
    assert not two.shares
    assert rarity(two, "taro") == rarity(two, "never seen")


def test_a_value_that_many_have_weighs_less_the_more_have_it():
    names = ["taro"] * 300 + ["jiro"] * 30 + [f"x{n}" for n in range(2000)]
    terms = estimate(Kind.PERSON, subjects(given_key=names))["given_key"]
    assert rarity(terms, "taro") == pytest.approx(-math.log10((298 + 1.5) / (2328 + 1000)), abs=0.02)
    assert rarity(terms, "taro") < rarity(terms, "jiro") < rarity(terms, "x1")


def test_only_values_that_are_common_enough_to_matter_are_named():
    names = ["taro"] * 300 + [f"x{n}" for n in range(2000)]
    assert list(estimate(Kind.PERSON, subjects(given_key=names))["given_key"].shares) == ["taro"]
    dates = ["1988-04-09", "1977-07-07"] * 4 + ["1900-01-01"] * 5000 + [f"day {n}" for n in range(60_000)]
    assert list(estimate(Kind.PERSON, subjects(birth_date=dates))["birth_date"].shares) == ["1900-01-01"]


def test_values_of_a_list_are_counted_by_the_records_that_have_them():
    found = estimate(Kind.PERSON, listed(1000, domain=[["a.jp", "b.jp"]] * 600 + [["a.jp"]] * 400))["domain"]
    assert rarity(found, "a.jp") == pytest.approx(-math.log10(998.6 / 1198), abs=0.02)
    assert rarity(found, "a.jp") < rarity(found, "b.jp")


def test_a_column_of_a_file_is_as_rare_as_its_values_are_many():
    few = estimate(Kind.PERSON, subjects(**{"extra.state": ["nsw", "vic"] * 500}))["extra.state"]
    many = estimate(Kind.PERSON, subjects(**{"extra.id": [f"{n}" for n in range(1000)]}))["extra.id"]
    assert rarity(few, "nsw") == pytest.approx(0.3, abs=0.01)
    assert rarity(many, "7") > 3


def test_rarities_are_in_the_order_of_the_codes():
    found = rarities(
        subjects(given_key=["taro", "jiro", None]), {"given_key": Terms({"jiro": 0.1}, 0.01), "city": Terms({}, 1)}
    )
    assert {column: values.tolist() for column, values in found.items()} == {"given_key": [1.0, 2.0]}
