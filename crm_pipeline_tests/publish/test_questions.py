"""What an analyst asks of the published copy: every example of docs/query.md, and the answers of a small office."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.publish.export import EXPORTABLE, export
from crm_pipeline_tests.publish.office import published

_PAGE = Path(__file__).parents[2] / "docs" / "query.md"
EXAMPLES = re.findall(r"```sql\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
#: What may be empty of an office where all is well.
_GOOD_NEWS = (
    "from compatibility",
    "from agreement",
    "reason = 'blocked'",
    "customer_360\nwhere open_deals > 0 and coalesce",
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("office"))


@pytest.fixture
def copy(office: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(office), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def rows(copy: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return copy.execute(sql).fetchall()


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_documentation_has_an_answer(copy: duckdb.DuckDBPyConnection, example: str) -> None:
    assert rows(copy, example) or any(part in example for part in _GOOD_NEWS)


def test_a_customer_is_told_with_deals_tickets_and_touches(copy: duckdb.DuckDBPyConnection) -> None:
    columns = "owner, open_deals, open_amount, open_tickets, tickets, last_touch, last_touch_title, last_touch_by"
    [told] = rows(copy, f"select {columns} from customer_360 where golden_id = 'person-2'")
    assert told == ("伊藤 大輔", 1, 500000, 1, 2, "e_mail", "お礼のメール", "伊藤 大輔")
    [touched] = rows(
        copy,
        "select first_touch_at::date::varchar, last_touch_at::date::varchar, links[1] from customer_360 "
        "where golden_id = 'person-2'",
    )
    assert touched[:2] == ("2025-05-01", "2026-11-19"), "a meeting next year has touched nobody"
    assert touched[2] == "https://app.hubspot.example/contacts/123/record/0-1/12"


def test_flags_name_what_is_wrong(copy: duckdb.DuckDBPyConnection) -> None:
    flags = dict(rows(copy, "select golden_id, flags from customer_360"))
    assert flags["person-3"] == ["duplicates_in_hubspot", "in_review", "junk_phone", "no_e_mail"]
    assert flags["person-1"] == ["no_phone"]


def test_a_deal_of_both_crms_is_one_deal(copy: duckdb.DuckDBPyConnection) -> None:
    deals = (
        "select deal_id, amount, stage, open, won, company, hubspot_deal, salesforce_opportunity from deals order by 1"
    )
    assert rows(copy, deals) == [
        ("deal-1", 500000, "Proposal", True, False, "東都製作所", "31", "0061"),
        ("deal-2", 80000, "Closed Won", False, True, "東都製作所", None, "0062"),
        ("hubspot/deals/32", None, None, True, False, None, "32", None),
    ]
    company = "select people, open_deals, open_amount, won_amount from company_360"
    assert rows(copy, company) == [(1, 1, 500000, 80000)]


def test_a_user_of_both_crms_has_one_name(copy: duckdb.DuckDBPyConnection) -> None:
    assert rows(copy, "select owner from deals where hubspot_deal = '32'") == [("高橋 美咲",)]
    assert rows(copy, "select owner from customer_360 where golden_id = 'person-1'") == [("高橋 美咲",)]


def test_a_deal_closes_on_the_day_that_people_see(copy: duckdb.DuckDBPyConnection) -> None:
    dates = "select close_date::varchar from deals order by deal_id"
    assert rows(copy, dates) == [("2026-12-20",), ("2026-10-01",), ("2026-08-07",)]


def test_the_timeline_tells_edits_writes_links_and_activities_in_one_stream(copy: duckdb.DuckDBPyConnection) -> None:
    yamada = "select event, old, new, actor from timeline where golden_id = 'person-1' order by happened_at, event"
    assert rows(copy, yamada) == [
        ("record_created", None, None, None),
        ("record_created", None, None, None),
        ("call", None, None, "高橋 美咲"),
        ("customers_merged", "person-9", "person-1", None),
        ("decided", "hubspot/contacts/11", "salesforce/Lead/00Q1", "高橋"),
        ("linked", None, None, None),
        ("written_by_us", None, "yamada@aaa.jp", "crm-pipeline"),
    ]
    edit = "select title, old, new, actor, certain, run_id, link from timeline where event = 'field_change'"
    assert rows(copy, edit) == [
        ("Job title", "課長", "部長", "高橋 美咲", True, 2, "https://app.hubspot.example/contacts/123/record/0-1/12")
    ]
    assert rows(copy, "select event from timeline where what is null or what_ja is null") == []


def test_whoever_takes_part_in_a_deal_sees_it_once_whichever_crm_says_so(copy: duckdb.DuckDBPyConnection) -> None:
    opened = "select golden_id, record_key, title from timeline where event = 'deal_opened' order by all"
    deal = ("salesforce/Opportunity/0061", "新工場")
    trial = ("salesforce/Opportunity/0062", "試作")
    assert rows(copy, opened) == [
        ("company-1", *deal),
        ("company-1", *trial),
        ("person-2", *deal),
        ("person-2", *trial),
        ("person-3", *deal),
    ]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_deal_is_won_at_the_same_moment_wherever_the_reader_is(copy: duckdb.DuckDBPyConnection, zone: str) -> None:
    copy.execute(f"set TimeZone = '{zone}'")
    won = "select epoch(happened_at - '2026-10-01T00:00:00Z'::timestamptz) from timeline where event = 'deal_won'"
    assert set(rows(copy, won)) == {(0,)}


def test_as_of_tells_customers_as_they_were(copy: duckdb.DuckDBPyConnection) -> None:
    yamada = "select e_mail, industry, records from as_of({}) where golden_id = 'person-1'"
    assert rows(copy, yamada.format(1)) == [(None, None, ["hubspot/contacts/11"])]
    both = ["hubspot/contacts/11", "salesforce/Lead/00Q1"]
    assert rows(copy, yamada.format(2)) == [("yamada@aaa.jp", "製造業", both)]
    title = "select run_id, job_title from runs, as_of(run_id) where golden_id = 'person-2' order by run_id"
    assert rows(copy, title) == [(1, "課長"), (2, "部長")]


def test_quality_and_duplicates_are_counted_after_each_run(copy: duckdb.DuckDBPyConnection) -> None:
    phones = (
        "select run_id, records, filled, valid, junk from data_quality where system = 'hubspot' and field = 'phone'"
    )
    assert rows(copy, f"{phones} and kind = 'person' order by 1") == [(1, 4, 1, 0, 1), (2, 4, 1, 0, 1)]
    duplicates = "select run_id, records, customers, duplicates, duplicate_percent from duplicate_rate"
    assert rows(copy, f"{duplicates} where system = 'hubspot' and kind = 'person' order by 1") == [
        (1, 4, 3, 1, 25.0),
        (2, 4, 3, 1, 25.0),
    ]


def test_reach_compares_with_before_and_with_the_last_run(copy: duckdb.DuckDBPyConnection) -> None:
    mail = "select run_id, department_ja, customers, without_writes, since_last_run from reach"
    assert rows(copy, f"{mail} where system = 'hubspot' and capability = 'mail' order by run_id") == [
        (1, "マーケティング", 1, 1, None),
        (2, "マーケティング", 2, 1, 1),
    ]


@pytest.mark.parametrize("format_", ["parquet", "csv"])
def test_marts_become_files_that_nobody_else_can_read(
    copy: duckdb.DuckDBPyConnection, tmp_path: Path, format_: Any
) -> None:
    folder = tmp_path / "new" / "exports"
    for again in range(2):
        written = dict(export(copy, folder, format_, ["customer_360", "timeline"][again:]))
    assert {path.name for path in folder.iterdir()} == {f"customer_360.{format_}", f"timeline.{format_}"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    [(path, number)] = written.items()
    assert rows(copy, f"select count(*) from '{path}'") == [(number,)]
    names = rows(
        copy, f"select name, open_deal_list::varchar from '{folder}/customer_360.{format_}' where open_deals > 0"
    )
    assert names[0][0] == "佐藤 花子"
    assert "Proposal" in names[0][1]
    if format_ == "csv":
        assert (folder / "customer_360.csv").read_bytes().startswith("\ufeffgolden_id".encode())


def test_every_mart_can_be_exported(copy: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert len(list(export(copy, tmp_path / "all", "csv"))) == len(EXPORTABLE)


def test_what_cannot_be_exported_is_said_before_anything_is_written(
    copy: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match=r"no mart nonsense; the marts are: .*customer_360"):
        list(export(copy, tmp_path / "none", "csv", ["customer_360", "nonsense"]))
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="name another folder"):
        list(export(copy, tmp_path / "file", "parquet", ["runs"]))
