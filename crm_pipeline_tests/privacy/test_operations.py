"""What stays of the writes to an erased person's records cannot be tried out against addresses and numbers."""

import pytest

from crm_pipeline.model import Act, Kind, System
from crm_pipeline.plan.operation import Operation, plan_hash
from crm_pipeline.privacy.erase import erase
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.privacy.conftest import AT


def operation(golden_id, record_id, phone):
    said = {"old": {"phone": ""}, "new": {"phone": phone}, "rule": "two_way", "reason": "filled"}
    return Operation(
        Kind.PERSON, System.HUBSPOT, "contacts", Act.UPDATE, "phone", golden_id=golden_id, record_id=record_id, **said
    )


YAMADAS, SATOS = operation("person-1", "151", "026-222-3333"), operation("person-2", "152", "026-222-4444")
HASH = plan_hash([YAMADAS, SATOS], "m", "s")
OTHERS_HASH = plan_hash([SATOS], "m", "s")


@pytest.fixture
def written(warehouse):
    """Plan 1 wrote a number to each of the two, plan 2 to 佐藤 alone; both were approved. Plans 3 and 4 are undos."""
    with warehouse.connect() as connection:
        plan = {"run_id": 1, "state": "applied", "why": "", "mapping_hash": "m", "schema_hash": "s", "asked_why": "x"}
        plan |= {"created_at": AT, "expires_at": AT}
        undos = {
            1: None,
            2: None,
            3: "7 --record hubspot/contacts/151 --field phone",
            4: "--record hubspot/contacts/1519",
        }
        plans = [
            plan | {"plan_id": number, "hash": HASH if number == 1 else OTHERS_HASH, "undoes": undoes}
            for number, undoes in undos.items()
        ]
        insert(connection, "plan.plan", plans)
        insert(
            connection,
            "state.approval",
            [{"plan_hash": one, "approved_by": "佐藤", "approved_at": AT, "why": ""} for one in (HASH, OTHERS_HASH)],
        )
        for plan_id, op in ((1, YAMADAS), (1, SATOS), (2, SATOS)):
            row = {"plan_id": plan_id, "op_id": op.op_id, "system": op.system, "object": op.object}
            row |= {"record_id": op.record_id, "golden_id": op.golden_id, "operation": op.operation, "field": op.field}
            row |= {"old": op.old, "new": op.new}
            insert(
                connection,
                "plan.change",
                [row | {"seq": 1, "kind": "person", "rule": "", "reason": "", "fingerprint": ""}],
            )
            insert(connection, "push.outbox", [row | {"run_id": 1, "request_id": op.op_id, "state": "landed"}])
            insert(connection, "push.audit", [row | {"run_id": 1, "rule": "", "reason": "", "written_at": AT}])
        stands = {"plan_id": 1, "op_id": YAMADAS.op_id, "kind": "person", "golden_id": YAMADAS.golden_id}
        insert(connection, "plan.standing", [stands])  # in plans 2 to 4 as well
    return warehouse


def test_law_44_no_hash_of_what_was_written_stays_and_the_accounts_do(written, settings):
    with written.connect() as connection:

        def ids(table, column="op_id"):
            return {one for (one,) in connection.execute(f"select {column} from {table}").fetchall()}

        before = connection.execute("from push.accounting order by all").fetchall()
        erase(connection, settings, "person-1", "監査")
        assert YAMADAS.op_id not in ids("plan.change") | ids("push.outbox") | ids("push.audit")
        assert YAMADAS.op_id not in ids("push.outbox", "request_id") | ids("plan.standing")
        assert ids("plan.change") == ids("push.outbox") == ids("push.audit")
        assert SATOS.op_id in ids("plan.change")
        assert HASH not in ids("plan.plan", "hash")
        assert OTHERS_HASH in ids("plan.plan", "hash")
        assert ids("state.approval", "plan_hash") == ids("plan.plan", "hash")
        assert connection.execute("from push.accounting order by all").fetchall() == before
        assert ids("plan.standing", "until_plan") == {4}, "in no later plan"


def test_an_undo_names_nobody_who_was_erased(written, settings):
    with written.connect() as connection:
        erase(connection, settings, "person-1", "監査")
        undos = connection.execute(
            "select undoes, asked_why from plan.plan where plan_id > 2 order by plan_id"
        ).fetchall()
    assert undos == [("erased", None), ("--record hubspot/contacts/1519", "x")]
