"""What one run asks for one object: which fields, from when on, and which records by their ids.

Belongs here: what follows from the settings and from earlier runs. Not here: asking (reading.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_pipeline.config import Settings
from crm_pipeline.errors import WarehouseError
from crm_pipeline.extract.reading import watermark
from crm_pipeline.extract.reading.spool import Question
from crm_pipeline.extract.schema import schema
from crm_pipeline.model import OBJECTS, System
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Request:
    """`since` None: everything; `previous`: where the last read ended, None at first; `history`: fields whose history
    is wanted; `other_fields`: the last read had others; `by_id`: records that are read whatever their time says;
    `overlap`: how late the CRM may show a change."""

    account: str
    fields: list[str]
    history: list[str]
    fields_hash: str
    previous: datetime | None
    since: datetime | None
    by_id: list[str]
    other_fields: bool
    overlap: timedelta

    @property
    def full(self) -> bool:
        return self.since is None

    def question(self, run_id: int) -> Question:
        """Values over a relation (`Account.Industry`) change without a trace on the record: what a full read brought of
        them before the related records were read again would stay old, so that a later run begins it anew."""
        old_soon = self.full and any("." in name for name in self.fields)
        return Question(self.account, self.fields_hash, self.since, run_id if old_soon else None)


def request(connection: Connection, settings: Settings, system: System, object_: str, *, full: bool) -> Request:
    """Everything is asked for at first, when other fields are to be read, and when `full`; else what changed since the
    last read, less the overlap. Raises WarehouseError for an object whose schema was not read."""
    names = schema.stored_names(connection, system)
    if object_ not in names:
        raise WarehouseError(f"the fields of {system.label} {object_} are not known yet; read the schema first")
    fields, _ = schema.read_fields(settings, system, object_, names)
    history = schema.timed(settings, object_, fields)
    fields_hash = _hash(fields, history)
    previous, previous_hash = watermark.read(connection, system, object_)
    other_fields = previous_hash != fields_hash
    overlap = timedelta(minutes=settings.extract.overlap_minutes)
    since = None
    by_id: set[str] = set()
    if previous is not None and not full and not other_fields:
        since = previous - overlap
        by_id |= _written_since(connection, system, object_)
        by_id |= _with_changed_relations(connection, system, object_, fields)
    account = connection.execute("select account_id from raw.account where system = ?", [system.value]).fetchone()
    return Request(
        account[0] if account else "",
        fields,
        history,
        fields_hash,
        previous,
        since,
        sorted(by_id),
        other_fields,
        overlap,
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
