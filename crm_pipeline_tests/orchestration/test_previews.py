"""What an asset shows to be read: pairs with their evidence, reasons by code, links; no value (law 45)."""

import json

import pytest

from crm_pipeline.match.evidence.words import without_values
from crm_pipeline.match.tables import rows
from crm_pipeline.model import PlanState
from crm_pipeline.orchestration import breakdown, match_preview, plan_preview
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import CONTACT, LEAD, write_night

ACCOUNTS = (
    "insert into raw.account values "
    "('hubspot', '42', 'p', 'UTC', true, '', 'https://app.example'), "
    "('salesforce', '00D1', 'o', 'UTC', true, '', 'https://org.example')"
)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    warehouse = write_night(tmp_path_factory.mktemp("previews") / "crm.duckdb", PlanState.APPLIED)
    with warehouse.connect() as connection:
        connection.execute(ACCOUNTS)
    return warehouse


def _filled(words):
    return words.format_map(dict.fromkeys(("left", "right", "area", "region", "prefecture"), "花子"))


WORDS = [(row[0], _filled(row[2])) for row in rows("words.tsv")]


@pytest.mark.parametrize(("comparison", "words"), WORDS)
def test_evidence_without_values_says_what_agrees_and_no_value(comparison, words):
    said = without_values(comparison, words)
    assert said
    assert "花子" not in said


def test_a_value_with_a_colon_is_not_taken_for_words():
    assert without_values("given_name", "ta: ro contains the given name ro") == "given name"
    assert without_values("e_mail", "same e-mail address: a: b") == "same e-mail address"


def test_pairs_are_links_with_their_evidence(night):
    with night.connect() as connection:
        evidence = [
            {"comparison": "phone", "verdict": "supports", "words": "same mobile number: 090-1"},
            {"comparison": "company", "verdict": "contradicts", "words": "different companies: a, b"},
        ]
        connection.execute("update match.pair set tier = 'auto', posterior = 1, evidence = ?", [json.dumps(evidence)])
        [(title, shown)] = match_preview.pairs(connection, "match.pair").items()
    assert title == "linked, the least sure first"
    assert shown.value == (
        f"- [{CONTACT}](https://app.example/contacts/42/record/0-1/151) and "
        f"[{LEAD}](https://org.example/lightning/r/Lead/00Q1/view), 99.99%. "
        "for: same mobile number; against: different companies; *surname only*"
    )


def test_the_records_of_the_changes_are_links(night):
    with night.read() as connection:
        shown = plan_preview.changes(connection)["their records"].value
    assert shown == f"- [{LEAD}](https://org.example/lightning/r/Lead/00Q1/view)"


def test_a_record_that_did_not_get_its_value_is_a_link(night):
    with night.connect() as connection:
        for number in range(2):
            row = ("plan_id", "run_id", "request_id", "system", "object", "golden_id", "operation", "old", "new")
            values = (1, 1, str(number), "salesforce", "Lead", "person-1", "update", "{}", "{}")
            ended = {"op_id": str(number), "state": "invalid", "record_id": "00Q1", "field": "owner", "code": "no_user"}
            insert(connection, "push.outbox", [dict(zip(row, values, strict=True)) | ended])
        shown = plan_preview.not_landed(connection)["examples"].value
    assert shown == f"- [{LEAD}](https://org.example/lightning/r/Lead/00Q1/view) owner: invalid no_user"


def test_errors_are_counted_by_what_they_mean_with_what_to_do(night):
    with night.connect() as connection:
        connection.execute(
            "insert into push.code values ('salesforce', 'FIELD_INTEGRITY_EXCEPTION', 'value', 'changed', 'Not a "
            "country.', '', 'Correct it.')"
        )
        connection.execute(
            "insert into state.quarantine select n::varchar, 'salesforce/Lead/' || n, 'country', "
            "'FIELD_INTEGRITY_EXCEPTION', 'secret', 1, null, 'salesforce' from range(3) t(n)"
        )
        table = breakdown.reasons(connection, "state.quarantine")["why"]
    assert [list(record.data.values()) for record in table.records] == [
        ["Salesforce", "country", "FIELD_INTEGRITY_EXCEPTION", "Correct it.", "3"]
    ]


def test_what_has_no_rows_shows_no_table(night):
    with night.read() as connection:
        for relation in ("raw.quarantine", "match.problem", "plan.conflict", "plan.waiting", "match.cluster"):
            assert breakdown.reasons(connection, relation) == {}
