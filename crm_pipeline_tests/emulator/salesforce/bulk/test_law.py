"""Law: what a bulk job inserts, a bulk query reads back, but for what Salesforce trims."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.bulk import ingest_jobs, jobs, query_jobs
from crm_pipeline.emulator.salesforce.bulk.csv_text import DELIMITERS, LINE_ENDS, Format

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


@given(
    st.lists(RECORD, min_size=1, max_size=5),
    st.builds(Format, st.sampled_from(sorted(DELIMITERS)), st.sampled_from(sorted(LINE_ENDS))),
)
@settings(max_examples=40, deadline=None)
def test_inserted_by_bulk_reads_back_by_bulk(records: list[dict[str, str]], format_: Format) -> None:
    store = SalesforceStore()
    store.define_field("Contact", {"name": "Consent__c", "type": "boolean"})
    names = list(records[0])
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, names, delimiter=format_.delimiter, lineterminator=format_.line_end)
    writer.writeheader()
    writer.writerows(records)
    about = {
        "object_": "Contact",
        "version": "62.0",
        "user_id": store.integration_user_id,
        "created_at": store.clock.now(),
        "created": store.now_text(),
        "modified": store.now_text(),
        "format": format_,
        "state": jobs.UPLOAD_COMPLETE,
    }
    insert = ingest_jobs.IngestJob("750", "insert", data=written.getvalue().encode(), **about)  # type: ignore[arg-type]
    list(ingest_jobs.steps(store, insert))
    assert (insert.state, insert.error, insert.failed) == (jobs.JOB_COMPLETE, None, 0)
    query = query_jobs.QueryJob("751", "query", query=f"SELECT {', '.join(names)} FROM Contact", **about)  # type: ignore[arg-type]
    list(query_jobs.steps(store, query))
    assert query.table is not None
    page = query.table.page(query.rows, format_).decode()
    read = list(csv.DictReader(io.StringIO(page, newline=""), delimiter=format_.delimiter))
    assert read == [{name: stored(name, text) for name, text in record.items()} for record in records]
