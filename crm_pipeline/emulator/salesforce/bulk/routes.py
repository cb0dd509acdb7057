"""The paths of the Bulk API 2.0, below the API version; each is there since some version (guide, "Availability")."""

from crm_pipeline.emulator.salesforce.bulk import ingest_routes as ingest
from crm_pipeline.emulator.salesforce.bulk import query_routes as query
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import not_found
from crm_pipeline.emulator.salesforce.router import Handler

_INGEST, _QUERY, _PARALLEL = 41, 47, 58


def _since(version: int, handler: Handler) -> Handler:
    def answer(call: Call) -> Answer:
        if float(call.version) < version:
            raise not_found()
        return handler(call)

    return answer


_ROUTES = [
    ("POST", "jobs/query", query.create, _QUERY),
    ("GET", "jobs/query", query.show_all, _QUERY),
    ("GET", "jobs/query/{job}", query.show, _QUERY),
    ("PATCH", "jobs/query/{job}", query.change, _QUERY),
    ("DELETE", "jobs/query/{job}", query.delete, _QUERY),
    ("GET", "jobs/query/{job}/results", query.results, _QUERY),
    ("GET", "jobs/query/{job}/resultPages", query.result_pages, _PARALLEL),
    ("POST", "jobs/ingest", ingest.create, _INGEST),
    ("GET", "jobs/ingest", ingest.show_all, _INGEST),
    ("GET", "jobs/ingest/{job}", ingest.show, _INGEST),
    ("PATCH", "jobs/ingest/{job}", ingest.change, _INGEST),
    ("DELETE", "jobs/ingest/{job}", ingest.delete, _INGEST),
    ("PUT", "jobs/ingest/{job}/batches", ingest.upload, _INGEST),
    ("GET", "jobs/ingest/{job}/successfulResults", ingest.successful, _INGEST),
    ("GET", "jobs/ingest/{job}/failedResults", ingest.failed, _INGEST),
    ("GET", "jobs/ingest/{job}/unprocessedrecords", ingest.unprocessed, _INGEST),
    ("GET", "jobs/ingest/{job}/unprocessedRecords", ingest.unprocessed, _INGEST),
]

ROUTES = [(method, path, _since(version, handler)) for method, path, handler, version in _ROUTES]
