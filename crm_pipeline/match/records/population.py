"""Every record by id: its source, and a number that follows from its key for breaking ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.scores.scored import Flags
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Population:
    """By id, `count` long. `there`: ids that a record has. `touched`: to be compared again; `gone`: no longer
    there. `everybody`: all are touched, and nothing of an earlier run counts."""

    count: int
    there: Flags
    source: NDArray[np.int32]
    dice: NDArray[np.uint64]
    touched: Flags
    gone: Flags
    everybody: bool

    def none(self) -> Flags:
        return np.zeros(self.count, dtype=np.bool_)


def first_free(connection: Connection, kind: Kind) -> int:
    """An id above all that this run may meet."""
    row = connection.execute(
        f"select greatest((select max(id) from match.{kind.value}), (select max(id) from gone), 0)"
    ).fetchone()
    return int(row[0]) + 1 if row else 1


def population(connection: Connection, kind: Kind, count: int) -> Population:
    """From match.<kind> and the temporary tables `touched` and `gone`."""
    named = connection.execute(f"select distinct source from match.{kind.value} order by 1").fetchall()
    sources = [name for (name,) in named]
    found = connection.execute(
        f"select id, hash(record_key) as dice, list_position($sources, source) - 1 as source from match.{kind.value}",
        {"sources": sources},
    ).fetchnumpy()
    ids = np.asarray(found["id"])
    there = np.zeros(count, dtype=np.bool_)
    there[ids] = True
    source = np.zeros(count, dtype=np.int32)
    source[ids] = found["source"]
    dice = np.zeros(count, dtype=np.uint64)
    dice[ids] = found["dice"]
    touched, gone = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    touched[connection.execute("select id from touched").fetchnumpy()["id"]] = True
    gone[connection.execute("select id from gone").fetchnumpy()["id"]] = True
    return Population(count, there, source, dice, touched, gone, bool(touched.sum() == len(ids)))
