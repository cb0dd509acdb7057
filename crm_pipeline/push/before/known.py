"""What a plan knew of records, and what we wrote there since: everything else that they hold is somebody's news.

Not here: reading the records as they are now, and what is done about news (newcomers.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from crm_pipeline.model import SourceRecord, System, Value, record_key
from crm_pipeline.warehouse import Connection

Fields = Mapping[str, Value]


def read_until(connection: Connection, plan_id: int, system: System, object_: str) -> datetime | None:
    """Up to when a plan knows an object; None if it was never read. Where it was read again since then, the plan knows
    it as it was when the plan's run began."""
    row = connection.execute(
        """
        select case when w.run_id <= p.run_id then w.read_until else coalesce(r.started_at, p.created_at) end
        from raw.watermark w join plan.plan p on p.plan_id = ? left join state.run r on r.run_id = p.run_id
        where w.system = ? and w.object = ?
        """,
        [plan_id, system, object_],
    ).fetchone()
    return row[0] if row else None


def versions(
    connection: Connection, plan_id: int, records: Sequence[SourceRecord], key_field: str
) -> dict[str, list[Fields]]:
    """By record id of records of one object, the versions that are no news: as read for the plan while it was live,
    with what we wrote since, and with what the CRM made of that. `key_field`: ours, by which a record is known that we
    made and whose answer was lost."""
    if not records:
        return {}
    first = records[0]
    keys = {record_key(first.system, first.object, r.record_id): r.record_id for r in records}
    read = connection.execute(
        f"select r.record_id, r.fields from raw.{first.system}_{first.object.lower()} r, plan.plan p "
        "where p.plan_id = ? and r.record_id in (select unnest(?::varchar[])) and r.retired is null "
        "and r.run_id <= p.run_id",
        [plan_id, [*keys.values()]],
    ).fetchall()
    written = connection.execute(
        "select record_key, json_group_object(name, value), json_group_object(name, coalesce(observed, value)) "
        "from state.written where record_key in (select unnest(?::varchar[])) group by all",
        [[*keys]],
    ).fetchall()
    created = connection.execute(
        "select create_key, new from push.outbox where plan_id = ? and operation = 'create' and sent_at is not null "
        "and create_key in (select unnest(?::varchar[]))",
        [plan_id, [str(r.fields[key_field]) for r in records if r.fields.get(key_field)]],
    ).fetchall()
    sent = dict(created)
    found: dict[str, list[Fields]] = {record_id: [json.loads(fields)] for record_id, fields in read}
    for record in records:
        if new := sent.get(str(record.fields.get(key_field))):
            found.setdefault(record.record_id, []).append(json.loads(new))
    for key, *ours in written:
        if told := found.get(keys[key]):  # not of one that was gone: all of it is news when somebody restores it
            told.extend([told[0] | json.loads(one) for one in ours])
    return found


def of_customers(connection: Connection, golden_ids: Sequence[str]) -> dict[str, list[tuple[str, Fields]]]:
    """By golden id, object and fields of its live records as they were read."""
    rows = connection.execute(
        "select l.golden_id, r.object, r.fields from golden.link l join raw.record r using (record_key) "
        "where l.golden_id in (select unnest(?::varchar[])) and l.retired is null",
        [list(golden_ids)],
    ).fetchall()
    found: dict[str, list[tuple[str, Fields]]] = {}
    for golden_id, object_, fields in rows:
        found.setdefault(golden_id, []).append((object_, json.loads(fields)))
    return found
