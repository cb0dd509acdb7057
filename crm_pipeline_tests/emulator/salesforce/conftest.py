"""An emulated organisation over HTTP, with a clock that stands still, for simple-salesforce and for plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore, create_app
from crm_pipeline.emulator.server import serving

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
VERSION = "62.0"


class LoopbackSession(requests.Session):
    """simple-salesforce always speaks https; the emulator is http on the loopback address."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        text = url.decode() if isinstance(url, bytes) else url
        return super().request(method, text.replace("https://127.0.0.1", "http://127.0.0.1"), *args, **more)


class Raw:
    """Plain HTTP with an access token; paths are relative to the API version."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        where = path if path.startswith("/services") else f"/services/data/v{VERSION}/{path}"
        return self.session.request(method, self.url + where, json=json, timeout=10, **more)

    def query(self, soql: str, *, resource: str = "query", **more: Any) -> requests.Response:
        return self("GET", resource, params={"q": soql}, **more)


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.set(NOON)
    return clock


def organisation(clock: Clock) -> SalesforceStore:
    """An organisation with custom fields of several types and no records."""
    store = SalesforceStore(clock)
    for object_ in ("Lead", "Contact"):
        store.define_field(object_, {"name": "Key__c", "length": 20, "externalId": True, "unique": True})
    store.define_field("Lead", {"name": "Loose_Key__c", "length": 20, "externalId": True})
    store.define_field("Lead", {"name": "Score__c", "type": "double", "precision": 5, "scale": 2})
    store.define_field("Lead", {"name": "Birthdate__c", "type": "date"})
    store.define_field("Lead", {"name": "Seen__c", "type": "datetime"})
    store.define_field("Lead", {"name": "Consent__c", "type": "boolean"})
    return store


@pytest.fixture
def store(clock: Clock) -> SalesforceStore:
    return organisation(clock)


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[SalesforceStore, Raw]]:
    """One organisation for a whole module: for tables of requests that do not get in each other's way."""
    clock = Clock()
    clock.set(NOON)
    store = organisation(clock)
    with serving(create_app(store)) as server:
        raw = Raw(server.url, store.sessions.issue(NOON))
        with raw.session:
            yield store, raw


@pytest.fixture
def url(store: SalesforceStore) -> Iterator[str]:
    with serving(create_app(store)) as server:
        yield server.url


@pytest.fixture
def token(url: str) -> str:
    form = {"grant_type": "client_credentials"}
    answer = requests.post(f"{url}/services/oauth2/token", form, auth=("demo-client", "demo-secret"), timeout=10)
    return str(answer.json()["access_token"])


@pytest.fixture
def raw(url: str, token: str) -> Iterator[Raw]:
    plain = Raw(url, token)
    with plain.session:
        yield plain


@pytest.fixture
def client(url: str, token: str) -> Iterator[Salesforce]:
    with LoopbackSession() as session:
        yield Salesforce(session_id=token, instance_url=url, session=session, version=VERSION)


@pytest.fixture
def lead(store: SalesforceStore) -> str:
    """A lead that was created an hour ago."""
    store.clock.advance(-3600)
    lead_id = store.create("Lead", {"LastName": "山田", "FirstName": "太郎", "Company": "山田製作所", "Key__c": "h1"})
    store.clock.advance(3600)
    return lead_id
