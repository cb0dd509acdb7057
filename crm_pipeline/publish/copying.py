"""The copy for analysts before its marts: the warehouse's tables without what only the next run needs.

Belongs here: which tables are copied. Not here: the file and its swap (stage.py), what the tables mean (comments/).
"""

from __future__ import annotations

from crm_pipeline.warehouse import Connection

#: Keys, hashes and scores by which a run sees what changed; half of a large warehouse, and nothing to an analyst. Who
#: has the hashes of people who were erased, and the salt, can try addresses. state.version stays: readers ask for it.
LEFT_OUT = (
    *(f"normalise.{name}" for name in ("value", "seen", "person", "company")),
    *(f"match.{name}" for name in ("person", "company", "block_key", "block_rules", "scored", "inside", "state")),
    *("match.decided", "golden.computed", "golden.followed", "plan.settled", "plan.base", "plan.decision"),
    *("publish.compared", "push.attempt", "push.job"),
    *(f"state.{name}" for name in ("counter", "companion", "salt", "suppressed", "alert")),
)


#: Columns that only planning reads: what they hold stands in the records, too.
_WITHOUT = {"state.base": ("value", "observed"), "state.agreed": ("value",)}


def copy(connection: Connection, source: str) -> None:
    """Copy the database `source` into the empty one that is attached as `published`."""
    connection.execute(f'copy from database "{source}" to published (schema)')
    connection.execute(
        ";".join(f"drop table published.{table}" for table in LEFT_OUT) + "; drop schema published.normalise"
    )
    for table, left_out in _WITHOUT.items():
        for column in left_out:
            connection.execute(f"alter table published.{table} drop column {column}")
    filled = connection.execute(
        "select schema_name || '.\"' || table_name || '\"' from duckdb_tables() "
        "where database_name = ? and not temporary and estimated_size > 0 order by all",
        [source],
    ).fetchall()
    for (table,) in filled:
        name = table.replace('"', "")
        if name not in LEFT_OUT:
            columns = f"* exclude ({', '.join(_WITHOUT[name])})" if name in _WITHOUT else "*"
            connection.execute(f'insert into published.{table} select {columns} from "{source}".{table}')
