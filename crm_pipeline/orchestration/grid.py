"""A table in the UI. Not here: what is in it (metadata.py, checks.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg


def grid(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dg.MetadataValue[Any]:
    """A table, which may be empty; at most five columns fit on a page."""
    return dg.MetadataValue.table(
        [dg.TableRecord(dict(zip(columns, map(str, row), strict=True))) for row in rows],
        schema=dg.TableSchema([dg.TableColumn(column) for column in columns]),
    )
