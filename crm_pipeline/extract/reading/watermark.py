"""How far an object has been read. The mark moves in the transaction that loads the rows (law 27)."""

from __future__ import annotations

from datetime import datetime

from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection


def read(connection: Connection, system: System, object_: str) -> tuple[datetime | None, str]:
    """Where the last read ended, in the CRM's clock, and the hash of the fields it read; None at first."""
    row = connection.execute(
        "select read_until, fields_hash from raw.watermark where system = ? and object = ?", [system.value, object_]
    ).fetchone()
    return (row[0], row[1]) if row else (None, "")


def move(connection: Connection, system: System, object_: str, until: datetime, fields_hash: str, run_id: int) -> None:
    """The next read begins here, less the overlap."""
    connection.execute("delete from raw.watermark where system = ? and object = ?", [system.value, object_])
    connection.execute(
        "insert into raw.watermark values (?, ?, ?, ?, ?)", [system.value, object_, until, fields_hash, run_id]
    )
