"""Deals and activities become golden records by their links, over several runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.golden.stage import GoldenResult, make
from crm_pipeline.model import Kind
from crm_pipeline.warehouse.connection import configured
from crm_pipeline.warehouse.migrations import migrate

#: Fifteen characters and Salesforce's checksum.
OPPORTUNITY = "006000000000001AAA"
DEAL, SALE = "hubspot/deals/1", f"salesforce/Opportunity/{OPPORTUNITY}"


class House:
    """A warehouse in memory whose raw tables are filled by hand."""

    def __init__(self, settings: Settings) -> None:
        self.connection = configured(duckdb.connect(config={"threads": 1}))
        migrate(self.connection, Path())
        self.settings = settings
        self.runs = 0

    def add(self, key: str, fields: dict[str, Any] | None = None, *, day: int = 1) -> str:
        system, object_, record_id = key.split("/")
        at = datetime(2026, 1, day, tzinfo=UTC)
        self.execute(
            f"insert into raw.{system}_{object_.lower()} values (?, ?, ?, 'somebody', ?, '{{}}', null, 1, ?)",
            [record_id, at, at, json.dumps(fields or {}), len(self.execute("from raw.record"))],
        )
        return key

    def retire(self, key: str, survivor: str | None = None) -> None:
        system, object_, record_id = key.split("/")
        state = "merged" if survivor else "deleted"
        self.execute(f"update raw.{system}_{object_.lower()} set retired = ? where record_id = ?", [state, record_id])
        if survivor:
            _, into, into_id = survivor.split("/")
            self.execute(
                "insert into raw.tombstone values (?, ?, ?, 'merged', null, ?, ?, 1)",
                [system, object_, record_id, into, into_id],
            )

    def link(self, key: str, golden_id: str) -> None:
        self.execute("insert into state.link values (?, ?, 'created', 1)", [key, golden_id])

    def say(self, left: str, right: str, verdict: str) -> None:
        self.execute(
            "insert into state.decision values (?, ?, ?, 'somebody', now(), '', '', '1')", [left, right, verdict]
        )

    def run(self) -> GoldenResult:
        self.runs += 1
        return make(self.connection, self.settings, self.runs)

    def links(self) -> dict[str, str]:
        return dict(self.execute("select record_key, golden_id from golden.link"))

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, list(parameters)).fetchall()


@pytest.fixture
def house() -> House:
    settings = load_settings()
    only_deals = settings.mapping.model_copy(update={"task": None})
    return House(settings.model_copy(update={"mapping": only_deals}))


def test_records_without_a_link_are_golden_records_of_their_own(house: House) -> None:
    house.add(DEAL, {"dealname": "新規"})
    house.add(SALE, {"Name": "新規"}, day=2)
    assert house.run() == GoldenResult(people=0, companies=0, minted=2, redirected=0, linked=2)
    assert house.links() == {DEAL: "deal-1", SALE: "deal-2"}


@pytest.mark.parametrize("named", [OPPORTUNITY, OPPORTUNITY[:15]])
def test_an_id_that_the_native_connector_left_links(house: House, named: str) -> None:
    house.add(DEAL, {"dealname": "新規", "hs_salesforceopportunityid": named})
    house.add(SALE, {"Name": "既存", "StageName": "Prospecting"})
    house.run()
    assert house.links() == {DEAL: "deal-1", SALE: "deal-1"}
    row = house.execute("select golden_id, stage, hubspot_records, salesforce_records from golden.deal")
    assert row == [("deal-1", "Prospecting", 1, 1)]


def test_an_id_that_several_records_name_links_none_of_them(house: House) -> None:
    for number in (1, 2):
        house.add(f"hubspot/deals/{number}", {"hs_salesforceopportunityid": OPPORTUNITY})
    house.add(SALE)
    house.run()
    assert len(set(house.links().values())) == 3


def test_what_we_created_stays_linked_and_the_older_id_stays(house: House) -> None:
    house.add(DEAL)
    house.run()
    house.link(SALE, "deal-1")
    house.add(SALE)
    assert house.run().minted == 0
    assert house.links() == {DEAL: "deal-1", SALE: "deal-1"}


@pytest.mark.parametrize("swapped", [False, True])
def test_what_two_of_ours_were_merged_into_before_they_were_read_goes_with_the_older_id(
    house: House, swapped: bool
) -> None:
    deals = [house.add(f"hubspot/deals/{number}", day=number) for number in range(1, 11)]
    house.run()
    oldest_first = sorted(deals, key=lambda deal: int(house.links()[deal].removeprefix("deal-")))
    both = [oldest_first[1], oldest_first[-1]]
    for number, deal in enumerate(reversed(both) if swapped else both):
        house.link(f"salesforce/Opportunity/{number}", house.links()[deal])
        house.execute(
            "insert into raw.tombstone values ('salesforce', 'Opportunity', ?, 'merged', null, 'Opportunity', '9', 1)",
            [str(number)],
        )
    for deal in both:
        house.retire(deal)
    house.add("salesforce/Opportunity/9", day=20)
    house.run()
    assert house.links()["salesforce/Opportunity/9"] == "deal-2"


def test_a_link_found_later_joins_and_redirects(house: House) -> None:
    house.add(DEAL)
    house.add(SALE, day=2)
    house.run()
    house.execute(
        "update raw.hubspot_deals set fields = ?, digest = 9", [json.dumps({"hs_salesforceopportunityid": OPPORTUNITY})]
    )
    assert house.run().redirected == 1
    assert house.links() == {DEAL: "deal-1", SALE: "deal-1"}
    assert house.execute("select golden_id, survivor_id from golden.redirect") == [("deal-2", "deal-1")]
    house.execute("update raw.hubspot_deals set fields = '{}', digest = 10")
    house.run()
    assert house.links() == {DEAL: "deal-1", SALE: "deal-1"}, "an id that was emptied takes nothing apart"


def test_what_a_person_said_links_and_takes_apart(house: House) -> None:
    house.add(DEAL)
    house.add(SALE, day=2)
    house.say(DEAL, SALE, "match")
    house.run()
    assert house.links() == {DEAL: "deal-1", SALE: "deal-1"}
    house.say(DEAL, SALE, "not_a_match")
    house.run()
    apart = {DEAL: "deal-1", SALE: "deal-2"}
    assert house.links() == apart
    house.link(SALE, "deal-1")
    house.run()
    assert house.links() == apart


def test_a_merge_in_a_crm_joins_and_a_deleted_record_keeps_its_place(house: House) -> None:
    other = house.add("hubspot/deals/2", day=3)
    house.add(DEAL)
    house.add(SALE, {}, day=2)
    house.say(other, SALE, "match")
    house.run()
    before = house.links()
    assert before[other] == before[SALE] != before[DEAL]
    house.retire(other, survivor=DEAL)
    house.run()
    assert set(house.links().values()) == {"deal-1"}
    house.retire(SALE)
    house.run()
    assert house.links()[SALE] == "deal-1"
    assert house.execute("select hubspot_records, salesforce_records from golden.deal") == [(1, 0)]


def test_a_quiet_night_makes_nothing_anew(house: House) -> None:
    house.add(DEAL, {"dealname": "新規"})
    house.run()
    before = house.execute("from golden.followed order by all")
    result = house.run()
    assert (result.linked, result.minted) == (1, 0)
    assert house.execute("from golden.followed order by all") == before
    house.execute('update raw.hubspot_deals set fields = \'{"dealname": "変更"}\', digest = 7')
    house.run()
    assert house.execute("select name from golden.deal") == [("変更",)]


def test_since_is_when_the_kind_was_read_first_and_ends_when_it_is_switched_off(house: House) -> None:
    first = datetime(2026, 5, 1, tzinfo=UTC)
    for system, object_ in house.settings.mapping.of(Kind.DEAL).objects:
        house.execute("insert into raw.watermark values (?, ?, ?, '', 1)", [str(system), object_, first])
    house.run()
    since = "select kind, system, since from state.creating order by all"
    assert house.execute(since) == [("deal", "hubspot", first), ("deal", "salesforce", first)]
    house.execute("update raw.watermark set read_until = now()")
    house.run()
    assert house.execute(since)[0][2] == first, "the first time stays"
    off = house.settings.mapping.model_copy(update={"deal": None})
    house.settings = house.settings.model_copy(update={"mapping": off})
    house.run()
    assert house.execute(since) == []


def test_a_salesforce_task_goes_where_its_subtype_says() -> None:
    mapping = load_settings().mapping
    activity = mapping.of(Kind.ACTIVITY)
    on = activity.salesforce["Task"].model_copy(update={"to_hubspot": "create"})
    activity = activity.model_copy(update={"salesforce": {**activity.salesforce, "Task": on}})
    settings = load_settings().model_copy(update={"mapping": mapping.model_copy(update={"activity": activity})})
    house = House(settings)
    for number, subtype in enumerate(("Task", None, "Call", "Email", "LinkedIn")):
        house.add(f"salesforce/Task/{number}", {"TaskSubtype": subtype})
    house.run()
    kinds = dict(house.execute("select record_id, kind from golden.link"))
    assert kinds == {"0": "task", "1": "task", "2": "activity", "3": "activity"}
    house.execute("update raw.salesforce_task set fields = '{}', digest = record_id::int + 90")
    house.run()
    assert dict(house.execute("select record_id, kind from golden.link")) == kinds, "unknown is no change"
