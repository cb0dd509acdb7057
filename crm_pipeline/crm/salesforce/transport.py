"""The requests session under simple-salesforce: time-outs, loopback, token renewal that keeps headers, our gateway.

simple-salesforce's own renewal drops the headers of the call, and so its precondition (facts/salesforce.md 1.4).
Not here: what the calls mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3

from crm_pipeline.crm.calls import CallClass
from crm_pipeline.crm.gateway import UNTRUSTED, Call, Gateway, NoAnswerError, NotSentError, Reply
from crm_pipeline.crm.salesforce.answers import CsvReply, refusal

if TYPE_CHECKING:
    from crm_pipeline.crm.salesforce.token import Access, TokenSource

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_SOBJECT = re.compile(r"/sobjects/(\w+)")
_QUERY_JOB = "/jobs/query"
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
_NEVER_SENT = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)


class Session(requests.Session):
    """Every request of the client. Refusals are raised here, so that no error text of the library gets out."""

    def __init__(self, gateway: Gateway, tokens: TokenSource) -> None:
        super().__init__()
        self._gateway = gateway
        self._tokens = tokens

    def request(self, method: str | bytes, url: str | bytes, **named: Any) -> requests.Response:  # type: ignore[override]
        """Send with the present token; renew it once if it is refused. Raises `CrmError` and `SafetyError`."""
        return self._send(str(method), str(url), named, Reply)[0]

    def ask(self, method: str, url: str, *, csv: bool = False, **named: Any) -> Reply:
        """The same, for an answer whose JSON is decoded once, or which is to be `csv`."""
        return self._send(method, url, named, CsvReply if csv else Reply)[1]

    def _send(
        self, method: str, url: str, named: Mapping[str, Any], form: type[Reply]
    ) -> tuple[requests.Response, Reply]:
        call = Call(CallClass.READ if _reads(method, url) else CallClass.WRITE, _subject(url, named))
        access = self._tokens.current()
        response, reply = self._exchange(call, method, url, named, access, form)
        if reply.status == 401:
            access = self._tokens.renew(access)
            response, reply = self._exchange(call, method, url, named, access, form)
        if reply.status >= 300:
            raise refusal(reply, call)
        return response, reply

    def _exchange(
        self, call: Call, method: str, url: str, named: Mapping[str, Any], access: Access, form: type[Reply]
    ) -> tuple[requests.Response, Reply]:
        limits = self._gateway.limits
        arguments = {
            **named,
            "headers": {**named.get("headers", {}), "Authorization": f"Bearer {access.token}"},
            "timeout": (limits.connect_seconds, limits.answer_seconds),
            "allow_redirects": False,
        }
        target = _on_instance(url, access.instance_url)
        answers: list[requests.Response] = []
        original: Callable[..., requests.Response] = super().request

        def send() -> Reply:
            with sending():
                answers.append(original(method, target, **arguments))
            return form(answers[-1].status_code, answers[-1].headers, answers[-1].content)

        reply = self._gateway.exchange(call, send)
        answers[-1].encoding = "utf-8"
        return answers[-1], reply


@contextmanager
def sending() -> Iterator[None]:
    """Turns the errors of requests into the gateway's two: surely not sent, or no answer."""
    try:
        yield
    except requests.exceptions.ConnectTimeout:
        raise NotSentError from None
    except requests.exceptions.SSLError:
        raise NotSentError(UNTRUSTED) from None
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, _NEVER_SENT):
            raise NotSentError from None
        raise NoAnswerError from None
    except requests.exceptions.RequestException:
        raise NoAnswerError from None


def learn(gateway: Gateway, reply: Reply) -> None:
    """The day's calls, from the header that is on every REST answer."""
    found = _USAGE.search(reply.headers.get("Sforce-Limit-Info", ""))
    if found:
        gateway.calls.learn_daily(int(found[1]), int(found[2]))


def _reads(method: str, url: str) -> bool:
    """A query job is made, changed and deleted, and none of it touches a record; a lost answer may be asked again."""
    return method == "GET" or _QUERY_JOB in url


def _on_instance(url: str, instance_url: str) -> str:
    """simple-salesforce always says https; the emulators on loopback speak http."""
    parts = urlsplit(url)
    return f"{instance_url}{parts.path}?{parts.query}" if parts.query else f"{instance_url}{parts.path}"


def _subject(url: str, named: Mapping[str, Any]) -> str:
    """The object that the call is about, for error texts."""
    body = named.get("json") or {}
    query = str((named.get("params") or {}).get("q", "") or body.get("query", ""))
    requests_ = body.get("compositeRequest") or [{}]
    found = _FROM.search(query) or _SOBJECT.search(url) or _SOBJECT.search(str(requests_[0].get("url", "")))
    return found[1] if found else "records"
