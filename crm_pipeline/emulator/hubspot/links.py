"""Addresses in answers: the portal names itself as the client called it.

HubSpot gives the next page of a list as a complete address (`paging.next.link`), and some clients follow it instead of
using `after`. A client that reaches the emulator by HubSpot's name gets HubSpot's name, any other the one it used.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

_HUBSPOT = "api.hubapi.com"


class _Address(NamedTuple):
    origin: str
    path: str
    query: str


_HUBSPOTS_OWN = _Address(f"https://{_HUBSPOT}", "", "")
_called: ContextVar[_Address] = ContextVar("called")


def note(request: Request) -> None:
    """Remember the address of a request for the answers made in its course."""
    host = request.headers.get("host", _HUBSPOT)
    scheme = "https" if host.partition(":")[0] == _HUBSPOT else request.url.scheme
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.scope["path"]
    _called.set(_Address(f"{scheme}://{host}", path.partition("?")[0], request.scope["query_string"].decode("latin-1")))


def address(path: str) -> str:
    """A path of the portal as a complete address."""
    return _called.get(_HUBSPOTS_OWN).origin + path


def next_page(after: str) -> str:
    """The address of the present request with another cursor."""
    called = _called.get(_HUBSPOTS_OWN)
    query = [(name, value) for name, value in parse_qsl(called.query, keep_blank_values=True) if name != "after"]
    return address(f"{called.path}?{urlencode([*query, ('after', after)])}")
