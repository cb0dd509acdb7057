"""The access token: fetched when needed, and renewed by one thread at a time.

Not here: what it is asked for with (grant.py), what it is used for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import requests

from crm_pipeline.crm.calls import CallClass
from crm_pipeline.crm.gateway import Call, Gateway, Reply
from crm_pipeline.crm.safe_url import require_safe
from crm_pipeline.crm.salesforce.grant import Grant
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.refused_login import login_refusal
from crm_pipeline.crm.salesforce.transport import sending

_CALL = Call(CallClass.READ, "the access token")


@dataclass(frozen=True)
class Access:
    """A token and what Salesforce says with it. `user_id`: the run-as user."""

    token: str = field(repr=False)
    instance_url: str
    user_id: str


class TokenSource:
    """Gives the present token; thread-safe."""

    def __init__(self, login_url: str, grant: Grant, gateway: Gateway) -> None:
        self._url = login_url.rstrip("/") + "/services/oauth2/token"
        self._grant = grant
        self._gateway = gateway
        self._lock = Lock()
        self._access: Access | None = None

    def current(self) -> Access:
        """Raises `PermanentError` naming the environment variables when Salesforce gives none."""
        with self._lock:
            if self._access is None:
                self._access = self._fetch()
            return self._access

    def renew(self, refused: Access) -> Access:
        """A token newer than the one that was refused; other threads may have fetched it meanwhile."""
        with self._lock:
            if self._access is None or self._access.token == refused.token:
                self._access = self._fetch()
            return self._access

    def _fetch(self) -> Access:
        reply = self._gateway.exchange(_CALL, self._send)
        body = reply.json()
        if reply.status != 200 or not isinstance(body, dict):
            raise login_refusal(reply, self._grant.variables)
        require_safe(body["instance_url"], "the instance address that SALESFORCE_LOGIN_URL answered")
        user_id = str(body.get("id", "")).rstrip("/").rpartition("/")[2]
        return Access(body["access_token"], body["instance_url"].rstrip("/"), to_18(user_id))

    def _send(self) -> Reply:
        limits = self._gateway.limits
        with sending():
            answer = requests.post(
                self._url,
                data=self._grant.form(),
                auth=self._grant.pair,
                timeout=(limits.connect_seconds, limits.answer_seconds),
                allow_redirects=False,
            )
        return Reply(answer.status_code, answer.headers, answer.content)
