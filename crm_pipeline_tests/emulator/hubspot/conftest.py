"""An emulated portal over HTTP, with a clock that stands still, for the real SDK and for plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from hubspot import HubSpot

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotStore, create_app
from crm_pipeline.emulator.server import serving

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Raw:
    """Plain HTTP with the portal's token, for what the SDK cannot send or hides."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer demo-token"

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, self.url + path, json=json, timeout=10, **more)


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.set(NOON)
    return clock


@pytest.fixture
def store(clock: Clock) -> HubSpotStore:
    return HubSpotStore(clock)


@pytest.fixture
def url(store: HubSpotStore) -> Iterator[str]:
    with serving(create_app(store)) as server:
        yield server.url


@pytest.fixture
def raw(url: str) -> Raw:
    return Raw(url)


@pytest.fixture
def client(url: str) -> HubSpot:
    return HubSpot(access_token="demo-token", host=url, base_url=url)
