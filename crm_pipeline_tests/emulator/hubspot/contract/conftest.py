"""One server for all cases of the contract; each case has its own portal behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_pipeline.emulator.hubspot import HubSpotStore, create_app
from crm_pipeline.emulator.server import serving


class Front:
    """An ASGI app that is whatever it is told to be."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def front() -> Iterator[tuple[Front, str]]:
    front = Front(create_app(HubSpotStore()))
    with serving(front) as server:
        yield front, server.url


@pytest.fixture
def url(front: tuple[Front, str], store: HubSpotStore) -> str:
    front[0].app = create_app(store)
    return front[1]
