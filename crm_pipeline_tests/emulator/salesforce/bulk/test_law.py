"""Laws: what a bulk job inserts, a bulk query reads back, but for what Salesforce trims; and a row of a job is written
or refused as the same record is by the REST API.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import ApiError, SalesforceStore
from crm_pipeline.emulator.salesforce.bulk import ingest_jobs, jobs, query_jobs
from crm_pipeline.emulator.salesforce.bulk.csv_text import DELIMITERS, LINE_ENDS, Format
from crm_pipeline.emulator.salesforce.bulk.worker import Steps

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",;|^`\t'), max_size=20)
LINES = st.text(st.sampled_from('ab,"\n ') | st.characters(categories=["Lo"]), max_size=20)
RECORD = st.fixed_dictionaries(
    {
        "LastName": TEXT.filter(lambda text: text.strip() not in ("", "#N/A")),
        "Title": TEXT,
        "Description": LINES,
        "Consent__c": st.sampled_from(["true", "false"]),
        "Birthdate": st.dates(date(1700, 1, 1), date(4000, 12, 31)).map(lambda day: day.isoformat()) | st.just(""),
    }
)


def stored(name: str, text: str) -> str:
    """What the platform keeps of a text."""
    if text == "#N/A":
        return ""
    kept = text.strip()
    return kept.replace("\n", "\r\n") if name == "Description" else kept


def run(steps: Steps) -> None:
    """Take all steps of a job."""
    for aside in steps:
        if aside is not None:
            aside()


def settings_of(store: SalesforceStore, format_: Format) -> dict[str, Any]:
    """What every job of this test has in common."""
    return {
        "object_": "Contact",
        "version": "62.0",
        "user_id": store.integration_user_id,
        "created_at": store.clock.now(),
        "created": store.now_text(),
        "modified": store.now_text(),
        "format": format_,
        "state": jobs.UPLOAD_COMPLETE,
    }


def csv_of(records: list[dict[str, str]], format_: Format) -> bytes:
    """The records as an upload."""
    written = io.StringIO(newline="")
    names = list(records[0])
    writer = csv.DictWriter(written, names, delimiter=format_.delimiter, lineterminator=format_.line_end)
    writer.writeheader()
    writer.writerows(records)
    return written.getvalue().encode()


@given(
    st.lists(RECORD, min_size=1, max_size=5),
    st.builds(Format, st.sampled_from(sorted(DELIMITERS)), st.sampled_from(sorted(LINE_ENDS))),
)
@settings(max_examples=40, deadline=None)
def test_inserted_by_bulk_reads_back_by_bulk(records: list[dict[str, str]], format_: Format) -> None:
    store = SalesforceStore()
    store.define_field("Contact", {"name": "Consent__c", "type": "boolean"})
    about = settings_of(store, format_)
    insert = ingest_jobs.IngestJob("750", "insert", data=csv_of(records, format_), **about)
    run(ingest_jobs.steps(store, insert))
    assert (insert.state, insert.error, insert.failed) == (jobs.JOB_COMPLETE, None, 0)
    query = query_jobs.QueryJob("751", "query", query=f"SELECT {', '.join(records[0])} FROM Contact", **about)
    run(query_jobs.steps(store, query))
    assert query.table is not None
    page = query.table.page(query.rows, format_).decode()
    read = list(csv.DictReader(io.StringIO(page, newline=""), delimiter=format_.delimiter))
    assert read == [{name: stored(name, text) for name, text in record.items()} for record in records]


ANYTHING = st.fixed_dictionaries(
    {
        "LastName": st.sampled_from(["山田", "", "#N/A", "x" * 81]),
        "Email": st.sampled_from(["", "#N/A", "a@example.com", "nonsense", "@"]),
        "Birthdate": st.sampled_from(["", "#N/A", "2000-02-29", "2001-02-29", "29.2.2000"]),
        "Score__c": st.sampled_from(["", "#N/A", "1", "1.555", "1e3", "-7", "much", "NaN"]),
        "Consent__c": st.sampled_from(["", "true", "false"]),
        "Key__c": st.sampled_from(["", "#N/A", "taken", "TAKEN", "free", "x" * 21]),
        "ReportsToId": st.sampled_from(["", "#N/A", "nonsense", "0035g00000zzzzz"]),
    }
)
BOOLEANS = {"true": True, "false": False}


def organisation() -> SalesforceStore:
    """An organisation at noon, with one contact that has a key."""
    clock = Clock()
    clock.set(datetime(2026, 11, 24, 12, tzinfo=UTC))
    store = SalesforceStore(clock)
    store.define_field("Contact", {"name": "Consent__c", "type": "boolean"})
    store.define_field("Contact", {"name": "Score__c", "type": "double", "precision": 5, "scale": 2})
    store.define_field("Contact", {"name": "Key__c", "length": 20, "externalId": True, "unique": True})
    store.create("Contact", {"LastName": "鈴木", "Title": "部長", "Key__c": "taken"})
    return store


@given(ANYTHING, st.booleans())
@settings(max_examples=60, deadline=None)
def test_row_is_written_or_refused_as_by_rest(record: dict[str, str], creating: bool) -> None:
    rest, bulk = organisation(), organisation()
    (contact,) = rest.ids("Contact")
    fields = {name: None if text == "#N/A" else BOOLEANS.get(text, text) for name, text in record.items() if text}
    refused = ""
    try:
        if creating:
            rest.create("Contact", fields, user_id=rest.integration_user_id)
        else:
            rest.update("Contact", contact, fields, user_id=rest.integration_user_id)
    except ApiError as error:
        refused = "INVALID_TYPE_ON_FIELD_IN_RECORD" if error.code == "JSON_PARSER_ERROR" else error.code
    row = record if creating else {"Id": contact, **record}
    operation = "insert" if creating else "update"
    job = ingest_jobs.IngestJob("750", operation, data=csv_of([row], Format()), **settings_of(bulk, Format()))
    run(ingest_jobs.steps(bulk, job))
    (written,) = job.written
    assert (written.error.code if written.error else "") == refused
    assert [bulk.read("Contact", one) for one in bulk.ids("Contact")] == [
        rest.read("Contact", one) for one in rest.ids("Contact")
    ]
