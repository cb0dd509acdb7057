"""A customer whose record was merged, in a CRM, with that of an erased person: why nothing is synced any more."""

import duckdb
import pytest

from crm_pipeline.privacy import suppression
from crm_pipeline.publish import stage
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.publish.conftest import add_plan

_SAYS = "which is kept out because of erasure 3: this customer is not synced any more"


@pytest.fixture
def merged(warehouse):
    """Lead 00Q1, linked with contact 11, went into Lead 00Q9, which is not here; what waits for it is contact 11."""
    with warehouse.connect() as connection:
        connection.execute("update golden.link set retired = 'merged' where record_key = 'salesforce/Lead/00Q1'")
        connection.execute("update raw.salesforce_lead set retired = 'merged' where record_id = '00Q1'")
        gone = {"system": "salesforce", "object": "Lead", "record_id": "00Q1", "reason": "merged", "run_id": 1}
        insert(connection, "raw.tombstone", [{**gone, "survivor_object": "Lead", "survivor_id": "00Q9"}])
        waits = {"plan_id": 1, "record_key": "hubspot/contacts/11", "golden_id": "person-1"}
        insert(connection, "plan.waiting", [{**waits, "reason": "deleted_there"}])
        connection.execute("insert into state.erasure values (3, now(), 'Sato', 1, null, null)")
        kept_out = suppression.new(connection).hash(suppression.RECORD, "salesforce/Lead/00Q9")
        connection.execute(
            "insert into state.suppressed values (3, 'record', ?, 'salesforce', 'Lead', true)", [kept_out]
        )
    add_plan(warehouse)


def status(settings):
    query = "select record_key, state, sentence, sentence_ja from sync_status"
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return {key: said for key, *said in connection.execute(query).fetchall()}


def test_both_records_say_so_and_how_it_is_taken_back(warehouse, settings, merged):
    stage.run(warehouse, settings, 1)
    said = status(settings)
    for key, who, who_ja in (
        ("salesforce/Lead/00Q1", "it was merged into Lead 00Q9, ", "このレコードは Lead 00Q9 に統合され"),
        (
            "hubspot/contacts/11",
            "its counterpart in the other CRM was merged into Lead 00Q9, ",
            "相手側のレコードは Lead",
        ),
    ):
        state, sentence, sentence_ja = said[key]
        assert state == "kept_out"
        assert sentence.startswith(who + _SAYS)
        assert sentence_ja.startswith(who_ja)
        assert sentence.endswith("crm-pipeline erase --lift 3 --by YOUR_NAME")
        assert "消去3" in sentence_ja


def test_when_the_erasure_is_lifted_it_is_only_not_here(warehouse, settings, merged):
    with warehouse.connect() as connection:
        connection.execute("update state.erasure set lifted_at = now()")
    stage.run(warehouse, settings, 1)
    said = status(settings)
    assert (said["salesforce/Lead/00Q1"][0], said["hubspot/contacts/11"][0]) == ("retired", "deleted_there")
