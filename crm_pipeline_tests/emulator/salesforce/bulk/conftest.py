"""Bulk jobs over plain HTTP, from creation to results."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

CSV = {"Content-Type": "text/csv; charset=UTF-8"}


class Bulk:
    """Runs jobs and reads what came of them."""

    def __init__(self, store: SalesforceStore, raw: Raw) -> None:
        self.store = store
        self.raw = raw

    def ingest(self, operation: str, content: str | bytes, object_: str = "Lead", **settings: Any) -> dict[str, Any]:
        """A job that has run: its description."""
        job = self.open(operation, object_, **settings)
        data = content.encode() if isinstance(content, str) else content
        assert self.raw("PUT", f"jobs/ingest/{job}/batches", data=data, headers=CSV).status_code == 201
        assert self.raw("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"}).status_code == 200
        self.store.bulk.worker.wait()
        return self.job(job)

    def open(self, operation: str, object_: str = "Lead", **settings: Any) -> str:
        """A new ingest job: its id."""
        answer = self.raw("POST", "jobs/ingest", {"object": object_, "operation": operation, **settings})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """The description of an ingest job."""
        described: dict[str, Any] = self.raw("GET", f"jobs/ingest/{job_id}").json()
        return described

    def rows(self, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
        """The rows of successfulResults, failedResults or unprocessedrecords."""
        answer = self.raw("GET", f"jobs/ingest/{job['id']}/{kind}")
        assert answer.status_code == 200
        return table(answer)

    def errors(self, job: dict[str, Any]) -> list[str]:
        """What was wrong with each refused row."""
        return [row["sf__Error"] for row in self.rows(job, "failedResults")]

    def query(self, soql: str, operation: str = "query", **settings: Any) -> requests.Response:
        """The first page of a query job."""
        created = self.raw("POST", "jobs/query", {"operation": operation, "query": soql, **settings})
        assert created.status_code == 200, created.text
        self.store.bulk.worker.wait()
        return self.raw("GET", f"jobs/query/{created.json()['id']}/results")


def table(answer: requests.Response) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


@pytest.fixture
def bulk(store: SalesforceStore, raw: Raw) -> Bulk:
    return Bulk(store, raw)
