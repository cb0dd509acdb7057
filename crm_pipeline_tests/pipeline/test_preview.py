"""What a pair in review would write if accepted, told before and compared with what is written afterwards."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from crm_pipeline.match.review.review import decide, find, waiting
from crm_pipeline.model import System
from crm_pipeline.plan.trial.preview import if_accepted
from crm_pipeline.publish import stage as publish
from crm_pipeline.publish.previews import refresh
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE


def previewed(crms: Cloud) -> dict[tuple[str, str], set[tuple[str, str, str, str]]]:
    with crms.warehouse.read() as connection:
        pairs = [(pair.left_key, pair.right_key) for pair in waiting(connection)]
        parts = list(if_accepted(connection, crms.settings, pairs))
    return {
        pair: {(o.record_key or "", o.field, str(o.old), str(o.new)) for o in operations if o.problem is None}
        for part in parts
        for pair, operations in part.items()
    }


@pytest.mark.parametrize("synced_before", [False, True])
def test_a_preview_is_what_the_plan_holds_once_the_pair_is_accepted(tmp_path: Path, synced_before: bool) -> None:
    with cloud(tmp_path) as crms:
        crms.hubspot.create("contacts", {"lastname": "松本", "phone": "000-111-2222", "birth_date": "2000-08-12"})
        if synced_before:
            crms.run()
            crms.hubspot.create("contacts", {"lastname": "森", "email": "mori@aaa.example"})
        crms.salesforce.create("Lead", {"LastName": "松本", "FirstName": "次郎", "Company": "C", "City": "世田谷区"})
        crms.preview()
        ((pair, foreseen),) = previewed(crms).items()
        assert foreseen
        with crms.warehouse.connect() as connection:
            decide(connection, find(connection, pair), "match", by="佐藤")
        plan = crms.preview()
        planned = crms.execute(
            "select system || '/' || object || '/' || record_id, field, old, new from plan.change "
            "where plan_id = ? and operation <> 'create' "
            "and golden_id = (select golden_id from golden.link where record_key = ?)",
            [plan.plan_id, pair[0]],
        )
        assert {(key, field) for key, field, _, _ in planned} == {(key, field) for key, field, _, _ in foreseen}


def test_the_published_review_says_what_would_be_written(tmp_path: Path) -> None:
    with cloud(tmp_path) as crms:
        crms.hubspot.create("contacts", {"lastname": "松本", "phone": "000-111-2222"})
        lead = crms.salesforce.create("Lead", {"LastName": "松本", "FirstName": "次郎", "Company": "C"})
        crms.preview()
        before = crms.execute("select count(*) from state.decision"), crms.execute("from golden.link order by all")
        publish.run(crms.warehouse, crms.settings, crms.step.run_id)
        assert before == (
            crms.execute("select count(*) from state.decision"),
            crms.execute("from golden.link order by all"),
        )
        with duckdb.connect(str(crms.settings.published), read_only=True) as published:
            ((shown,),) = published.execute("select would_write from match_review").fetchall()
        assert any(f"Salesforce Lead {lead}, phone: (blank) -> 000-111-2222" in line for line in shown)


def test_only_pairs_of_which_something_changed_are_planned_again(tmp_path: Path) -> None:
    def planned() -> int:
        with crms.warehouse.connect() as connection:
            return refresh(connection, crms.settings)

    with cloud(tmp_path) as crms:
        contact = crms.hubspot.create("contacts", {"lastname": "松本", "phone": "000-111-2222"})
        crms.hubspot.create("contacts", {"lastname": "森", "phone": "000-111-3333"})
        for family, given in (("松本", "次郎"), ("森", "花子")):
            crms.salesforce.create("Lead", {"LastName": family, "FirstName": given, "Company": "C"})
        crms.preview()
        assert (planned(), planned()) == (2, 0)
        crms.wait(60)
        crms.hubspot.update("contacts", contact, {"phone": "000-111-4444"})
        crms.preview()
        assert planned() == 1
        shown = crms.execute("select would_write::varchar from publish.preview")
        assert len(shown) == 2
        assert any("-> 000-111-4444" in str(line) for (line,) in shown)
