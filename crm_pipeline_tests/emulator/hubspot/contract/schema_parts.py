"""Pieces of the JSON Schemas of documented answers."""

from __future__ import annotations

from typing import Any

TEXT, WHOLE, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TIME, TEXTS = {"type": "string", "format": "date-time"}, {"type": "array", "items": TEXT}


def closed_object(**properties: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
