"""Queries, describes and composite calls of one organisation.

Not here: what they are for, and how they are sent (`transport`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from simple_salesforce.api import Salesforce

from crm_pipeline.crm.gateway import Gateway, Pace, Reply
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.salesforce import ahead
from crm_pipeline.crm.salesforce.answers import diagnose, expected
from crm_pipeline.crm.salesforce.grant import Grant
from crm_pipeline.crm.salesforce.records import NOT_SELECTABLE
from crm_pipeline.crm.salesforce.shape import Shape
from crm_pipeline.crm.salesforce.token import TokenSource
from crm_pipeline.crm.salesforce.transport import Session, learn
from crm_pipeline.errors import PermanentError, TransientError
from crm_pipeline.model import System

Row = Mapping[str, Any]
_PAGE = {"Sforce-Query-Options": "batchSize=2000"}


@dataclass(frozen=True)
class Batch:
    """A page of a query's rows. `total`: of all pages; `following`: the address of the next one, "" for the last."""

    rows: list[Row]
    total: int
    following: str

    @property
    def done(self) -> bool:
        return not self.following


@dataclass(frozen=True)
class Deletions:
    """Salesforce's list of deletions, and from when on it is complete."""

    rows: Sequence[Row]
    since: datetime


class Wire:
    """Calls to one organisation; the first one fetches the token."""

    def __init__(
        self,
        login_url: str,
        grant: Grant,
        api_version: str,
        limits: Limits,
        *,
        read_only: bool,
        pace: Pace | None = None,
    ) -> None:
        self.gateway = Gateway(
            System.SALESFORCE,
            limits,
            diagnose=diagnose,
            learn=lambda reply, _: learn(self.gateway, reply),
            read_only=read_only,
            pace=pace,
        )
        self.tokens = TokenSource(login_url, grant, self.gateway)
        self._session = Session(self.gateway, self.tokens)
        self._version = api_version
        self._lock = Lock()
        self._client: Salesforce | None = None
        self.describe = cache(self._describe)
        self.shape = cache(self._shape)

    @property
    def data_path(self) -> str:
        """Start of the paths of sub-requests."""
        return f"/services/data/v{self._version}"

    @property
    def client(self) -> Salesforce:
        """simple-salesforce over our session; given a session id, it never logs in by itself."""
        with self._lock:
            if self._client is None:
                access = self.tokens.current()
                self._client = Salesforce(
                    session_id=access.token,
                    instance_url=access.instance_url,
                    session=self._session,
                    version=self._version,
                    object_pairs_hook=None,  # plain dict, and C speed
                )
            return self._client

    def ask(self, method: str, path: str, *, csv: bool = False, **named: Any) -> Reply:
        """A call below `data_path`, without the library in between, which decodes and indents what it gets."""
        return self._session.ask(method, f"{self.data_path}/{path}", csv=csv, **named)

    def batches(self, soql: str, *, deleted: bool = False) -> Iterator[Batch]:
        """Rows, page by page, over locators. `deleted`: with the recycle bin (queryAll)."""
        path = f"{self.data_path}/{'queryAll' if deleted else 'query'}"
        first = self._batch(path, params={"q": soql})
        seen = set[str]()

        def following(batch: Batch) -> Batch | None:
            if batch.following in seen:
                raise TransientError(
                    "Salesforce's query leads back to a page that was read; "
                    "look for a cache in between, and run again.",
                    system=System.SALESFORCE,
                )
            seen.add(batch.following)
            return self._batch(batch.following) if batch.following else None

        return ahead.pages(first, following)

    def _batch(self, path: str, **named: Any) -> Batch:
        reply = self._session.ask("GET", path, headers=_PAGE, **named)
        answer = expected(reply, "records", "totalSize", "done")
        return Batch(answer["records"], answer["totalSize"], "" if answer["done"] else answer["nextRecordsUrl"])

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[list[Row]]:
        """The pages of `batches` that have rows."""
        return (batch.rows for batch in self.batches(soql, deleted=deleted) if batch.rows)

    def total(self, soql: str, *, deleted: bool = False) -> int:
        """The size of a COUNT() query."""
        return next(self.batches(soql, deleted=deleted)).total

    def deleted(self, object_: str, start: datetime, end: datetime) -> Deletions:
        """Deletions in [start, end); `since` is later than `start` where Salesforce has forgotten a part of it."""
        span = {"start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds")}
        try:
            answer = expected(self.ask("GET", f"sobjects/{object_}/deleted/", params=span), "deletedRecords")
        except PermanentError as error:
            if error.code != "INVALID_REPLICATION_DATE":
                raise
            return Deletions([], end)
        earliest = answer.get("earliestDateAvailable")
        return Deletions(answer["deletedRecords"], max(start, datetime.fromisoformat(earliest)) if earliest else start)

    def composite(self, requests: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Answers of at most 25 independent sub-requests, in one call."""
        body = {"allOrNone": False, "compositeRequest": list(requests)}
        answer = self.client.restful("composite", method="POST", json=body)
        return list(answer["compositeResponse"]) if answer else []

    def _describe(self, object_: str) -> Row:
        """Fields and relations of an object, read once in the life of the client."""
        return expected(self.ask("GET", f"sobjects/{object_}/describe"), "name", "fields")

    def _shape(self, object_: str) -> Shape:
        return Shape(self.describe(object_))

    def types(self, object_: str, paths: Sequence[str]) -> dict[str, str]:
        """Types of those fields and relation paths that can be read, by path: one that the integration user cannot see
        fails a whole query, and so does a compound field in the Bulk API."""
        found = {path: self._type(object_, path) for path in paths}
        return {path: type_ for path, type_ in found.items() if type_ and type_ not in NOT_SELECTABLE}

    def _type(self, object_: str, path: str) -> str:
        """The describe's type of a field; empty where it cannot be seen."""
        relation, _, rest = path.partition(".")
        fields = self.shape(object_).fields
        if not rest:
            return str(fields[relation]["type"]) if relation in fields else ""
        for field in fields.values():
            targets: Sequence[str] = field.get("referenceTo") or ()
            if field.get("relationshipName") == relation and len(targets) == 1:
                return self._type(targets[0], rest)
        return ""
