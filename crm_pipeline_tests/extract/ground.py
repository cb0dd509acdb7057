"""Records in raw tables without a CRM, for tests of what is made of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from crm_pipeline.extract.reading import watermark
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection

T0 = datetime(2026, 11, 20, 9, tzinfo=UTC)


def put(
    connection: Connection,
    system: System,
    object_: str,
    records: Mapping[str, Mapping[str, object]],
    *,
    run_id: int = 1,
    at: datetime = T0,
    until: datetime | None = None,
    retired: str | None = None,
) -> None:
    """Records by id, changed at a time, as if the run had read their object up to `until`."""
    if records:
        table = f"raw.{system}_{object_.lower()}"
        ids = list(records)
        connection.execute(f"delete from {table} where record_id in (select unnest(?::varchar[]))", [ids])
        connection.execute(
            f"insert into {table} select unnest(?::varchar[]), ?, ?, '', unnest(?::json[]), '{{}}', ?, ?, null",
            [ids, at, at, [json.dumps(fields) for fields in records.values()], retired, run_id],
        )
    watermark.move(connection, system, object_, until or at, "", run_id)
