"""Records that are gone, and gone records that are live again: on positive evidence only (law 30).

Belongs here: tombstones and what they do to their records. Not here: where the evidence comes from.
"""

from __future__ import annotations

from crm_pipeline.extract.loading.target import Target

#: A merge chain is followed this far; more can only be a circle.
_LONGEST_CHAIN = 20


class Retirement:
    """Works on the temporary tables `page` and `gone` of the loader."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def restore(self) -> int:
        """A record that is live again is no longer retired, and its tombstone goes. Returns how many there were."""
        execute, table = self._target.execute, self._target.table
        execute(
            "create or replace temp table restored as "
            f"select record_id from {table} semi join page using (record_id) anti join gone using (record_id) "
            "where retired is not null"
        )
        number = self._target.count("select count(*) from restored")
        if number:
            self._target.keep_versions("from restored")
            execute(
                f"update {table} set retired = null, run_id = ? where record_id in (from restored)", self._target.run_id
            )
        execute(
            "delete from raw.tombstone where system = ? and object = ? and record_id in (select record_id from page) "
            "and record_id not in (select record_id from gone)",
            *self._target.of,
        )
        return number

    def retire(self) -> int:
        """Keep tombstones (a survivor, once known, is not forgotten) and retire their records. Returns how many."""
        if not self._target.count("select count(*) from gone"):
            return 0
        execute, table, of = self._target.execute, self._target.table, self._target.of
        execute(
            "delete from raw.tombstone t using gone g where t.system = ? and t.object = ? "
            "and t.record_id = g.record_id "
            "and t.survivor_id is null and (g.survivor_id is not null or g.reason <> t.reason)",
            *of,
        )
        execute(
            "insert into raw.tombstone select ?, ?, record_id, reason, gone_at, survivor_object, survivor_id, ? "
            "from gone where record_id not in (select record_id from raw.tombstone where system = ? and object = ?)",
            *of,
            self._target.run_id,
            *of,
        )
        execute(
            "create or replace temp table retiring as select o.record_id, t.reason "
            f"from {table} o join gone using (record_id) join raw.tombstone t on t.record_id = o.record_id "
            "where t.system = ? and t.object = ? and o.retired is distinct from t.reason",
            *of,
        )
        self._target.keep_versions("select record_id from retiring")
        execute(
            f"update {table} o set retired = r.reason, run_id = ? from retiring r where o.record_id = r.record_id",
            self._target.run_id,
        )
        self._follow_survivors()
        return self._target.count("select count(*) from retiring")

    def _follow_survivors(self) -> None:
        """A survivor that is gone itself passes its records on, so that a tombstone names the last one."""
        for _ in range(_LONGEST_CHAIN):
            moved = self._target.count(
                "update raw.tombstone t set survivor_object = s.survivor_object, survivor_id = s.survivor_id "
                "from raw.tombstone s where t.system = ? and s.system = t.system and s.object = t.survivor_object "
                "and s.record_id = t.survivor_id and s.survivor_id is not null "
                "and (s.survivor_object, s.survivor_id) <> (t.object, t.record_id)",
                self._target.system.value,
            )
            if not moved:
                return
