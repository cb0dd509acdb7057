"""Slack: an incoming webhook. Its address is the secret, and stands in no text of ours."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from crm_pipeline.alerts.channel import PATIENCE, NotSentError
from crm_pipeline.alerts.message import Message
from crm_pipeline.crm.safe_url import require_safe

WEBHOOK = "CRM_PIPELINE_SLACK_WEBHOOK"


class Slack:
    """Posts to the channel for which the webhook was made. Raises ConfigError for an address that is not safe."""

    name = "slack"

    def __init__(self, webhook: str) -> None:
        require_safe(webhook, WEBHOOK)
        self._webhook = webhook

    def send(self, message: Message) -> str:
        """Raises NotSentError."""
        text = f"*{_escaped(message.subject)}*\n{_escaped(message.text)}"
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(self._webhook, body, {"Content-Type": "application/json; charset=utf-8"})  # noqa: S310 - checked in __init__
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=PATIENCE):
                return ""
        except urllib.error.HTTPError as error:
            advice = {403: "; is the webhook revoked?", 404: "; was the webhook or its channel deleted?"}
            raise NotSentError(f"Slack answered {error.code}{advice.get(error.code, '')}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise NotSentError(f"Slack cannot be reached ({type(reason).__name__})") from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the message to an address that nobody chose."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _escaped(text: str) -> str:
    """Slack's three characters, so that nothing of a text becomes a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
