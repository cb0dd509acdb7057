"""Query jobs: what a bulk query may ask, and its result as CSV.

Belongs here: from a query to the bytes of a page. Not here: SOQL itself (soql/), HTTP (query_routes.py).

Sources: facts 3.6 (what bulk queries refuse; the head line stands on every page), Bulk API 2.0 guide, "SOQL
Considerations" and "Get Results for a Query Job"; the texts about compound data and relationships as users report
them. Choices where the platform is not documented: the texts about grouping, OFFSET and TYPEOF; FIELDS(STANDARD) stands
for the fields that are no compound data; numbers are written without an exponent up to 10^16.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce import soql
from crm_pipeline.emulator.salesforce.bulk import jobs
from crm_pipeline.emulator.salesforce.bulk.csv_text import CsvError, Format, head_of, write_texts
from crm_pipeline.emulator.salesforce.bulk.jobs import Job
from crm_pipeline.emulator.salesforce.bulk.worker import Steps
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.soql.fields import Data, Resolved
from crm_pipeline.emulator.salesforce.soql.functions import Operands
from crm_pipeline.emulator.salesforce.soql.parser import parse
from crm_pipeline.emulator.salesforce.soql.query import Runner
from crm_pipeline.emulator.salesforce.soql.syntax import AllFields, Function, Item, Path, Query, Selected, TypeOf
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

OPERATIONS = ("query", "queryAll")
NOT_IN_BULK = frozenset({"UserPermissionAccess", "CaseStatus", "TaskPriority", "TaskStatus"})
"""Objects that the Bulk API refuses (facts 3.6: TaskStatus, CaseStatus, TaskPriority, ...)."""

_COMPOUND = ("address", "location")
_NUMBERS = ("currency", "double", "int", "percent")
_BOOLEANS = {True: "true", False: "false", None: ""}


class Table:
    """The columns of a result: their names, and how rows become lines."""

    def __init__(self, data: Data, sobject: SObject, columns: Sequence[Resolved], *, plain: bool) -> None:
        self.sobject, self.columns = sobject, columns
        self.names = [".".join([*(p.relationship or p.name for p in c.parents), c.field.name]) for c in columns]
        own = [at for at, column in enumerate(columns) if plain and not column.parents]
        self._own = own
        self._read_own = data.rows.tables[sobject.name].layout.getters([columns[at].field.name for at in own])
        self._others = [(at, column.get) for at, column in enumerate(columns) if at not in own]
        self._texts = [_texts_of(column.field) for column in columns]

    def page(self, rows: Sequence[Row], format_: Format) -> bytes:
        """The rows as CSV, below a head line."""
        values: dict[int, Iterable[Any]] = {at: map(get, rows) for at, get in self._others}
        values |= zip(self._own, zip(*map(self._read_own, rows), strict=True), strict=False)
        texts = [write(values.get(at, ())) for at, write in enumerate(self._texts)]
        return write_texts(head_of(self.names, format_), list(zip(*texts, strict=True)), format_)


@dataclass
class QueryJob(Job):
    """A job that runs one query; `rows` and `table` are there when it is complete."""

    query: str = ""
    rows: Sequence[Row] = ()
    table: Table | None = None

    def described_fully(self) -> dict[str, Any]:
        """The properties of GET jobs/query/{id}."""
        described = {
            **self.described(),
            "jobType": "V2Query",
            **self.described_format(),
            "numberRecordsProcessed": self.processed,
            "retries": 0,
            "totalProcessingTime": self.milliseconds,
            "isPkChunkingSupported": True,
        }
        if self.error is not None:
            described["errorMessage"] = self.error
        return described


def checked(store: SalesforceStore, text: str, *, version: str, user_id: str) -> SObject:
    """The object that a query asks for. Raises ApiError for what no bulk query may ask."""
    try:
        query = parse(text)
        sobject = _object(store, query)
        _table(store, sobject, query)
        runner = Runner(Data(store.schema, store.rows), _today(store), store.zone, version, False, user_id)
        runner.check(query)
        return sobject
    except SoqlError as error:
        raise ApiError("API_ERROR", error.located(text).message) from None
    except ApiError as error:
        code = error.code if error.code == "INVALIDENTITY" else "API_ERROR"
        raise ApiError(code, error.message) from None


def run(store: SalesforceStore, job: Job, text: str, *, include_deleted: bool) -> tuple[soql.Result, Table]:
    """The result of a query and how it is written. Raises CsvError, whose text says why it cannot be run."""
    try:
        result = soql.run(
            Data(store.schema, store.rows),
            text,
            today=_today(store),
            zone=store.zone,
            version=job.version,
            include_deleted=include_deleted,
            user_id=job.user_id,
        )
        query = parse(text)
        return result, _table(store, _object(store, query), query)
    except (ApiError, SoqlError) as error:
        raise CsvError(f"InvalidBatch : Failed to process query: {error.code}: {error.message}") from None


def steps(store: SalesforceStore, job: QueryJob) -> Steps:
    """Work on a job: the query is run in one step, as the query resource runs it."""
    if job.ended:
        return
    job.move(jobs.IN_PROGRESS, store.now_text())
    yield None
    if job.ended:
        return
    started = time.monotonic()
    try:
        result, job.table = run(store, job, job.query, include_deleted=job.operation == "queryAll")
    except CsvError as error:
        job.move(jobs.FAILED, store.now_text(), str(error))
        return
    job.rows, job.processed = result.rows, len(result.rows)
    job.milliseconds = int((time.monotonic() - started) * 1000)
    job.move(jobs.JOB_COMPLETE, store.now_text())


def _today(store: SalesforceStore) -> date:
    return store.clock.now().astimezone(store.zone).date()


def _object(store: SalesforceStore, query: Query) -> SObject:
    sobject = store.schema.find(query.object_)
    if sobject is None or not sobject.described["queryable"]:
        raise SoqlError(
            "INVALID_TYPE",
            f"sObject type '{query.object_}' is not supported. If you are attempting to use a custom object, be sure "
            "to append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
            query.object_position,
        )
    if sobject.name in NOT_IN_BULK:
        raise ApiError("INVALIDENTITY", f"InvalidEntity : Entity '{sobject.name}' is not supported by the Bulk API.")
    return sobject


def _table(store: SalesforceStore, sobject: SObject, query: Query) -> Table:
    """The columns of a query. Raises SoqlError, and ApiError for what only other queries may ask."""
    if query.is_aggregate or query.having is not None:
        raise _unsupported("Aggregate queries and GROUP BY not supported in Bulk Query")
    if query.offset:
        raise _unsupported("OFFSET not supported in Bulk Query")
    data = Data(store.schema, store.rows)
    operands = Operands(data, sobject, store.zone)
    columns = [operands.resolve(operand) for item in query.selected for operand in _operands(sobject, item)]
    compound = next((c for c in columns if c.field.type in _COMPOUND), None)
    if compound is not None:
        raise _unsupported("Selecting compound data not supported in Bulk Query")
    is_plain = all(isinstance(item, AllFields) or isinstance(item.operand, Path) for item in query.selected)  # type: ignore[union-attr]
    return Table(data, sobject, columns, plain=is_plain)


def _operands(sobject: SObject, item: Item) -> list[Path | Function]:
    if isinstance(item, Selected):
        return [item.operand]
    if isinstance(item, AllFields):
        if item.kind != "standard":
            message = "The SOQL FIELDS function is not supported with an unbounded set of fields in this API"
            raise SoqlError("MALFORMED_QUERY", message, item.position)
        names = [f.name for f in sobject.visible() if not f.name.endswith("__c") and f.type not in _COMPOUND]
        return [Path((name,), item.position) for name in names]
    if isinstance(item, TypeOf):
        raise _unsupported("TYPEOF not supported in Bulk Query")
    raise _unsupported("Aggregate Relationships not supported in Bulk Query")


def _unsupported(message: str) -> ApiError:
    return ApiError("FUNCTIONALITY_NOT_ENABLED", message)


def _texts_of(field: Field) -> Callable[[Iterable[Any]], list[str]]:
    """Writes a column of values the way a CSV has them."""
    if field.type == "datetime":
        return lambda values: [value[:23] + "Z" if value else "" for value in values]
    if field.type == "boolean":
        return lambda values: [_BOOLEANS[value] for value in values]
    if field.type == "anyType":
        return lambda values: [_BOOLEANS[v] if v is None or isinstance(v, bool) else str(v) for v in values]
    if field.type in _NUMBERS:
        return lambda values: ["" if value is None else str(value) for value in values]
    return lambda values: [value or "" for value in values]
