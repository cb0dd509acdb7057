"""One API call as the routes see it, whether it came by HTTP or inside a composite request.

Belongs here: path, query, headers and body read the platform's way. Not here: what a call does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_pipeline.emulator.salesforce.errors import not_found, parser_error
from crm_pipeline.emulator.salesforce.saving import Saving, from_headers
from crm_pipeline.emulator.salesforce.schema import SObject
from crm_pipeline.emulator.salesforce.store import SalesforceStore


@dataclass(frozen=True)
class Answer:
    """What is answered; a body of None is no body, bytes go out as they are with the content type in `headers`."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A call by the integration user.

    `path` is what follows the API version (`sobjects/Contact`), still percent-encoded; `params` are the decoded
    placeholders of the route; header names are lower case; `body` is parsed JSON, None without one, `raw` the body as
    it came; `dispatch` handles another call, for composite requests.
    """

    store: SalesforceStore
    dispatch: Callable[[Call], Answer]
    method: str
    version: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """Path of the API version, without a slash at the end."""
        return f"/services/data/v{self.version}"

    @property
    def user_id(self) -> str:
        """Who makes the call."""
        return self.store.integration_user_id

    @property
    def saving(self) -> Saving:
        """What the headers say about how records are saved."""
        return from_headers(self.headers, self.root)

    def sobject(self) -> SObject:
        """The object that the path names."""
        sobject = self.store.schema.find(self.params["object"])
        if sobject is None:
            raise not_found()
        return sobject

    def record_url(self, sobject: SObject, record_id: str) -> str:
        """Path of a record."""
        return f"{self.root}/sobjects/{sobject.name}/{record_id}"

    def create(self, sobject: SObject, fields: Mapping[str, Any]) -> str:
        """Create a record as the headers say; its id."""
        return self.store.create(sobject.name, fields, user_id=self.user_id, saving=self.saving)

    def update(self, sobject: SObject, record_id: str, fields: Mapping[str, Any]) -> None:
        """Update a record as the headers say."""
        self.store.update(sobject.name, record_id, fields, user_id=self.user_id, saving=self.saving)

    def json_object(self) -> Mapping[str, Any]:
        """The body, which must be a JSON object."""
        if not isinstance(self.body, Mapping):
            raise parser_error("The HTTP entity body is required, but this request has no entity body.")
        return self.body

    def flag(self, source: Mapping[str, Any], name: str) -> bool:
        """A boolean of the query or body, false when missing."""
        return str(source.get(name, "false")).lower() == "true"
