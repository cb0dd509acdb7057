"""From the spool into `raw.*`, inside the caller's transaction.

Belongs here: the order of loading, what is counted before it, and the quarantine. Not here: new and changed records
(changes.py), retired ones (retirement.py), calling a CRM, deciding whether what was read may be kept (reconcile.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_pipeline.extract.completeness import local_ids
from crm_pipeline.extract.completeness.reconcile import Counts
from crm_pipeline.extract.loading.changed_at import Same
from crm_pipeline.extract.loading.changes import Changes, Interval
from crm_pipeline.extract.loading.retirement import Retirement
from crm_pipeline.extract.loading.target import Target
from crm_pipeline.extract.reading import ndjson
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.model import System
from crm_pipeline.privacy import suppression
from crm_pipeline.warehouse import Connection

__all__ = ["MEMORY", "Interval", "Loaded", "Loader"]

#: What DuckDB may use while loading (it works on disk beyond that): measured with 1,000,000 records of 600 bytes.
MEMORY = "300MB"

#: Live records of a table that are not known to be gone: what is there before the read is loaded.
_KNOWN = "(select record_id, created_at from {table} where retired is null) o anti join gone using (record_id)"


@dataclass(frozen=True)
class Loaded:
    """Numbers of records; `retired` and `restored` by this run."""

    new: int = 0
    changed: int = 0
    retired: int = 0
    restored: int = 0


class Loader:
    """Loads one object into its table."""

    def __init__(self, connection: Connection, system: System, object_: str, run_id: int) -> None:
        self._target = Target(connection, system, object_, run_id)
        self._known = _KNOWN.format(table=self._target.table)

    def stage(self, spool: Spool) -> None:
        """Temporary tables of what was read.

        `page`: the keys of each record once, as it was read last; `gone`: the better of two tombstones; `version`:
        entries of a field history; `held`: records whose last reading is unusable; `waiting`: these, and those that
        earlier runs put into quarantine.
        """
        spool.flush()
        execute = self._target.execute
        execute(f"create or replace temp table page as from {ndjson.rows(spool.keys, ndjson.KEY)}")
        execute(
            "delete from page where seq in (select seq from page "
            "semi join (select record_id from page group by record_id having count(*) > 1) using (record_id) "
            "qualify row_number() over (partition by record_id order by modified_at desc, seq desc) > 1)"
        )
        execute(
            f"create or replace temp table gone as select * from {ndjson.rows([spool.gone], ndjson.GONE)} "
            "where survivor_id is distinct from record_id and record_id not in (select unnest(?::varchar[])) "
            "qualify row_number() over (partition by record_id order by survivor_id is null, gone_at desc) = 1",
            sorted(spool.returned),
        )
        execute(f"create or replace temp table version as from {ndjson.rows([spool.versions], ndjson.VERSION)}")
        execute(
            "create or replace temp table held as select h.record_id, h.reason "
            f"from {ndjson.rows([spool.quarantine], ndjson.HELD)} h left join page p using (record_id) "
            "where p.seq is null or p.seq < h.seq "
            "qualify row_number() over (partition by h.record_id order by h.seq desc) = 1"
        )
        execute(
            "create or replace temp table waiting as select record_id from held union select record_id "
            "from raw.quarantine where system = ? and object = ? and released_run is null",
            *self._target.of,
        )

    def counts(self, *, there: int, full: bool, lately: datetime) -> Counts:
        """Numbers for reconciliation: what `load` would leave here. After `stage`, before `load`."""
        count = self._target.count
        arriving = self._arriving
        before = count(f"select count(*) from {self._known}")
        return Counts(
            here=before + count(f"select count(*) from {arriving}"),
            there=there,
            before=before,
            surplus=len(self.unseen()) if full else 0,
            created_lately=count(
                f"select count(*) from (select created_at from {self._known} union all "
                f"select created_at from {arriving}) where created_at >= ?",
                lately,
            ),
            gone_lately=count("select count(*) from gone where gone_at >= ?", lately),
            held_back=count(
                f"select count(*) from waiting anti join {self._target.table} using (record_id) "
                "anti join page using (record_id)"
            ),
            suppressed=suppression.live(self._target.connection, self._target.system, self._target.object_),
        )

    def gone(self) -> list[str]:
        """Ids of records for which there is a tombstone now."""
        return [record_id for (record_id,) in self._target.execute("select record_id from gone").fetchall()]

    def unseen(self) -> list[str]:
        """Ids of known live records that this read did not bring: after a full read, those that are only here."""
        rows = self._target.execute(
            f"select record_id from {self._known} anti join page using (record_id) anti join held using (record_id) "
            "order by record_id"
        )
        return [record_id for (record_id,) in rows.fetchall()]

    def write_ids(self, path: Path) -> None:
        """Keep the ids of the records that the CRM should have if this was loaded, for `LocalIds`."""
        local_ids.write(
            self._target.connection,
            f"select record_id from {self._known} union select record_id from page anti join gone using (record_id) "
            "union select record_id from waiting",
            path,
        )

    def load(self, spool: Spool, interval: Interval, same: Same) -> Loaded:
        """Load what was staged. A record that did not change adds nothing."""
        retirement = Retirement(self._target)
        restored = retirement.restore()
        new, changed = Changes(self._target, spool, interval, same).load()
        retired = retirement.retire()
        self._release()
        return Loaded(new, changed, retired, restored)

    def quarantine(self) -> int:
        """Name the records that could not be loaded, one that is named already not again. Returns their number."""
        self._target.execute(
            "insert into raw.quarantine select ?, ?, ?, record_id, reason, null from held where (record_id, reason) "
            "not in (select (record_id, reason) from raw.quarantine where system = ? and object = ? "
            "and released_run is null)",
            self._target.run_id,
            *self._target.of,
            *self._target.of,
        )
        return self._target.count("select count(*) from held")

    def _release(self) -> None:
        """A record that came well, is gone, or is unusable for another reason now leaves the quarantine."""
        self._target.execute(
            "update raw.quarantine q set released_run = ? where system = ? and object = ? and released_run is null "
            "and (q.record_id, q.reason) not in (select (record_id, reason) from held) "
            "and q.record_id in (select record_id from page union select record_id from gone "
            "union select record_id from held)",
            self._target.run_id,
            *self._target.of,
        )

    @property
    def _arriving(self) -> str:
        return (
            f"page anti join gone using (record_id) "
            f"anti join (select record_id from {self._target.table} where retired is null) using (record_id)"
        )
