"""Records that are new or differ from what is here, and since when each of their fields has its value.

Belongs here: the comparison, part by part, and the `changed` column (spec sync-rules.md, Changed at). Not here: records
that are gone (retirement.py).

Digests are compared for all records at once; JSON is read for those that differ only, a part of the spool at a time,
and of that a slice: records have a few fields or hundreds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from crm_pipeline.extract.loading.changed_at import Same, entry, since
from crm_pipeline.extract.loading.target import Target
from crm_pipeline.extract.reading import ndjson
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.model import Version
from crm_pipeline.warehouse import Connection

_BATCH = 10_000  # rows that Python compares at a time

#: Values (records times fields) that are loaded at a time when a record has many: DuckDB does not write to disk what
#: one expression over a list needs, which it makes for 2,048 records at a time.
_VALUES = 10_000
_VECTOR = 2_048


@dataclass(frozen=True)
class Interval:
    """What a read covers, in the CRM's clock. `previous`: where the last one ended, None at first; `ended`: now.

    `other_fields`: the last one read other fields, or other histories.
    """

    previous: datetime | None
    ended: datetime
    other_fields: bool = False


class Changes:
    """Works on the temporary tables `page`, `gone` and `version` of the loader."""

    def __init__(self, target: Target, spool: Spool, interval: Interval, same: Same) -> None:
        self._target = target
        self._spool = spool
        self._interval = interval
        self._same = same

    def load(self) -> tuple[int, int]:
        """Load what is new and what changed. Returns the numbers of both."""
        execute, table = self._target.execute, self._target.table
        execute("create or replace temp macro iso(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.%f+00:00')")
        execute(
            "create or replace temp macro first_seen(moment) as "
            """'{"at":"' || iso(moment) || '","after":null,"certain":false}'"""
        )
        execute(
            "create or replace temp table touched as select p.seq, p.record_id, "
            "o.record_id is null as is_new, p.digest is distinct from o.digest as differs "
            f"from page p left join {table} o using (record_id) "
            "left join (select distinct record_id from version) v using (record_id) "
            "where p.digest is distinct from o.digest or v.record_id is not null or (p.timed and ?::boolean)",
            self._interval.other_fields,
        )
        execute(
            f"create or replace temp table earlier as from {table} o "
            "semi join (select record_id from touched where not is_new) using (record_id)"
        )
        parts = execute(
            "select distinct first from touched asof join (select unnest(?::bigint[]) as first) on seq >= first "
            "order by first",
            self._spool.parts,
        ).fetchall()
        for (first,) in parts:
            self._load_part(first)
        self._follow_times()
        (numbers,) = execute(
            "select count(*) filter (is_new), count(*) filter (differs and not is_new) from touched"
        ).fetchall()
        return int(numbers[0]), int(numbers[1])

    def _load_part(self, first: int) -> None:
        records = ndjson.rows([self._spool.records(first)], ndjson.BODY)
        self._target.execute(
            "create or replace temp table part as select seq, t.record_id, t.is_new, t.differs, "
            f"b.fields::json as fields, b.known::json as known from {records} b join touched t using (seq)"
        )
        for start, end in self._slices():
            self._target.execute("create or replace temp table body as from part where seq between ? and ?", start, end)
            self._witness()
            self._mark_cosmetic()
            self._compare()
            self._replace()

    def _slices(self) -> list[tuple[int, int]]:
        """First and last `seq` of what is loaded at a time: the whole part when its records have few fields."""
        (fields,) = self._target.execute("select max(len(json_keys(fields))) from part").fetchone() or (None,)
        sequence = [seq for (seq,) in self._target.execute("select seq from part order by seq").fetchall()]
        size = max(1, _VALUES // fields) if (fields or 0) * _VECTOR > 5 * _VALUES else max(1, len(sequence))
        slices = (sequence[start : start + size] for start in range(0, len(sequence), size))
        return [(part[0], part[-1]) for part in slices]

    def _witness(self) -> None:
        """Into `known`: since when a field has its value, from a field history that is kept apart from the records."""
        result = self._target.execute(
            "select b.record_id, v.field, (b.fields->v.field)::varchar, v.value, v.moment from body b "
            "join version v using (record_id) where (b.fields->v.field) is not null "
            "order by b.record_id, v.field, v.moment desc"
        )
        known: dict[str, dict[str, object]] = {}
        for (record_id, name, value), entries in groupby(_fetched(result), key=itemgetter(0, 1, 2)):
            versions = [Version(json.loads(old), at) for *_, old, at in entries]
            at = since(name, json.loads(value), versions, self._same)
            if at:
                known.setdefault(record_id, {})[name] = entry(at)
        if known:
            self._target.execute(
                "update body b set known = json_merge_patch(b.known, w.known) from "
                "(select unnest(?::varchar[]) as record_id, unnest(?::json[]) as known) w "
                "where w.record_id = b.record_id",
                list(known),
                [json.dumps(one) for one in known.values()],
            )

    def _mark_cosmetic(self) -> None:
        """Table `cosmetic`: fields whose value is spelled differently but is the same (law 10)."""
        self._target.execute("create or replace temp table cosmetic (record_id varchar, names varchar[])")
        result = self._target.execute(
            "select record_id, name, (before->name)::varchar, (now->name)::varchar from ("
            "  select record_id, unnest(json_keys(b.fields)) as name, o.fields as before, b.fields as now"
            "  from body b join earlier o using (record_id) where b.differs"
            ") where (before->name)::varchar <> (now->name)::varchar"
        )
        names: dict[str, list[str]] = {}
        for record_id, name, before, now in _fetched(result):
            if self._same(name, json.loads(before), json.loads(now)):
                names.setdefault(record_id, []).append(name)
        if names:
            self._target.execute(
                "insert into cosmetic select unnest(?::varchar[]), unnest(?::varchar[][])",
                list(names),
                list(names.values()),
            )

    def _compare(self) -> None:
        """Table `difference`: the rows to come, with their `changed` column, where anything is new in them.

        A field keeps its entry while its value is the same, unless the CRM's history makes it certain. Otherwise: the
        CRM's history; for a value never seen before the record's last-modified time, which is an upper bound; else
        that time within the interval in which the change was seen.
        """
        self._target.execute(
            """
            create or replace temp table difference as
            select seq, record_id, is_new, differs, fields, changed, retired, run_id from (
                select b.seq, b.record_id, b.is_new, b.differs, b.fields, o.changed as before, o.retired,
                    case when b.differs then ? else o.run_id end as run_id,
                    case when b.is_new and b.known::varchar = '{}'
                    then '{' || array_to_string(list_transform(json_keys(b.fields), lambda k:
                        to_json(k)::varchar || ':' || p.seen), ',') || '}'
                    else '{' || array_to_string(list_transform(json_keys(b.fields), lambda k:
                        to_json(k)::varchar || ':' || case
                        when (o.changed->k) is not null
                            and ((b.fields->k)::varchar = (o.fields->k)::varchar or list_contains(c.names, k))
                            and ((o.changed->k->'certain')::boolean or (b.known->k) is null)
                            then (o.changed->k)::varchar
                        when (b.known->k) is not null then (b.known->k)::varchar
                        when (o.fields->k) is null then p.seen
                        else '{"at":"' || iso(greatest(?::timestamptz, least(p.modified_at, ?::timestamptz)))
                            || '","after":' || coalesce('"' || iso(?::timestamptz) || '"', 'null')
                            || ',"certain":false}'
                    end), ',') || '}' end as changed
                from body b
                join (select seq, modified_at, first_seen(modified_at) as seen from page) p using (seq)
                left join earlier o using (record_id)
                left join cosmetic c using (record_id)
            ) where differs or changed <> before::varchar
            """,
            self._target.run_id,
            self._interval.previous,
            self._interval.ended,
            self._interval.previous,
        )

    def _replace(self) -> None:
        """Put the rows in place of the earlier ones, which go into the history where a value changed.

        They are deleted and inserted: DuckDB does the same for an update of JSON, but holds both versions in memory.
        """
        self._target.keep_versions("select record_id from difference where differs and not is_new", of="earlier")
        self._target.execute(
            f"delete from {self._target.table} where record_id in (select record_id from difference where not is_new)"
        )
        self._target.execute(
            f"insert into {self._target.table} (record_id, created_at, modified_at, modified_by, fields, changed, "
            "retired, run_id, digest) select d.record_id, p.created_at, p.modified_at, p.modified_by, d.fields, "
            "d.changed::json, d.retired, d.run_id, p.digest from difference d join page p using (seq)"
        )

    def _follow_times(self) -> None:
        """A last-modified time can move although nothing we read changed: the record follows, the history does not."""
        self._target.execute(
            f"update {self._target.table} o set created_at = p.created_at, modified_at = p.modified_at, "
            "modified_by = p.modified_by from page p where o.record_id = p.record_id and "
            "(o.created_at, o.modified_at, o.modified_by) is distinct from (p.created_at, p.modified_at, p.modified_by)"
        )


def _fetched(result: Connection) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(_BATCH):
        yield from rows
