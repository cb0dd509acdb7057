"""The official client, tamed: its requests leave through our gateway, on dated paths, over one connection pool.

`api_factory` is the one hook that every call passes (facts/hubspot.md 1.4). Not here: what the calls mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import urllib3
from hubspot import HubSpot
from hubspot.discovery.discovery_base import DiscoveryBase

from crm_pipeline.crm.calls import CallClass
from crm_pipeline.crm.gateway import UNTRUSTED, Call, Gateway, NoAnswerError, NotSentError, Pace, Reply
from crm_pipeline.crm.hubspot.answers import diagnose, refusal, unknown_form
from crm_pipeline.crm.limiter import Slot
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.retry import Problem
from crm_pipeline.crm.safe_url import surroundings
from crm_pipeline.errors import DailyLimitError, PermanentError
from crm_pipeline.model import System

_SMALLEST_RATE = 100  # calls in 10 s of the Free and Starter tiers, until the headers name ours
_READING_POST = re.compile(r"/search$|/batch/read$|/access-token-info$")
_OBJECT = re.compile(r"/(objects|properties|associations|pipelines)/([^/]+)")
_POOL = 32  # connections kept: more than are ever used at once


class Wire:
    """Calls to one portal. `client` is the SDK, whose methods return a `Reply` here if told not to preload."""

    def __init__(
        self,
        access_token: str,
        base_url: str,
        path_version: str,
        limits: Limits,
        *,
        read_only: bool,
        pace: Pace | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = access_token
        self._path_version = path_version
        self._limits = limits
        self.gateway = Gateway(
            System.HUBSPOT, limits, diagnose=self._diagnose, learn=self._learn, read_only=read_only, pace=pace
        )
        limiter = self.gateway.limiter
        self._app = limiter.window("app", _SMALLEST_RATE, 10.0, named=True)
        self._search = limiter.window("search", limits.searches_per_second, 1.0)  # not counted in the app's
        self._apis: dict[tuple[str, str], Any] = {}
        self._lock = Lock()
        self._pool: Any = None
        self.client = HubSpot(
            access_token=access_token,
            host=self._base_url,
            base_url=self._base_url,
            retry=False,  # urllib3's own: it would repeat what the gateway must count, and hide lost answers
            connection_pool_maxsize=_POOL,
            api_factory=self._api,
            **surroundings(self._base_url),
        )

    @property
    def rates(self) -> tuple[float, float]:
        """Calls, and searches, that may be made in a second: as far as the answers have told."""
        return self._app.limit / self._app.seconds, self._search.limit / self._search.seconds

    def ask(self, method: Callable[..., Reply], *arguments: Any, **named: Any) -> Any:
        """Call a method of the SDK and give the decoded JSON of its answer. Raises `CrmError`."""
        return self.reply(method, *arguments, **named).json()

    def reply(self, method: Callable[..., Reply], *arguments: Any, **named: Any) -> Reply:
        """As `ask`, but the whole answer."""
        return method(*arguments, _preload_content=False, **named)

    def get(self, path: str) -> Any:
        """GET a path that the SDK has no method for."""
        return self._call("GET", path).json()

    def token_info(self) -> Mapping[str, Any]:
        """What a private app's token is; empty for tokens that HubSpot does not describe (service keys, OAuth)."""
        try:
            body = {"tokenKey": self._token}
            return self._call("POST", "/oauth/v2/private-apps/get/access-token-info", body).json() or {}
        except DailyLimitError:
            raise
        except PermanentError:
            return {}

    def _call(self, method: str, path: str, body: Any = None) -> Reply:
        api = self.client.crm.objects.basic_api.api_client
        headers = {"Accept": "application/json"}
        reply: Reply = api.call_api(
            path, method, header_params=headers, body=body, auth_settings=["oauth2"], _preload_content=False
        )
        return reply

    def _api(self, package: Any, name: str, config: Mapping[str, Any]) -> Any:
        """The `api_factory`: one API object for each name, all over one pool, with our `request`."""
        key = (package.__name__, name)
        with self._lock:
            if key not in self._apis:
                api = DiscoveryBase._default_api_factory(package, name, config)
                rest = api.api_client.rest_client
                self._pool = rest.pool_manager = self._pool or rest.pool_manager
                api.api_client.request = self._request(api.api_client.request, package.ApiException)
                self._apis[key] = api
            return self._apis[key]

    def _request(self, original: Callable[..., Any], refused: type[Exception]) -> Callable[..., Reply]:
        def request(method: str, url: str, **named: Any) -> Reply:
            path = url.removeprefix(self._base_url)
            call = self._described(method, path)
            target = self._base_url + dated(path, self._path_version)
            named["_preload_content"] = False
            named["_request_timeout"] = (self._limits.connect_seconds, self._limits.answer_seconds)
            reply = self.gateway.exchange(call, lambda: _send(original, refused, method, target, named))
            error = refusal(reply, call) or (None if call.writes else unknown_form(reply, path, call))
            if error is not None:
                raise error
            return reply

        return request

    def _described(self, method: str, path: str) -> Call:
        found = _OBJECT.search(path)
        subject = found[2] if found else "owners" if "/owners" in path else "the account"
        if found and found[1] != "objects":
            subject = f"{found[1]} of {subject}"
        if path.endswith("/search"):
            return Call(CallClass.SEARCH, subject, (self._search,))
        reads = method == "GET" or _READING_POST.search(path)
        return Call(CallClass.READ if reads else CallClass.WRITE, subject, (self._app,))

    def _diagnose(self, reply: Reply) -> Problem | None:
        return diagnose(reply)

    def _learn(self, reply: Reply, slot: Slot) -> None:
        """Rate and daily limits from the headers; searches carry none."""
        most = _number(reply, "X-HubSpot-RateLimit-Max")
        interval = _number(reply, "X-HubSpot-RateLimit-Interval-Milliseconds")
        if most and interval:
            remaining = _number(reply, "X-HubSpot-RateLimit-Remaining")
            self.gateway.limiter.learn(slot, self._app, most, interval / 1000, remaining)
        daily = _number(reply, "X-HubSpot-RateLimit-Daily")
        left = _number(reply, "X-HubSpot-RateLimit-Daily-Remaining")
        if daily is not None and left is not None:
            self.gateway.calls.learn_daily(daily - left, daily)


def dated(path: str, version: str) -> str:
    """The path in a dated version: `/crm/v3/objects/contacts` -> `/crm/objects/2026-03/contacts`; `v3` keeps it."""
    if version == "v3":
        return path
    path = re.sub(r"^/crm/v[34]/([a-z]+)", rf"/crm/\1/{version}", path)
    return re.sub(r"^/account-info/v3/", f"/account-info/{version}/", path)


def _send(
    original: Callable[..., Any], refused: type[Exception], method: str, url: str, named: Mapping[str, Any]
) -> Reply:
    try:
        response = original(method, url, **named)
        return Reply(response.status, response.headers, response.data)
    except refused as error:
        status = getattr(error, "status", 0)
        if not status:  # the SDK's word for a failed TLS handshake
            raise NotSentError(UNTRUSTED) from None
        return Reply(status, getattr(error, "headers", None) or {}, getattr(error, "body", None) or b"")
    except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError):
        raise NotSentError from None
    except urllib3.exceptions.HTTPError:
        raise NoAnswerError from None


def _number(reply: Reply, header: str) -> int | None:
    value = reply.headers.get(header, "")
    return int(value) if value.isdecimal() else None
