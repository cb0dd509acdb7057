"""Relations in the warehouse: `raw.association` holds those of live records, one row for each pair of records.

Belongs here: putting what was read in the place of what was known, row by row, so that nothing is written where nothing
changed. Not here: where relations come from (related.py, look_ups.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.crm.protocol import Association
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection


def stage(connection: Connection, ids: Sequence[str], found: Sequence[Association]) -> None:
    """Temporary tables for `replace`: `touched` (records whose relations were read) and `related` (what was read)."""
    connection.execute("create or replace temp table touched as select unnest(?::varchar[]) as from_id", [list(ids)])
    connection.execute(
        "create or replace temp table related as select from_id, to_object, to_id, bool_or(is_primary) as is_primary, "
        "coalesce(string_agg(distinct label, ';' order by label) filter (label <> ''), '') as label from ("
        "select unnest(?::varchar[]) as from_id, unnest(?::varchar[]) as to_object, unnest(?::varchar[]) as to_id, "
        "unnest(?::boolean[]) as is_primary, unnest(?::varchar[]) as label) group by from_id, to_object, to_id",
        [
            [one.from_id for one in found],
            [one.to_object for one in found],
            [one.to_id for one in found],
            [one.primary for one in found],
            [one.label for one in found],
        ],
    )


def replace(connection: Connection, system: System, from_object: str, to_objects: Sequence[str]) -> int:
    """Put `related` in the place of all relations of the `touched` records with these objects. Returns how many rows
    were written or removed."""
    of = [system.value, from_object, list(to_objects)]
    known = "system = ? and from_object = ? and to_object in (select unnest(?::varchar[]))"
    pair = "(from_id, to_object, to_id, is_primary, coalesce(label, ''))"
    touched = "from_id in (select from_id from touched)"
    removed = connection.execute(
        f"delete from raw.association where {known} and {touched} and {pair} not in (select {pair} from related)", of
    ).fetchone()
    added = connection.execute(
        "insert into raw.association by name select ? as system, ? as from_object, from_id, to_object, to_id, "
        f"is_primary, label from related where {touched} and {pair} not in "
        f"(select {pair} from raw.association where {known} and {touched})",
        [system.value, from_object, *of],
    ).fetchone()
    return sum(int(row[0]) for row in (removed, added) if row)


def forget_retired(connection: Connection, system: System, from_object: str, to_object: str, since_run: int) -> None:
    """Remove the relations of records that were retired in a run after `since_run`."""
    connection.execute(
        "delete from raw.association where system = ? and from_object = ? and to_object = ? and from_id in ("
        f"select record_id from raw.{system}_{from_object.lower()} where retired is not null and run_id > ?)",
        [system.value, from_object, to_object, since_run],
    )
