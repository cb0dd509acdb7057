"""The paths of the Bulk API 2.0, below the API version."""

from crm_pipeline.emulator.salesforce.bulk import ingest_routes as ingest
from crm_pipeline.emulator.salesforce.bulk import query_routes as query

ROUTES = [
    ("POST", "jobs/query", query.create),
    ("GET", "jobs/query", query.show_all),
    ("GET", "jobs/query/{job}", query.show),
    ("PATCH", "jobs/query/{job}", query.change),
    ("DELETE", "jobs/query/{job}", query.delete),
    ("GET", "jobs/query/{job}/results", query.results),
    ("GET", "jobs/query/{job}/resultPages", query.result_pages),
    ("POST", "jobs/ingest", ingest.create),
    ("GET", "jobs/ingest", ingest.show_all),
    ("GET", "jobs/ingest/{job}", ingest.show),
    ("PATCH", "jobs/ingest/{job}", ingest.change),
    ("DELETE", "jobs/ingest/{job}", ingest.delete),
    ("PUT", "jobs/ingest/{job}/batches", ingest.upload),
    ("GET", "jobs/ingest/{job}/successfulResults", ingest.successful),
    ("GET", "jobs/ingest/{job}/failedResults", ingest.failed),
    ("GET", "jobs/ingest/{job}/unprocessedrecords", ingest.unprocessed),
    ("GET", "jobs/ingest/{job}/unprocessedRecords", ingest.unprocessed),
]
