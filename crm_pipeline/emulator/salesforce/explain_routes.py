"""GET /query?explain=: how the platform would run a query, without running it.

Source: REST API guide, "Get Feedback on Query Performance". There is always one plan, that of reading the whole object;
its numbers are those of the emulated organisation.
"""

from __future__ import annotations

from crm_pipeline.emulator.salesforce import soql
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.soql.fields import Data
from crm_pipeline.emulator.salesforce.soql.parser import parse


def explain(call: Call) -> Answer:
    """The plan of a query; one with an error is refused as if it were run."""
    store, text = call.store, call.query["explain"]
    result = soql.run(
        Data(store.schema, store.rows),
        text,
        today=store.clock.now().astimezone(store.zone).date(),
        zone=store.zone,
        version=call.version,
        include_deleted=False,
        user_id=call.user_id,
    )
    sobject = store.schema.find(parse(text).object_)
    assert sobject is not None
    plan = {
        "cardinality": result.total,
        "fields": [],
        "leadingOperationType": "TableScan",
        "notes": [],
        "relativeCost": 1.0,
        "sobjectCardinality": len(store.ids(sobject.name)),
        "sobjectType": sobject.name,
    }
    return Answer(200, {"plans": [plan], "sourceQuery": text})
