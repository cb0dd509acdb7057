"""Results of Bulk API queries: from CSV to the values that JSON has.

Belongs here: one page of a result as rows. Not here: jobs and calls (`bulk`).

Source: Bulk API 2.0 guide, "Get Results for a Query Job" (a head line on every page; empty is null, for a text is never
empty in Salesforce); facts/salesforce.md 3.9 (texts like "NA" are texts; dateTimes).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_pipeline.crm.salesforce.records import FRACTIONS
from crm_pipeline.errors import TransientError
from crm_pipeline.model import System, Value

_LONGEST_CELL = 16_000_000  # characters; a rich text of 131,072 is longer in HTML, which Python's limit does not let in
csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))


def rows(body: bytes, types: Mapping[str, str], count: int | None) -> Iterator[dict[str, Any]]:
    """Rows by column, paths over relations too (`Account.Name`), one at a time.

    `types`: the describe's types of the columns asked for. `count`: how many rows Salesforce says there are.
    Raises TransientError for what is no such page, and in the end when rows are missing.
    """
    try:
        # Decoded bit by bit; no newline is translated, and none but those of CSV is one.
        lines = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline=""), strict=True)
        names = _names(next(lines, []), types) if body else list(types)
        converted = [(place, _FROM_TEXT[types[name]]) for place, name in enumerate(names) if types[name] in _FROM_TEXT]
        width, number = len(names), 0
        for cells in lines:
            number += 1
            if len(cells) != width:
                raise damaged()
            values: list[Value] = [cell or None for cell in cells]
            for place, from_text in converted:
                if cell := cells[place]:
                    values[place] = from_text(cell)
            yield dict(zip(names, values, strict=True))
    except (csv.Error, ValueError):
        raise damaged() from None  # their texts hold values
    if count is not None and count != number:
        raise damaged()


def _names(head: list[str], types: Mapping[str, str]) -> list[str]:
    """The columns as they were asked for: Salesforce spells them its own way."""
    asked = {name.lower(): name for name in types}
    if {name.lower() for name in head} != asked.keys() or len(head) != len(asked):
        raise damaged()
    return [asked[name.lower()] for name in head]


def damaged() -> TransientError:
    """The error for an answer that cannot be taken for a page of a result."""
    return TransientError(
        "Salesforce gave a result of a bulk query that is damaged or incomplete; run again.",
        system=System.SALESFORCE,
    )


def _date_time(text: str) -> str:
    """`2026-01-01T00:00:00.000Z`, in JSON `2026-01-01T00:00:00.000+0000`."""
    return f"{text[:-1]}+0000" if text.endswith("Z") else text


def _int(text: str) -> int:
    """The Bulk API writes some 0 of whole numbers as `0.0` (estuary/connectors pull request 2820)."""
    whole, _, fraction = text.partition(".")
    if fraction.strip("0"):
        raise ValueError
    return int(whole)


_FROM_TEXT: Mapping[str, Callable[[str], Value]] = {
    "boolean": lambda text: text == "true",
    "int": _int,
    "long": _int,
    "datetime": _date_time,
    **dict.fromkeys(FRACTIONS, float),
}
