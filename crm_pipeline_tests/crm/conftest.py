"""Both CRMs as emulators over HTTP, and our clients of them, with waits of milliseconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp

from crm_pipeline.config import load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.crm.limits import Limits
from crm_pipeline.emulator import hubspot, salesforce
from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.request_log import Request, RequestLog
from crm_pipeline.emulator.server import serving

QUICK = {
    "searches_per_second": 1_000,
    "patience_seconds": 2.0,
    "backoff_seconds": 0.01,
    "connect_seconds": 2.0,
    "answer_seconds": 5.0,
}


@dataclass
class Portal:
    """An emulated HubSpot and our client of it."""

    store: hubspot.HubSpotStore
    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    url: str = ""

    def app(self) -> ASGIApp:
        return hubspot.create_app(self.store, log=self.log, faults=self.faults)

    def client(self, *, token: str = "demo-token", read_only: bool = False, **limits: Any) -> Any:
        credentials = HubSpotCredentials(token, self.url)
        return connect(credentials, load_settings(), read_only=read_only, limits=Limits(**{**QUICK, **limits}))

    def contacts(self, number: int) -> list[str]:
        return [self.store.create("contacts", {"email": f"person{n}@example.com"}) for n in range(number)]

    def sent(self, path: str) -> list[Request]:
        return [request for request in self.log.requests if path in request.path]


@dataclass
class Organisation:
    """An emulated Salesforce and our client of it."""

    store: salesforce.SalesforceStore
    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    url: str = ""

    def app(self) -> ASGIApp:
        return salesforce.create_app(self.store, log=self.log, faults=self.faults)

    def client(self, *, secret: str = "demo-secret", read_only: bool = False, **limits: Any) -> Any:
        credentials = SalesforceCredentials(self.url, "demo-client", secret)
        return connect(credentials, load_settings(), read_only=read_only, limits=Limits(**{**QUICK, **limits}))

    def contacts(self, number: int, **fields: Any) -> list[str]:
        return [self.store.create("Contact", {"LastName": f"Person {n}", **fields}) for n in range(number)]

    def sent(self, path: str) -> list[Request]:
        return [request for request in self.log.requests if path in request.path]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(clock: Clock) -> Iterator[Portal]:
    store = hubspot.HubSpotStore(clock)
    store.limits.per_ten_seconds = 100_000  # what keeps to the rates is tested in test_limiter and test_gateway
    for object_ in ("contacts", "companies"):
        store.define_property(
            object_,
            {"name": "our_key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True},
        )
    one = Portal(store)
    with serving(one.app()) as server:
        one.url = server.url
        yield one


@pytest.fixture
def organisation(clock: Clock) -> Iterator[Organisation]:
    store = salesforce.SalesforceStore(clock)
    key = {"name": "Our_Key__c", "type": "string", "length": 80, "externalId": True, "unique": True}
    for object_ in ("Lead", "Contact", "Account"):
        store.define_field(object_, key)
    one = Organisation(store)
    with serving(one.app()) as server:
        one.url = server.url
        yield one
