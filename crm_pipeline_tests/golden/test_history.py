"""Golden records as they were after an earlier run: values, and which records belonged to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.golden.test_stage import HUBSPOT, LEAD, add, golden

YAMADA = {"lastname": "山田", "firstname": "太郎"}


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    """Run 1: two customers. Run 2: they are one. Run 3: the lead's number is gone."""
    house = Warehouse(tmp_path / "crm.duckdb")
    add(house, HUBSPOT, {**YAMADA, "email": "y@a.jp"})
    add(house, LEAD, {"LastName": "山田", "FirstName": "太郎", "Email": None, "Phone": "03-1111-2222"})
    golden(house, [HUBSPOT], [LEAD], run_id=1)
    golden(house, [HUBSPOT, LEAD], run_id=2)
    cleared = json.dumps({"LastName": "山田", "FirstName": "太郎", "Email": None, "Phone": None})
    with house.connect() as connection:
        connection.execute("update raw.salesforce_lead set fields = ?, modified_at = now()", [cleared])
    golden(house, [HUBSPOT, LEAD], run_id=3)
    return house


def values(house: Warehouse, run_id: int) -> dict[str, dict[str, str]]:
    """Golden id -> part -> value."""
    found: dict[str, dict[str, str]] = {}
    with house.connect() as connection:
        for golden_id, part, value in connection.execute(
            "select golden_id, part, value from golden.as_of(?)", [run_id]
        ).fetchall():
            found.setdefault(golden_id, {})[part] = value
    return found


def links(house: Warehouse, run_id: int) -> dict[str, str]:
    with house.connect() as connection:
        rows = connection.execute("select record_key, golden_id from golden.links_as_of(?)", [run_id]).fetchall()
    return dict(rows)


def test_values_are_told_as_they_were_after_each_run(house: Warehouse) -> None:
    contact, lead = sorted(values(house, 1).values(), key=lambda one: "phone" in one)
    assert (contact["e_mail"], "phone" in contact) == ("y@a.jp", False)
    assert ("e_mail" in lead, lead["phone"]) == (False, "03-1111-2222")
    assert [(one["e_mail"], one["phone"]) for one in values(house, 2).values()] == [("y@a.jp", "03-1111-2222")]
    assert [(one["e_mail"], "phone" in one) for one in values(house, 3).values()] == [("y@a.jp", False)]


def test_a_record_belonged_to_one_customer_and_then_to_another(house: Warehouse) -> None:
    assert len(set(links(house, 1).values())) == 2
    assert len(set(links(house, 2).values())) == 1
    assert links(house, 0) == {}


def test_the_last_run_is_as_it_is_now(house: Warehouse) -> None:
    with house.connect() as connection:
        now = connection.execute(
            "select golden_id, part, value from golden.provenance where value is not null order by all"
        )
        told = now.fetchall()
        assert connection.execute("select golden_id, part, value from golden.as_of(3) order by all").fetchall() == told


def test_nothing_is_told_of_runs_before_it_was_kept(house: Warehouse) -> None:
    with house.connect() as connection:
        connection.execute("insert into golden.remembered values (2)")
    assert values(house, 1) == {}
    assert links(house, 1) == {}
    assert len(values(house, 2)) == 1


def test_a_night_without_changes_keeps_nothing(house: Warehouse) -> None:
    with house.connect() as connection:
        before = connection.execute("select count(*) from golden.history").fetchone()
    golden(house, [HUBSPOT, LEAD], run_id=4)
    with house.connect() as connection:
        assert connection.execute("select count(*) from golden.history").fetchone() == before
