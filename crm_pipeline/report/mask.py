"""Values as they may be shown unasked: enough to see that something changed, not what it says (law 45)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BLANK = "(blank)"


def masked(value: Any) -> str:
    """The first character of a value and an ellipsis."""
    text = "" if value is None else str(value).strip()
    return f"{text[0]}…" if text else BLANK


def shown(value: Any) -> str:
    """A value in full, on one line."""
    text = "" if value is None else " ".join(str(value).split())
    return text or BLANK


def parts(values: Mapping[str, Any], *, in_full: bool) -> str:
    """CRM field -> value of a field or group, as one text; a group of blanks is one blank."""
    words = [(shown if in_full else masked)(value) for value in values.values()]
    filled = [word for word in words if word != BLANK]
    return " ".join(filled) or BLANK
