"""A stage's result in words: its counts, whatever stage it is."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

#: What results count, so that one of them is not called by its plural.
_PLURALS = re.compile(r"\b(association|call|field|object|operation|pair|record|stage|user)s\b")
_ONE = r"\1"


def counts(result: Any) -> dict[str, int | float | str | None]:
    """The scalar fields of a stage's result, by what they are called in words; `states` count by their own names.

    Words of an enum are plain text: whoever stores counts (Dagster does) knows plain types only. None: nobody knows.
    """
    values = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    values |= values.get("states", {})
    return {
        str(name).replace("_", " "): str(value) if isinstance(value, str) else value
        for name, value in values.items()
        if isinstance(value, int | float | str | None)
    }


def words(result: Any) -> str:
    """The numbers on one line, zeroes and ids left out, then what explains them: `1,204 read, 3 new; 1 is in ...`."""
    if unread(result):
        return f"not read: {result.explained}"
    numbers = [
        _counted(value, name)
        for name, value in counts(result).items()
        if isinstance(value, int) and not isinstance(value, bool) and value and not name.endswith(" id")
    ]
    return "; ".join(filter(None, [", ".join(numbers) or "nothing", getattr(result, "explained", "")]))


def unread(result: Any) -> bool:
    """Whether it is the result of an object that could not be read, so that nobody knows how many are there."""
    return getattr(result, "there", 0) is None


def _counted(value: int, name: str) -> str:
    return f"{value:,} {name}" if value != 1 else f"1 {_PLURALS.sub(_ONE, name)}"
