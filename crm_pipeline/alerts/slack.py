"""Slack: an incoming webhook. Its address is the secret, and stands in no text of ours.

The standard library's client: `requests` would put the address into its log (urllib3, level DEBUG), and so into that of
a Dagster which keeps it.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from crm_pipeline.alerts.channel import PATIENCE, NotSentError
from crm_pipeline.alerts.message import Message
from crm_pipeline.crm.gateway import UNTRUSTED
from crm_pipeline.crm.safe_url import require_safe, surroundings

WEBHOOK = "CRM_PIPELINE_SLACK_WEBHOOK"


class Slack:
    """Posts to the channel for which the webhook was made. Raises ConfigError for an address that is not safe, and for
    certificates that are not there."""

    name = "slack"

    def __init__(self, webhook: str) -> None:
        require_safe(webhook, WEBHOOK)
        self._webhook = webhook
        self._surroundings = surroundings(webhook)

    def send(self, message: Message) -> str:
        """Raises NotSentError."""
        text = f"*{_escaped(message.subject)}*\n{_escaped(message.text)}"
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(self._webhook, body, {"Content-Type": "application/json; charset=utf-8"})  # noqa: S310 - checked in __init__
        try:
            with self._opener().open(request, timeout=PATIENCE):
                return ""
        except urllib.error.HTTPError as error:
            advice = {403: "; is the webhook revoked?", 404: "; was the webhook or its channel deleted?"}
            raise NotSentError(f"Slack answered {error.code}{advice.get(error.code, '')}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise NotSentError(f"Slack {UNTRUSTED}") from None
            raise NotSentError(f"Slack cannot be reached ({type(reason).__name__})") from None

    def _opener(self) -> urllib.request.OpenerDirector:
        """By the proxy and the authorities by which the CRMs are reached."""
        proxy, bundle = self._surroundings.get("proxy"), self._surroundings.get("ssl_ca_cert")
        return urllib.request.build_opener(
            _NoRedirects,
            urllib.request.ProxyHandler({"https": proxy} if proxy else {}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=bundle)),
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the message to an address that nobody chose."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _escaped(text: str) -> str:
    """Slack's three characters, so that nothing of a text becomes a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
