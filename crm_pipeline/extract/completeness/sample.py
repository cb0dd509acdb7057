"""A few records read back by id after loading: is what is here what the CRM has?

Counts and ids do not see a change that a read of changes missed; this does, by chance. Belongs here: the choice and the
comparison. Not here: the row that keeps the result (ledger.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.crm.protocol import Crm, Tombstone
from crm_pipeline.extract.completeness import ledger
from crm_pipeline.model import SourceRecord, System, Value
from crm_pipeline.warehouse import Connection, Warehouse

SIZE = 20


@dataclass(frozen=True)
class Known:
    """A live record as the warehouse has it."""

    record_id: str
    modified_at: datetime
    fields: Mapping[str, Value]


def check(
    warehouse: Warehouse, crm: Crm, run_id: int, object_: str, known: Sequence[Known], *, kept: int, since: datetime
) -> int:
    """Read known records of an object back, one call, and note in raw.reconciliation if some are not as here.

    `kept`: records of which the run has said already that they are only here; `since`: what changed from then on (the
    CRM's clock) may have come too late for this run. Returns the number of those that are wrong.
    """
    if not known:
        return 0
    names = sorted({name for one in known for name in one.fields})
    found = crm.read(object_, [one.record_id for one in known], names)
    absent = [one.record_id for one in known if one.record_id not in found]
    if len(absent) <= kept:
        known, absent = [one for one in known if one.record_id in found], []
    fates = crm.fates(object_, absent) if absent else []
    number = len(wrong(known, found, fates, since))
    if number:
        with warehouse.connect() as connection:
            ledger.sample_wrong(connection, run_id, crm.system, object_, number)
    return number


def chosen(connection: Connection, system: System, object_: str, run_id: int) -> list[Known]:
    """Live records at random, the same ones whenever the same run asks, others in the next run."""
    table = f"raw.{system}_{object_.lower()}"
    rows = connection.execute(
        f"select record_id, modified_at, fields from {table} semi join (select record_id from {table} "
        "where retired is null order by hash(record_id, ?), record_id limit ?) using (record_id) order by record_id",
        [run_id, SIZE],
    ).fetchall()
    return [Known(record_id, modified_at, json.loads(fields)) for record_id, modified_at, fields in rows]


def wrong(
    known: Sequence[Known], found: Mapping[str, SourceRecord], fates: Sequence[Tombstone], since: datetime
) -> list[str]:
    """Ids of the records that are not as here, although they did not change from `since` on.

    Fields that one side does not have are not compared: they became readable or unreadable.
    """
    gone_lately = {stone.record_id for stone in fates if stone.at is None or stone.at >= since}

    def differs(one: Known) -> bool:
        record = found.get(one.record_id)
        if record is None:
            return one.record_id not in gone_lately
        if record.modified_at >= since and record.modified_at > one.modified_at:
            return False
        if record.record_id != one.record_id or record.modified_at > one.modified_at:
            return True
        return any(record.fields[name] != value for name, value in one.fields.items() if name in record.fields)

    return [one.record_id for one in known if differs(one)]
