"""The normalise stage: from the live raw records to one row of keys each.

Belongs here: the order of the steps. Not here: which records changed (changes.py), what they hold (held.py), their rows
(record.py), what a key is (the pure modules).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.normalise import changes, held, record, value
from crm_pipeline.warehouse import Connection, Warehouse

#: What DuckDB may keep in memory; it works on disk beyond that.
_MEMORY = "800MB"


@dataclass(frozen=True)
class NormaliseResult:
    """Records with keys, distinct raw values they have, and how many of these were new."""

    people: int
    companies: int
    values: int
    new_values: int


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> NormaliseResult:
    """Bring the keys of every live record up to date. Only records that changed are read, and of their values only
    those worked on that no earlier run has seen; a night without changes writes nothing."""
    with warehouse.connect(memory=_MEMORY) as connection:
        region = settings.phone_region
        new = 0
        if changes.find(connection, f"{value.version_of(region)} {held.roles_of(settings)} {settings.mapping.hash}"):
            held.load(connection, settings)
            new = record.write(connection, region)
            changes.remember(connection)
            value.forget(connection)
        return NormaliseResult(
            _count(connection, "normalise.person"),
            _count(connection, "normalise.company"),
            _count(connection, "normalise.value"),
            new,
        )


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row
    return int(row[0])
