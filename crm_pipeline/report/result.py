"""A stage's result in words: its counts, whatever stage it is."""

from __future__ import annotations

import dataclasses
from typing import Any


def counts(result: Any) -> dict[str, int | float | str]:
    """The scalar fields of a stage's result, by what they are called in words; `states` count by their own names."""
    values = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    values |= values.get("states", {})
    return {name.replace("_", " "): value for name, value in values.items() if isinstance(value, int | float | str)}


def words(result: Any) -> str:
    """The numbers on one line, zeroes left out: `1,204 read, 3 new`."""
    numbers = {n: v for n, v in counts(result).items() if isinstance(v, int) and not isinstance(v, bool)}
    return ", ".join(f"{value:,} {name}" for name, value in numbers.items() if value) or "nothing"
