"""Takes values out of a CRM's own messages, so that they can be stored and shown.

Not here: our own error texts, which never had a value in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm_pipeline.model import Value

_GAP = "…"
_DATA = re.compile(
    r"""
      "[^"]*" | “[^”]*” | ‘[^’]*’ | 「[^」]*」 | 『[^』]*』   # quoted
    | (?<![A-Za-z])'[^']*'(?![A-Za-z])                      # quoted, but not the apostrophe of isn't
    | \[[^\]]*\]                                            # lists of options and ids
    | \S+@\S+                                               # e-mail addresses
    | https?://\S+
    | \b(?=[a-zA-Z]*\d)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b  # Salesforce ids
    | \+?\d[\d\s().-]{5,}\d                                 # phone numbers, dates, long numbers
    """,
    re.VERBOSE,
)
_SHORTEST = 2  # a single character says nothing about anybody and would tear the text to pieces


def redact(message: str, values: Iterable[Value] = (), *, longest: int = 300) -> str:
    """`message` without what is quoted or looks like data, and without `values` (those that were sent)."""
    texts = {str(value).strip() for value in values if isinstance(value, str | int | float)}
    for text in sorted(texts, key=len, reverse=True):
        if len(text) >= _SHORTEST:
            message = message.replace(text, _GAP)
    message = " ".join(_DATA.sub(_GAP, message).split())
    return message if len(message) <= longest else message[: longest - 1] + _GAP
