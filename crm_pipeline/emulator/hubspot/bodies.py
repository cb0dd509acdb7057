"""Reads the body of a call: JSON, or a form for the token endpoints; what cannot be read is refused in Jackson's words.

Not here: which fields a body must have (call.py and the endpoints).
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import orjson

from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid_json

_FORM = "application/x-www-form-urlencoded"
_EXPECTED = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


def takes_form(path: str) -> bool:
    """Whether an endpoint reads a form and not JSON."""
    return path.startswith(("/oauth/v1/token", "/oauth/v3/token"))


def parsed(path: str, body: bytes, content_type: str) -> Any:
    """The body as JSON values, or a form's fields; None without one. Raises HubSpotError 400 or 415."""
    media_type = content_type.partition(";")[0].strip().lower()
    if takes_form(path):
        if media_type != _FORM and body:
            raise HubSpotError(415, "HTTP 415 Unsupported Media Type")
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if not body:
        return None
    if media_type != "application/json":
        raise HubSpotError(415, "HTTP 415 Unsupported Media Type")
    try:
        return orjson.loads(body)
    except ValueError:
        raise _refusal(body) from None


def _refusal(body: bytes) -> HubSpotError:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return invalid_json(f"Invalid UTF-8 start byte 0x{body[error.start]:x}", 1, error.start + 1)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            where = "within/between Object entries" if text.lstrip().startswith("{") else "within/between Array entries"
            return invalid_json(f"Unexpected end-of-input {where}", error.lineno, error.colno)
        character = text[error.pos]
        problem = f"Unexpected character ('{character}' (code {ord(character)})): {_EXPECTED}"
        return invalid_json(problem, error.lineno, error.colno)
    except RecursionError:
        pass
    # Python reads NaN, Infinity and deep nesting, HubSpot does not.
    return invalid_json(f"Unexpected token: {_EXPECTED}")
