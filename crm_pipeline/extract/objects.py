"""One CRM object into its `raw` table, completely or not at all."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import SafetyError, WarehouseError
from crm_pipeline.extract import reconcile, schema, watermark
from crm_pipeline.extract.changed_at import comparison
from crm_pipeline.extract.load import Interval, Loaded, Loader
from crm_pipeline.extract.spool import Spool
from crm_pipeline.model import OBJECTS, System
from crm_pipeline.warehouse import Connection, Warehouse

#: The Date header has no fractions of a second: the CRM's clock is somewhere in the second after it.
_CLOCK_TICK = timedelta(seconds=1)


@dataclass(frozen=True)
class ObjectResult:
    """Numbers of records of one object. `here` and `there` as in `raw.reconciliation`; `full`: everything was read."""

    system: System
    object: str
    full: bool
    read: int
    new: int
    changed: int
    retired: int
    restored: int
    quarantined: int
    missing: int
    here: int
    there: int
    explained: str


def extract_object(
    warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int, object_: str, *, full: bool = False
) -> ObjectResult:
    """Read one object into its `raw` table: what changed since the last run, or everything.

    Everything: at first, when other fields are to be read, or when asked. Raises SafetyError, with nothing loaded, if
    more records disappeared without a tombstone, or never came, than `extract.max_drop_percent` allows (law 29).
    """
    system = crm.system
    kind = settings.mapping.kind_of(object_)
    with warehouse.connect() as connection:
        names = schema.stored_names(connection, system)
        previous, previous_hash = watermark.read(connection, system, object_)
        if object_ not in names:
            raise WarehouseError(f"the fields of {system.label} {object_} are not known yet; read the schema first")
        fields, _ = schema.read_fields(settings, system, object_, names)
        by_id = _written_since(connection, system, object_)
        by_id |= _with_changed_relations(connection, system, object_, fields)
    history = schema.timed(kind, object_, fields) if system is System.HUBSPOT else []
    fields_hash = _hash(fields, history)
    full = full or previous is None or previous_hash != fields_hash
    same = comparison(kind, system, object_, settings.phone_region)

    there = crm.count(object_)  # first, so that the time below is that of a fresh answer
    started = crm.server_time()
    overlap = timedelta(minutes=settings.extract.overlap_minutes)
    since = None if full or previous is None else previous - overlap
    with tempfile.TemporaryDirectory(prefix="crm-pipeline-") as folder:
        spool = Spool(Path(folder))
        if since is None:
            spool.add_records(crm.pages(object_, fields, history=history), same)
        else:
            spool.add_records([list(crm.read(object_, sorted(by_id), fields).values())] if by_id else [], same)
            pages = crm.pages(object_, fields, since=since, until=started + _CLOCK_TICK, history=history)
            spool.add_records(pages, same)
        spool.add_tombstones(crm.tombstones(object_, since=since))
        interval = Interval(previous, crm.server_time(), other_fields=previous_hash != fields_hash)
        with warehouse.connect() as connection:
            loader = Loader(connection, system, object_, run_id)
            loader.stage(spool)
            loader.quarantine(spool.quarantined)
            counts = loader.counts(there=there, full=full, lately=started - overlap)
            percent = settings.extract.max_drop_percent
            refused = counts.exceeds(percent)
            loaded = Loaded(0, 0, 0, 0)
            if not refused:
                loaded = loader.load(interval, same)
                watermark.move(connection, system, object_, started, fields_hash, run_id)
            loader.reconcile(counts, reconcile.explained(counts))
    if refused:
        raise SafetyError(reconcile.refusal(counts, f"{system.label} {object_}", percent, full=full))
    return ObjectResult(
        system,
        object_,
        full,
        spool.read,
        loaded.new,
        loaded.changed,
        loaded.retired,
        loaded.restored,
        len(spool.quarantined),
        counts.missing,
        counts.here,
        counts.there,
        reconcile.explained(counts),
    )


def _written_since(connection: Connection, system: System, object_: str) -> set[str]:
    """Ids of the records that we wrote, or may have, since the last read.

    They are read by id as well: a search index that lags would show their state before our write, which would look
    like a user who took it back.
    """
    rows = connection.execute(
        "select distinct record_id from push.outbox o join raw.watermark w using (system, object) "
        "where system = ? and object = ? and o.run_id >= w.run_id and record_id is not null and sent_at is not null",
        [system.value, object_],
    ).fetchall()
    return {record_id for (record_id,) in rows}


def _with_changed_relations(connection: Connection, system: System, object_: str, fields: Sequence[str]) -> set[str]:
    """Ids of the records whose related record changed since they were read.

    A value by a path (`Account.Industry`) changes without a trace on the record that shows it.
    """
    relations = {name.partition(".")[0] for name in fields if "." in name}
    found: set[str] = set()
    for relation in sorted(relations & {of for at, of in OBJECTS if at is system}):
        rows = connection.execute(
            f"select a.from_id from raw.association a join raw.{system}_{relation.lower()} r on r.record_id = a.to_id "
            "join raw.watermark w on w.system = a.system and w.object = a.from_object "
            "where a.system = ? and a.from_object = ? and a.to_object = ? and r.run_id > w.run_id",
            [system.value, object_, relation],
        ).fetchall()
        found |= {record_id for (record_id,) in rows}
    return found


def _hash(fields: list[str], history: list[str]) -> str:
    text = "\n".join([*sorted(fields), "", *sorted(history)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
