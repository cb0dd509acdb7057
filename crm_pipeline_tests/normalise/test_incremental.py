"""What a night reads and writes: only records that changed, and of their values only new ones."""

from __future__ import annotations

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.normalise import value
from crm_pipeline.normalise.stage import run
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.normalise.test_stage import LEAD, add, house, rows, wrote

__all__ = ["house"]  # the fixture


def places(house: Warehouse) -> list[tuple[int, str]]:
    """Where each row lies in its table: another place is a row written anew."""
    with house.connect() as connection:
        return connection.execute(
            "select rowid, record_key from normalise.person union all select rowid, record_key from normalise.company "
            "union all select rowid, record_key from normalise.seen union all select rowid, raw from normalise.value"
        ).fetchall()


def values(house: Warehouse) -> set[tuple[str, str]]:
    with house.connect() as connection:
        return set(connection.execute("select kind, raw from normalise.value").fetchall())


def test_a_night_without_changes_writes_nothing(house):
    add(house, LEAD, LastName="松本", Phone="026-234-5678")
    add(house, "hubspot/companies/1", name="山田製作所", domain="aaa.co.jp")
    run(house, load_settings(), 1)
    before = places(house)
    run(house, load_settings(), 2)
    assert places(house) == before


def test_only_the_record_that_changed_is_written_anew(house):
    add(house, LEAD, LastName="松本")
    add(house, "salesforce/Lead/2", LastName="山田")
    run(house, load_settings(), 1)
    with house.connect() as connection:
        connection.execute("update normalise.person set town = 'a mark'")
    add(house, LEAD, LastName="松本", FirstName="次郎")
    run(house, load_settings(), 2)
    found = rows(house)
    assert (found[LEAD]["given_key"], found[LEAD]["town"]) == ("次郎", None)
    assert found["salesforce/Lead/2"]["town"] == "a mark"


def test_a_record_that_is_gone_takes_its_keys_and_values_with_it(house):
    add(house, LEAD, LastName="松本", Phone="026-234-5678")
    add(house, "salesforce/Lead/2", LastName="山田", Phone="026-234-5678")
    run(house, load_settings(), 1)
    add(house, LEAD, retired="deleted", LastName="松本", Phone="026-234-5678")
    run(house, load_settings(), 2)
    assert rows(house).keys() == {"salesforce/Lead/2"}
    assert values(house) == {("name", "山田" + value.SEPARATOR), ("phone", "026-234-5678")}


def test_a_company_that_is_gone_is_nobodys_employer(house):
    add(house, "hubspot/companies/1", name="山田製作所")
    add(house, "hubspot/contacts/7", lastname="松本")
    with house.connect() as connection:
        connection.execute(
            "insert into raw.association values ('hubspot', 'contacts', '7', 'companies', '1', true, '')"
        )
    run(house, load_settings(), 1)
    assert rows(house)["hubspot/contacts/7"]["company_record_key"] == "hubspot/companies/1"
    add(house, "hubspot/companies/1", retired="deleted", name="山田製作所")
    run(house, load_settings(), 2)
    assert rows(house)["hubspot/contacts/7"]["company_record_key"] is None


def test_a_write_of_ours_that_is_remembered_later_changes_the_keys_of_an_unchanged_record(house):
    add(house, LEAD, LastName="松本次郎")
    run(house, load_settings(), 1)
    wrote(house, LEAD, "LastName", "松本次郎", held_before="松本")
    run(house, load_settings(), 2)
    assert rows(house)[LEAD]["given_key"] is None


def test_what_changes_night_by_night_is_what_one_run_makes(house, tmp_path):
    add(house, LEAD, LastName="松本", Email="a@aaa.jp")
    add(house, "salesforce/Lead/2", LastName="山田", Email="a@aaa.jp;b@aaa.jp")
    run(house, load_settings(), 1)
    fresh = Warehouse(tmp_path / "fresh.duckdb")
    for each in (house, fresh):
        add(each, LEAD, LastName="松本", Email="c@aaa.jp", Phone="03-3456-7890")
        add(each, "salesforce/Lead/2", LastName="山田", Email="a@aaa.jp;b@aaa.jp")
        add(each, "salesforce/Lead/3", LastName="鈴木")
        run(each, load_settings(), 2)
    assert rows(house) == rows(fresh)
    assert values(house) == values(fresh)


def test_a_value_of_ten_megabytes_costs_its_beginning(house):
    add(house, LEAD, LastName="松本", Phone="026-234-5678 " + "x" * 10_000_000, Street="長野市" + "\0" * 1_000_000)
    run(house, load_settings(), 1)
    assert rows(house)[LEAD]["city"] == "長野市"
    assert max(len(raw) for _, raw in values(house)) < 3000


@pytest.mark.parametrize("few", [0, 1_000])
def test_processes_of_their_own_find_the_same_keys(house, monkeypatch, few):
    monkeypatch.setattr(value, "_FEW", few)
    with house.connect() as connection:
        connection.execute(
            "create temp table wanted as select 'phone' as kind, '03-3456-' || lpad(i::varchar, 4, '0') as raw "
            "from range(300) t(i)"
        )
        assert value.fill(connection, "wanted", "JP") == 300
        found = connection.execute("select count(distinct e164), min(prefecture), min(e164) from normalise.value")
        assert found.fetchone() == (300, "東京都", "+81334560000")


def test_values_shared_out_that_no_process_could_finish_are_worked_on_here(house, monkeypatch):
    monkeypatch.setattr(value, "_FEW", 0)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with house.connect() as connection:
        connection.execute("create temp table wanted as select 'date' as kind, '1988-04-09' as raw")
        assert value.fill(connection, "wanted", "JP") == 1
