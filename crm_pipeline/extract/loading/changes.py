"""Records that are new or differ from what is here, and since when each of their fields has its value.

Belongs here: the comparison, part by part, and the `changed` column (spec sync-rules.md, Changed at). Not here: records
that are gone (retirement.py).

Digests are compared for all records at once; JSON is read for those that differ only, a slice of the spool at a time,
and each document once: records have a few fields or hundreds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from crm_pipeline.extract.loading.changed_at import Same, entry, iso, since
from crm_pipeline.extract.loading.target import Target
from crm_pipeline.extract.reading import ndjson
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.model import Value, Version
from crm_pipeline.warehouse import Connection

_BATCH = 10_000  # rows that are fetched at a time

#: Bytes that are loaded at a time, of fields and of what `changed` will say of them: DuckDB holds rows with long texts
#: in memory, so that neither their number nor the number of their fields may decide.
_SLICE = 32_000_000
_ENTRY = 110  # bytes of an entry of `changed`


#: CRM field -> value, and -> entry of the `changed` column.
Fields = Mapping[str, Value]
Entries = Mapping[str, dict[str, Any]]


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
            self._time()
            self._compare()
            self._replace()

    def _slices(self) -> list[tuple[int, int]]:
        """First and last `seq` of what is loaded at a time."""
        slices: list[tuple[int, int]] = []
        room = 0
        for seq, size in self._target.execute(
            "select seq, strlen(fields::varchar) + ? * len(json_keys(fields)) from part order by seq", _ENTRY
        ).fetchall():
            if size > room:
                slices.append((seq, seq))
                room = _SLICE
            slices[-1] = (slices[-1][0], seq)
            room -= size
        return slices

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

    def _time(self) -> None:
        """Table `timed`: the `changed` column to come of every record of which more is known than that it is new.

        Left out are records whose column stays as it is.
        """
        rows = self._target.execute(
            "select b.seq, p.modified_at, b.differs, b.fields, b.known, o.fields, o.changed "
            "from body b join (select seq, modified_at from page) p using (seq) left join earlier o using (record_id) "
            "where not b.is_new or b.known::varchar <> '{}'"
        ).fetchall()
        found: dict[int, str] = {}
        for seq, modified_at, differs, *documents in rows:
            now, known, before, held = (json.loads(text) if text else {} for text in documents)
            changed = {name: self._since(name, now, known, before, held, modified_at) for name in now}
            if differs or changed != held:
                found[seq] = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
        self._target.execute(
            "create or replace temp table timed as select unnest(?::bigint[]) as seq, unnest(?::varchar[]) as changed",
            list(found),
            list(found.values()),
        )

    def _since(
        self, name: str, now: Fields, known: Entries, before: Fields, held: Entries, modified_at: datetime
    ) -> dict[str, Any]:
        """The entry of a field, `held` being the one that it has.

        It is kept while the value is the same (spelled differently counts as the same, law 10), unless the CRM's
        history makes it certain. Otherwise: the CRM's history; for a value never seen before the record's last-modified
        time, which is an upper bound; else that time within the interval in which the change was seen.
        """
        kept = held.get(name)
        if kept and name in before and (kept["certain"] or name not in known):
            old, new = before[name], now[name]
            if (type(old) is type(new) and old == new) or self._same(name, old, new):
                return kept
        if name in known:
            return known[name]
        if name not in before:
            return {"at": iso(modified_at), "after": None, "certain": False}
        previous, ended = self._interval.previous, self._interval.ended
        at = min(modified_at, ended)
        return {"at": iso(max(previous, at) if previous else at), "after": previous and iso(previous), "certain": False}

    def _compare(self) -> None:
        """Table `difference`: the rows to come, with their `changed` column, where anything is new in them."""
        self._target.execute(
            """
            create or replace temp table difference as
            select b.seq, b.record_id, b.is_new, b.differs, b.fields, o.retired,
                case when b.differs then ? else o.run_id end as run_id,
                coalesce(t.changed, '{' || array_to_string(list_transform(json_keys(b.fields), lambda k:
                    to_json(k)::varchar || ':' || p.seen), ',') || '}') as changed
            from body b
            join (select seq, first_seen(modified_at) as seen from page) p using (seq)
            left join earlier o using (record_id)
            left join timed t using (seq)
            where t.seq is not null or (b.is_new and b.known::varchar = '{}')
            """,
            self._target.run_id,
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
