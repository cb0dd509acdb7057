"""People of one name in the houses of a file, and from where on its pairs are linked."""

from __future__ import annotations

import csv
import random

import duckdb
import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.match.file.run import match_files
from crm_pipeline_tests.match.file.test_collective import strangers
from crm_pipeline_tests.match.file.test_households import Silent

Pairs = dict[tuple[str, str], tuple[float, str]]

_STREETS = ("high street", "mill lane", "church road", "park avenue", "station road")
_CITIES = ("london", "leeds", "bristol", "norwich", "derby")


def _address(of: str) -> list[str]:
    dice = random.Random(of)
    return [f"{dice.randrange(1, 90)} {dice.choice(_STREETS)}", dice.choice(_CITIES)]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """(id, id) -> posterior and tier."""
    folder = tmp_path_factory.mktemp("houses")
    rows = [[*row[:5], *_address(row[0].split("-")[0])] for row in strangers()]
    rows += [[f"smith{n}", "smith", "john", "", "", *_address(f"s{n}")] for n in range(30)]
    rows += [[f"house{n}", "smith", "john", "", "", "91 mill lane", "derby"] for n in range(2)]
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "surname", "given_name", "date_of_birth", "email", "street", "city"])
        writer.writerows(rows)
    match_files([folder / "people.csv"], None, folder / "out", load_settings(), Silent(), lambda meant: None)
    found = duckdb.sql(f"select id_a, id_b, posterior, tier from '{folder / 'out' / 'pairs.parquet'}'").fetchall()
    return {tuple(sorted((a, b))): (posterior, tier) for a, b, posterior, tier in found}


def test_another_house_keeps_people_of_one_name_apart(pairs: Pairs) -> None:
    """John Smith of 91 Mill Lane and of 29 Church Road, both in Derby."""
    assert pairs["house0", "house1"][1] == "auto"
    assert pairs["house0", "smith19"][1] == "recommended"


def test_a_pair_need_not_be_sure_by_itself_while_all_links_together_are(pairs: Pairs) -> None:
    linked = [posterior for posterior, tier in pairs.values() if tier == "auto"]
    assert min(linked) < load_settings().match.auto <= sum(linked) / len(linked)
