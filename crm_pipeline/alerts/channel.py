"""What a channel is, and its error.

Not here: the channels (slack.py, mail.py), and which ones there are (tell.py).
"""

from __future__ import annotations

from typing import Protocol

from crm_pipeline.alerts.message import Message
from crm_pipeline.errors import CrmPipelineError

#: Seconds that a channel may take to answer: a run waits for it.
PATIENCE = 10.0


class NotSentError(CrmPipelineError):
    """A channel did not take a message; the text says why, without address, user or secret."""


class Channel(Protocol):
    """A way to tell somebody. `name`: by which it is remembered what was told there."""

    name: str

    def send(self, message: Message) -> str:
        """Send it. Returns what somebody should know of that, or ''. Raises NotSentError."""
