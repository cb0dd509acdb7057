"""Endpoints of SOQL: query, queryAll and the pages after the first."""

from __future__ import annotations

import re

from crm_pipeline.emulator.salesforce import soql
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.column_routes import columns
from crm_pipeline.emulator.salesforce.cursors import Page
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.explain_routes import explain
from crm_pipeline.emulator.salesforce.soql.fields import Data

_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
SMALLEST_BATCH, LARGEST_BATCH = 200, 2000


def query(call: Call) -> Answer:
    """GET /query?q=, perhaps with columns=true, or ?explain="""
    if "explain" in call.query:
        return explain(call)
    if call.query.get("columns", "").lower() == "true":
        return columns(call)
    return _first(call, include_deleted=False)


def query_all(call: Call) -> Answer:
    """GET /queryAll?q=; rows in the recycle bin too"""
    return _first(call, include_deleted=True)


def next_page(call: Call) -> Answer:
    """GET /query/{locator}"""
    store, asked = call.store, _asked_size(call)
    size = min(asked, store.batch_limit) if asked else None
    return _answer(call, store.cursors.page(call.params["locator"], size, store.clock.now()))


def _first(call: Call, *, include_deleted: bool) -> Answer:
    store = call.store
    text = call.query.get("q", "")
    if not text.strip():
        raise ApiError("MALFORMED_QUERY", "unexpected token: '<EOF>'")
    now = store.clock.now()
    result = soql.run(
        Data(store.schema, store.rows),
        text,
        today=now.astimezone(store.zone).date(),
        zone=store.zone,
        version=call.version,
        include_deleted=include_deleted,
        user_id=call.user_id,
    )
    size = min(_asked_size(call) or LARGEST_BATCH, store.batch_limit)
    return _answer(call, store.cursors.first(result, size, now))


def _asked_size(call: Call) -> int | None:
    """The client's batch size, brought into the range that the platform allows."""
    match = _BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
    return min(max(int(match.group(1)), SMALLEST_BATCH), LARGEST_BATCH) if match else None


def _answer(call: Call, page: Page) -> Answer:
    body = {"totalSize": page.total, "done": page.next_locator is None, "records": page.records}
    if page.next_locator is not None:
        body["nextRecordsUrl"] = f"{call.root}/query/{page.next_locator}"
    return Answer(200, body)
