"""From the spool into `raw.*`, set by set, inside the caller's transaction.

Belongs here: the SQL that makes a read idempotent: what is new, what changed, what was replaced, what is retired. Not
here: calling a CRM, and deciding whether what was read may be kept (reconcile.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.extract.changed_at import Same
from crm_pipeline.extract.reconcile import Counts
from crm_pipeline.extract.spool import Spool
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection

#: A merge chain is followed this far; more can only be a circle.
_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Interval:
    """What a read covers, in the CRM's clock. `previous`: where the last one ended, None at first; `ended`: now.

    `other_fields`: the last one read other fields, or other histories.
    """

    previous: datetime | None
    ended: datetime
    other_fields: bool = False


@dataclass(frozen=True)
class Loaded:
    """Numbers of records; `retired` and `restored` by this run."""

    new: int
    changed: int
    retired: int
    restored: int


class Loader:
    """Loads one object into its table, one of raw's five."""

    def __init__(self, connection: Connection, system: System, object_: str, run_id: int) -> None:
        self._connection = connection
        self._of = [system.value, object_]
        self._run_id = run_id
        self.table = f"raw.{system}_{object_.lower()}"

    def stage(self, spool: Spool) -> None:
        """Temporary tables `page` (each record once: as it was read last) and `gone` (the better of two tombstones)."""
        self._execute("create or replace temp macro iso(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.%f+00:00')")
        self._execute(
            "create or replace temp table page as select record_id, created_at, modified_at, modified_by, "
            "fields::json as fields, known::json as known from read_json(?, format = 'newline_delimited', columns = "
            "{seq: 'BIGINT', record_id: 'VARCHAR', created_at: 'TIMESTAMPTZ', modified_at: 'TIMESTAMPTZ', "
            "modified_by: 'VARCHAR', fields: 'VARCHAR', known: 'VARCHAR'}) "
            "qualify row_number() over (partition by record_id order by modified_at desc, seq desc) = 1",
            str(spool.records_path),
        )
        self._execute(
            "create or replace temp table gone as select * from read_json(?, format = 'newline_delimited', columns = "
            "{record_id: 'VARCHAR', reason: 'VARCHAR', gone_at: 'TIMESTAMPTZ', survivor_object: 'VARCHAR', "
            "survivor_id: 'VARCHAR'}) where survivor_id is distinct from record_id "
            "qualify row_number() over (partition by record_id order by survivor_id is null, gone_at desc) = 1",
            str(spool.tombstones_path),
        )

    def counts(self, *, there: int, full: bool, lately: datetime) -> Counts:
        """Numbers for reconciliation: what `load` would leave here. After `stage`, before `load`."""
        known = f"from {self.table} where retired is null and record_id not in (select record_id from gone)"
        arriving = (
            "from page where record_id not in (select record_id from gone) "
            f"and record_id not in (select record_id from {self.table} where retired is null)"
        )
        before = self._count(f"select count(*) {known}")
        recent = self._count(
            f"select count(*) from (select record_id {known} and created_at >= ? "
            f"union all select record_id {arriving} and created_at >= ?)",
            lately,
            lately,
        )
        return Counts(
            here=before + self._count(f"select count(*) {arriving}"),
            there=there,
            before=before,
            missing=self._count(f"select count(*) {known} and record_id not in (select record_id from page)")
            if full
            else 0,
            created_lately=recent,
            gone_lately=self._count("select count(*) from gone where gone_at >= ?", lately),
            held_back=self._count(
                "select count(distinct record_id) from raw.quarantine where system = ? and object = ? "
                f"and record_id not in (select record_id from {self.table}) "
                "and record_id not in (select record_id from page)",
                *self._of,
            ),
        )

    def load(self, interval: Interval, same: Same) -> Loaded:
        """Load what was staged. A record that did not change adds nothing."""
        self._mark_cosmetic(same)
        self._compare(interval)
        changed = self._replace()
        new = self._insert()
        restored = self._restore()
        retired = self._retire()
        self._follow_survivors()
        return Loaded(new, changed, retired, restored)

    def quarantine(self, rows: Sequence[tuple[str, str]]) -> None:
        """Name the records of this run that could not be loaded: (record id, reason)."""
        for record_id, reason in rows:
            self._execute(
                "insert into raw.quarantine values (?, ?, ?, ?, ?, null)", self._run_id, *self._of, record_id, reason
            )

    def reconcile(self, counts: Counts, explained: str) -> None:
        self._execute(
            "delete from raw.reconciliation where run_id = ? and system = ? and object = ?", self._run_id, *self._of
        )
        self._execute(
            "insert into raw.reconciliation (run_id, system, object, here, there, explained) values (?, ?, ?, ?, ?, ?)",
            self._run_id,
            *self._of,
            counts.here,
            counts.there,
            explained,
        )

    def _mark_cosmetic(self, same: Same) -> None:
        """Table `cosmetic`: fields whose value is spelled differently but is the same (law 10)."""
        self._execute("create or replace temp table cosmetic (record_id varchar, names varchar[])")
        result = self._execute(
            "select record_id, name, (before->name)::varchar, (now->name)::varchar from ("
            "  select record_id, unnest(json_keys(p.fields)) as name, o.fields as before, p.fields as now"
            f"  from page p join {self.table} o using (record_id) where p.fields::varchar <> o.fields::varchar"
            ") where (before->name)::varchar <> (now->name)::varchar"
        )
        names: dict[str, list[str]] = {}
        while rows := result.fetchmany(10_000):
            for record_id, name, before, now in rows:
                if same(name, json.loads(before), json.loads(now)):
                    names.setdefault(record_id, []).append(name)
        if names:
            self._execute(
                "insert into cosmetic select unnest(?::varchar[]), unnest(?::varchar[][])",
                list(names),
                list(names.values()),
            )

    def _compare(self, interval: Interval) -> None:
        """Table `difference`: the records that are new or differ from what is here, with their `changed` column.

        A field keeps its entry while its value is the same, unless the CRM's history makes it certain. Otherwise: the
        CRM's history; for a value never seen before the record's last-modified time, which is an upper bound; else
        that time within the interval in which the change was seen.
        """
        self._execute(
            """
            create or replace temp table difference as
            select record_id, is_new, fields_changed, changed from (
                select p.record_id, o.record_id is null as is_new, o.changed as before,
                    coalesce(p.fields::varchar <> o.fields::varchar, true) as fields_changed,
                    '{' || array_to_string(list_transform(json_keys(p.fields), lambda k:
                        to_json(k)::varchar || ':' || case
                        when (o.changed->k) is not null
                            and ((p.fields->k)::varchar = (o.fields->k)::varchar or list_contains(c.names, k))
                            and ((o.changed->k->'certain')::boolean or (p.known->k) is null)
                            then (o.changed->k)::varchar
                        when (p.known->k) is not null then (p.known->k)::varchar
                        when (o.fields->k) is null
                            then '{"at":"' || iso(p.modified_at) || '","after":null,"certain":false}'
                        else '{"at":"' || iso(greatest(?::timestamptz, least(p.modified_at, ?::timestamptz)))
                            || '","after":' || coalesce('"' || iso(?::timestamptz) || '"', 'null')
                            || ',"certain":false}'
                    end), ',') || '}' as changed
                from page p
                left join TABLE o using (record_id)
                left join cosmetic c using (record_id)
                where o.record_id is null or p.fields::varchar <> o.fields::varchar
                    or (?::boolean and p.known::varchar <> '{}')
            ) where is_new or fields_changed or changed <> before::varchar
            """.replace("TABLE", self.table),
            interval.previous,
            interval.ended,
            interval.previous,
            interval.other_fields,
        )

    def _replace(self) -> int:
        """Move changed records on, their earlier version into the history. Returns how many changed."""
        self._execute(
            "insert into raw.history select ?, ?, o.record_id, o.fields, o.modified_at, o.run_id, ?, o.changed, "
            f"o.retired from {self.table} o join difference d using (record_id) where d.fields_changed",
            *self._of,
            self._run_id,
        )
        self._execute(
            f"update {self.table} o set fields = p.fields, changed = d.changed::json, "
            "run_id = case when d.fields_changed then ? else o.run_id end "
            "from page p join difference d using (record_id) where o.record_id = p.record_id and not d.is_new",
            self._run_id,
        )
        self._execute(
            f"update {self.table} o set created_at = p.created_at, modified_at = p.modified_at, "
            "modified_by = p.modified_by from page p where o.record_id = p.record_id and "
            "(o.created_at, o.modified_at, o.modified_by) is distinct from (p.created_at, p.modified_at, p.modified_by)"
        )
        return self._count("select count(*) from difference where fields_changed and not is_new")

    def _insert(self) -> int:
        self._execute(
            f"insert into {self.table} select record_id, created_at, modified_at, modified_by, p.fields, "
            "d.changed::json, null, ?, null from page p join difference d using (record_id) where d.is_new",
            self._run_id,
        )
        return self._count("select count(*) from difference where is_new")

    def _restore(self) -> int:
        """A record that is live again is no longer retired, and its tombstone goes."""
        live = "record_id in (select record_id from page) and record_id not in (select record_id from gone)"
        restored = self._count(f"select count(*) from {self.table} where retired is not null and {live}")
        self._execute(
            f"update {self.table} set retired = null, run_id = ? where retired is not null and {live}", self._run_id
        )
        self._execute(f"delete from raw.tombstone where system = ? and object = ? and {live}", *self._of)
        return restored

    def _retire(self) -> int:
        """Keep tombstones (a survivor, once known, is not forgotten) and retire their records."""
        self._execute(
            "delete from raw.tombstone t using gone g where t.system = ? and t.object = ? "
            "and t.record_id = g.record_id "
            "and t.survivor_id is null and (g.survivor_id is not null or g.reason <> t.reason)",
            *self._of,
        )
        self._execute(
            "insert into raw.tombstone select ?, ?, record_id, reason, gone_at, survivor_object, survivor_id, ? "
            "from gone where record_id not in (select record_id from raw.tombstone where system = ? and object = ?)",
            *self._of,
            self._run_id,
            *self._of,
        )
        stones = (
            "(select t.record_id, t.reason from raw.tombstone t join gone using (record_id) "
            "where t.system = ? and t.object = ?)"
        )
        differs = "o.record_id = s.record_id and o.retired is distinct from s.reason"
        retired = self._count(f"select count(*) from {self.table} o join {stones} s on {differs}", *self._of)
        self._execute(
            f"update {self.table} o set retired = s.reason, run_id = ? from {stones} s where {differs}",
            self._run_id,
            *self._of,
        )
        return retired

    def _follow_survivors(self) -> None:
        """A survivor that is gone itself passes its records on, so that a tombstone names the last one."""
        for _ in range(_LONGEST_CHAIN):
            moved = self._count(
                "update raw.tombstone t set survivor_object = s.survivor_object, survivor_id = s.survivor_id "
                "from raw.tombstone s where t.system = ? and s.system = t.system and s.object = t.survivor_object "
                "and s.record_id = t.survivor_id and s.survivor_id is not null "
                "and (s.survivor_object, s.survivor_id) <> (t.object, t.record_id)",
                self._of[0],
            )
            if not moved:
                return

    def _execute(self, sql: str, *values: object) -> Connection:
        return self._connection.execute(sql, list(values))

    def _count(self, sql: str, *values: object) -> int:
        row = self._execute(sql, *values).fetchone()
        return int(row[0]) if row else 0
