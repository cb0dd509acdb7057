"""A customer whose record was to be created, and whose create gave way or was not sent: no settings are to blame."""

import duckdb
import pytest

from crm_pipeline.publish import stage
from crm_pipeline.push import refusals
from crm_pipeline_tests.publish.conftest import add_operations, add_plan, operation

CAME = "salesforce/Lead/00Q8 came or was edited after the plan was made and may be the same customer"
UNSEEN = "nobody can tell whether the customer has a record there by now: HubSpot companies cannot be read any more"


@pytest.mark.parametrize(
    ("state", "code", "message", "then", "ja"),
    [
        ("stale", "counterpart_came", CAME, "Nothing: the next run reads that record", "計画後に、同じ顧客と思われる"),
        ("not_sent", "unseen", UNSEEN, "Give the integration user the permission", "計画後にCRMに登録された"),
    ],
)
def test_the_status_tells_why_a_create_was_put_off(warehouse, settings, state, code, message, then, ja):
    add_plan(warehouse)
    add_operations(
        warehouse,
        operation(
            *("1", "hubspot", "companies", None, "*", {}, {"name": "山田製作所"}, state),
            operation="create",
            golden_id="company-1",
            source_key="salesforce/Account/0011",
            message=message,
        ),
    )
    with warehouse.connect() as connection:
        refusals.write_down(connection)
        connection.execute("update push.outbox set code = ?", [code])
    stage.run(warehouse, settings, 1)
    query = "select state, sentence, sentence_ja from sync_status where record_key = 'salesforce/Account/0011'"
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        [(status, sentence, sentence_ja)] = connection.execute(query).fetchall()
    assert status == "waiting"
    assert sentence.startswith(f"no record is created in the other CRM yet: {message}. {then}")
    assert sentence_ja.startswith(f"相手側にまだ作成しません: {ja}")
