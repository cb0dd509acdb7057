"""Queries, describes and composite calls of one organisation.

Not here: what they are for, and how they are sent (`transport`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from simple_salesforce.api import Salesforce

from crm_pipeline.crm.gateway import Gateway
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.salesforce.answers import diagnose
from crm_pipeline.crm.salesforce.token import TokenSource
from crm_pipeline.crm.salesforce.transport import Session, learn
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import System

Row = Mapping[str, Any]
_PAGE = {"Sforce-Query-Options": "batchSize=2000"}


class Wire:
    """Calls to one organisation; the first one fetches the token."""

    def __init__(
        self,
        login_url: str,
        client_id: str,
        client_secret: str,
        api_version: str,
        limits: Limits,
        *,
        read_only: bool,
    ) -> None:
        self.gateway = Gateway(
            System.SALESFORCE,
            limits,
            diagnose=diagnose,
            learn=lambda reply: learn(self.gateway, reply),
            read_only=read_only,
        )
        self.tokens = TokenSource(login_url, client_id, client_secret, self.gateway)
        self._version = api_version
        self._lock = Lock()
        self._client: Salesforce | None = None
        self.describe = cache(self._describe)

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
                    session=Session(self.gateway, self.tokens),
                    version=self._version,
                    object_pairs_hook=None,  # plain dict, and C speed
                )
            return self._client

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[list[Row]]:
        """Rows, page by page, over locators. `deleted`: with the recycle bin (queryAll)."""
        answer = self.client.query(soql, include_deleted=deleted, headers=_PAGE)
        while True:
            if answer["records"]:
                yield answer["records"]
            if answer["done"]:
                return
            answer = self.client.query_more(answer["nextRecordsUrl"], identifier_is_url=True, headers=_PAGE)

    def total(self, soql: str) -> int:
        """The size of a COUNT() query."""
        return int(self.client.query(soql)["totalSize"])

    def deleted(self, object_: str, start: datetime, end: datetime) -> list[Row]:
        """Deletions in [start, end); none where Salesforce has forgotten a part of that span."""
        span = {"start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds")}
        try:
            answer = self.client.restful(f"sobjects/{object_}/deleted/", params=span)
        except PermanentError as error:
            if error.code != "INVALID_REPLICATION_DATE":
                raise
            return []
        return list(answer["deletedRecords"]) if answer else []

    def composite(self, requests: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Answers of at most 25 independent sub-requests, in one call."""
        body = {"allOrNone": False, "compositeRequest": list(requests)}
        answer = self.client.restful("composite", method="POST", json=body)
        return list(answer["compositeResponse"]) if answer else []

    def _describe(self, object_: str) -> Row:
        """Fields and relations of an object, read once in the life of the client."""
        described: Row = self.client.restful(f"sobjects/{object_}/describe") or {}
        return described

    def visible(self, object_: str, paths: Sequence[str]) -> list[str]:
        """Those fields and relation paths that the integration user can see: one hidden field fails a whole query."""
        fields = self.describe(object_)["fields"]
        names = {field["name"] for field in fields}
        relations = {
            field["relationshipName"]: field["referenceTo"]
            for field in fields
            if field.get("relationshipName") and len(field.get("referenceTo") or ()) == 1
        }
        seen = []
        for path in paths:
            relation, _, rest = path.partition(".")
            if (not rest and relation in names) or (
                rest and relation in relations and self.visible(relations[relation][0], [rest])
            ):
                seen.append(path)
        return seen
