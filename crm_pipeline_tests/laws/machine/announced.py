"""What the push said that it would write, before a request of it left (law 16).

Belongs here: push.audit as a CRM in a dictionary is told of it. Not here: what a write may change (model.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import Value
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.laws.machine.ground import k


class Row(NamedTuple):
    """One field of an operation."""

    old: Value
    new: Value
    operation: str


@dataclass
class Announced:
    """`rows`: (record key or create key, CRM name) -> what this run said last. Of a relation the other record's id
    stands behind its name."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    seen: int = 0

    def begin(self) -> None:
        """A run begins: what another one said announces nothing of it."""
        self.rows.clear()

    def read(self, connection: Connection) -> None:
        """What was said since the last time."""
        found = connection.execute(
            "select coalesce(system || '/' || object || '/' || record_id, create_key), operation, old, new, rowid "
            "from push.audit where rowid >= ?",
            [self.seen],
        ).fetchall()
        for key, operation, old, new, row in found:
            self.seen = row + 1
            told = json.loads(old)
            for name, value in json.loads(new).items():
                place = f"{name} {value or told.get(name)}" if is_relation(name) else name
                self.rows[key, place] = Row(told.get(name), value, operation)

    def wrong(self, key: str, fields: Mapping[str, Value]) -> Iterator[str]:
        """Law 16 of a write that lands: what of it was not said."""
        for name, value in fields.items():
            row = self.rows.get((key, name))
            if row is None:
                yield f"{key}.{name} is written without an audit row"
            elif k(row.new) != k(value):
                yield f"{key}.{name} is written as {value!r}, its audit row says {row.new!r}"
