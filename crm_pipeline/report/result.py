"""A stage's result in words: its counts, whatever stage it is."""

from __future__ import annotations

import dataclasses
from typing import Any


def counts(result: Any) -> dict[str, int | float | str]:
    """The scalar fields of a stage's result, by what they are called in words; `states` count by their own names.

    Words of an enum are plain text: whoever stores counts (Dagster does) knows plain types only.
    """
    values = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    values |= values.get("states", {})
    return {
        str(name).replace("_", " "): str(value) if isinstance(value, str) else value
        for name, value in values.items()
        if isinstance(value, int | float | str)
    }


def words(result: Any) -> str:
    """The numbers on one line, zeroes and ids left out: `1,204 read, 3 new`."""
    numbers = [
        f"{value:,} {name}"
        for name, value in counts(result).items()
        if isinstance(value, int) and not isinstance(value, bool) and value and not name.endswith(" id")
    ]
    return ", ".join(numbers) or "nothing"
