"""What the checks of a read and of a plan say."""

from dataclasses import replace
from itertools import count

import dagster as dg
import pytest

from crm_pipeline.model import PlanState, System
from crm_pipeline.orchestration.checks import build_checks
from crm_pipeline.orchestration.resources import Pipeline
from crm_pipeline.plan.fit.compatibility import pairings
from crm_pipeline.plan.fit.verdict import NOTHING, Gap, Verdict, Words
from crm_pipeline.plan.kept.compatibility_table import save
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import HASH, write_night


def checked(pipeline, name, asset=""):
    [check] = [check for check in build_checks(pipeline.settings()) if _is_of(check, name, asset)]
    return check(pipeline)


def _is_of(check, name, asset=""):
    return any(key.name == name and asset in ("", key.asset_key.path[-1]) for key in check.check_keys)


def test_a_tripped_guard_warns_and_says_what_to_type(pipeline):
    write_night(pipeline.settings().warehouse)
    result = checked(pipeline, "within_guards")
    assert not result.passed
    assert result.description.endswith(f"crm-pipeline approve {HASH} --by YOUR_NAME")
    within = [record.data["within"] for record in result.metadata["guards"].records]
    assert within == ["no", "yes"]


def test_a_guard_that_a_person_let_pass_asks_for_no_approval(pipeline):
    write_night(pipeline.settings().warehouse, PlanState.APPROVED)
    result = checked(pipeline, "within_guards")
    assert not result.passed
    assert result.description.endswith(". The plan is approved")


def test_only_the_first_guards_are_spelled_out(pipeline):
    with write_night(pipeline.settings().warehouse).connect() as connection:
        connection.execute(
            "insert into plan.guard select g.* replace ('relinked' || n as guard, true as tripped) "
            "from plan.guard g, range(4) t(n) where not tripped"
        )
    assert "; and 2 more. " in checked(pipeline, "within_guards").description


def test_a_plan_whose_fields_all_fit_shows_no_empty_table(pipeline):
    write_night(pipeline.settings().warehouse)
    result = checked(pipeline, "compatible")
    assert result.passed
    assert set(result.metadata) == {"plan id", "fields left out", "fields with gaps"}


def test_a_field_that_is_left_out_warns_in_both_languages_and_gaps_are_told(pipeline):
    settings = pipeline.settings()
    with write_night(settings.warehouse).connect() as connection:
        found = pairings(settings.mapping.company, {})
        save(connection, 1, settings.mapping, found[:1])
        whole = Verdict(frozenset(System), Words("HubSpot has no option for X", "…"), Words("add it", "…"))
        gappy = replace(found[1], verdict=replace(whole, gaps=(Gap(System.HUBSPOT, "X"),)), problem=NOTHING)
        save(connection, 1, settings.mapping, [gappy])
    result = checked(pipeline, "compatible")
    assert not result.passed
    assert result.description == "left out: name; values without a partner: website"
    (left_out,) = result.metadata["left out"].records
    assert "互換性がありません" in left_out.data["理由"]
    (lacking,) = result.metadata["values without a partner"].records
    assert lacking.data["which"] == "HubSpot has no option for X"


ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
KEPT, FOUND = "1 record here is not there", "1 record that the read had not brought"


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A pipeline whose warehouse is made once, and a way to add the row of one more run to it."""
    folder = tmp_path_factory.mktemp("counted")
    settings = folder / "settings.yaml"
    settings.write_text(f"warehouse: {folder / 'crm.duckdb'}\n", encoding="utf-8")
    runs = count(1)

    def add(numbers, method, explained):
        with Warehouse(folder / "crm.duckdb").connect() as connection:
            connection.execute(
                "insert into raw.reconciliation (run_id, system, object, here, there, missing, surplus, sampled, "
                "sample_wrong, method, explained) values (?, 'salesforce', 'Lead', ?, ?, ?, ?, ?, ?, ?, ?)",
                [next(runs), *numbers, method, explained],
            )
            connection.execute("delete from raw.quarantine")
            released = None if "quarantine" in explained else 1
            connection.execute(
                "insert into raw.quarantine values (1, 'salesforce', 'Lead', '00Q1', 'not a date', ?)", [released]
            )

    return Pipeline(settings_file=str(settings)), add


@pytest.mark.parametrize(
    ("numbers", "method", "explained", "passed", "severity", "sentence"),
    [
        ((5, 5, 0, 0, 5, 0), "count", "", True, WARN, "5 here, 5 in Salesforce"),
        ((6, 5, 0, 0, 6, 0), "spans", "1 was created while counting", True, WARN, "6 here, 5 in Salesforce: 1 was"),
        ((6, 5, 0, 1, 6, 0), "all_ids", KEPT, False, WARN, f"6 here, 5 in Salesforce: {KEPT}"),
        ((5, 5, 1, 0, 5, 0), "spans", FOUND, False, WARN, FOUND),
        ((5, 5, 0, 0, 5, 2), "count", "2 of 5 records read back", False, WARN, "2 of 5 records read back"),
        ((4, 5, 0, 0, 4, 0), "count", "1 is in quarantine", False, WARN, "1 is in quarantine"),
        ((5, 9, 4, 0, 0, 0), "spans", "", False, ERROR, "5 here, 9 in Salesforce: not loaded, too many differ"),
        ((5, None, 0, 0, 0, 0), "unread", "it could not be read", False, ERROR, "5 here, there unknown: it could not"),
    ],
)
def test_the_check_of_an_object_says_whether_it_is_complete(
    counted, numbers, method, explained, passed, severity, sentence
):
    pipeline, add = counted
    add(numbers, method, explained)
    result = checked(pipeline, "complete", "salesforce_lead")
    assert (result.passed, result.severity) == (passed, severity)
    assert sentence in result.description
    plotted = [result.metadata[name].value for name in ("here", "there", "missing", "surplus", "sample wrong")]
    assert plotted == [*numbers[:4], numbers[5]]


def test_an_object_that_was_never_counted_fails(pipeline):
    with Warehouse(pipeline.settings().warehouse).connect():
        pass
    result = checked(pipeline, "complete", "salesforce_lead")
    assert (result.passed, result.severity) == (False, ERROR)
    assert result.description == "Salesforce Lead was never counted"


def test_only_objects_that_are_synced_stop_a_run(pipeline):
    checks = [check for check in build_checks(pipeline.settings()) if _is_of(check, "complete")]
    stopping = {spec.asset_key.path[-1] for check in checks for spec in check.check_specs if spec.blocking}
    assert stopping == {f"{system}_{object_.lower()}" for system, object_ in pipeline.settings().mapping.objects}


def _agreement(reason, pairs):
    measured = {"run_id": 1, "measured_at": "2026-01-01T00:00:00Z", "kind": "person", "field": "phone"}
    return {**measured, "rule": "two_way", "reason": reason, "pairs": pairs}


@pytest.mark.parametrize(("reason", "passed"), [("waits_for_approval", True), ("unexplained", False)])
def test_linked_records_that_differ_have_a_reason(pipeline, reason, passed):
    with write_night(pipeline.settings().warehouse).connect() as connection:
        insert(connection, "publish.agreement", [_agreement("agree", 9), _agreement(reason, 3)])
    result = checked(pipeline, "explained")
    assert result.passed is passed
    assert result.description.startswith("9 of 12 values of linked pairs agree")
    assert [record.data["agree"] for record in result.metadata["by field"].records] == ["75.0%"]


def test_a_plan_that_was_sent_and_does_not_add_up_is_named(pipeline):
    with write_night(pipeline.settings().warehouse, PlanState.APPLIED).connect() as connection:
        connection.execute("insert into plan.plan select p.* replace (2 as plan_id, 'held' as state) from plan.plan p")
    result = checked(pipeline, "accounted")
    assert not result.passed
    assert result.description.endswith("; plan 1 does not add up")
