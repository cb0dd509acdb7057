"""The table that one object is loaded into, and the run that loads it.

Belongs here: what every part of loading needs to say its SQL. Not here: the SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Target:
    connection: Connection
    system: System
    object_: str
    run_id: int

    @property
    def table(self) -> str:
        return f"raw.{self.system}_{self.object_.lower()}"

    @property
    def of(self) -> Sequence[str]:
        """Values for `system = ? and object = ?`."""
        return self.system.value, self.object_

    def execute(self, sql: str, *values: object) -> Connection:
        return self.connection.execute(sql, list(values))

    def count(self, sql: str, *values: object) -> int:
        row = self.execute(sql, *values).fetchone()
        return int(row[0]) if row else 0

    def keep_versions(self, which: str, *, of: str = "") -> None:
        """Keep the state before this run of the records with these ids (a query) in the history; `of`: where it is.

        What this very run loaded first and replaces now was nobody's state after any run.
        """
        self.execute(
            "insert into raw.history (system, object, record_id, fields, modified_at, first_run, last_run, changed, "
            "retired) select ?, ?, record_id, fields, modified_at, run_id, ?, changed, retired "
            f"from {of or self.table} where run_id <> ? and record_id in ({which})",
            *self.of,
            self.run_id,
            self.run_id,
        )
