"""Scored pairs as arrays, and match.scored, which keeps them from run to run.

Belongs here: the columns, selecting and joining rows, reading and writing. Not here: what the figures are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection

#: Ids of records, and masks over ids (`flags[id]`) or over rows.
Ids = NDArray[np.int32]
Flags = NDArray[np.bool_]

#: Tiers by number.
TIERS = (Tier.NONE, Tier.POSSIBLE, Tier.RECOMMENDED, Tier.AUTO)


@dataclass(frozen=True)
class Scored:
    """One entry a pair, `l` < `r`. The meaning of the columns is in warehouse/tables/match.sql."""

    l: Ids  # noqa: E741 - left and right, as everywhere in these tables
    r: Ids
    rules: NDArray[np.uint64]
    weight: NDArray[np.float64]
    odds: NDArray[np.float64]
    pattern: NDArray[np.int64]
    strong: Flags
    posterior: NDArray[np.float64]
    share: NDArray[np.float64]
    candidates: NDArray[np.int32]
    tier: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.l)

    def where(self, chosen: Flags) -> Scored:
        return Scored(*(getattr(self, name)[chosen] for name in COLUMNS))

    def meets(self, ids: Flags) -> Flags:
        """Rows of which one record at least is among `ids`."""
        found: Flags = ids[self.l] | ids[self.r]
        return found


COLUMNS = tuple(field.name for field in fields(Scored))
_TYPES = {
    "l": np.int32,
    "r": np.int32,
    "rules": np.uint64,
    "strong": np.bool_,
    "pattern": np.int64,
    "candidates": np.int32,
    "tier": np.int8,
}


def unjudged(
    left: Ids,
    right: Ids,
    rules: NDArray[np.uint64],
    weight: NDArray[np.float64],
    odds: NDArray[np.float64],
    pattern: NDArray[np.int64],
    strong: Flags,
) -> Scored:
    """Rows before the competition of candidates."""
    nothing = np.zeros(len(left))
    return Scored(
        left,
        right,
        rules,
        weight,
        odds,
        pattern,
        strong,
        nothing,
        nothing,
        np.zeros(len(left), np.int32),
        np.zeros(len(left), np.int8),
    )


def together(parts: Sequence[Scored]) -> Scored:
    """All rows of the parts, in their order."""
    return Scored(
        *(np.concatenate([np.zeros(0, _TYPES.get(n, np.float64)), *(getattr(p, n) for p in parts)]) for n in COLUMNS)
    )


def read(connection: Connection, kind: Kind) -> Scored:
    found = connection.execute(f"select {', '.join(COLUMNS)} from match.scored where kind = ?", [kind]).fetchnumpy()
    return Scored(*(np.asarray(found[name], dtype=_TYPES.get(name, np.float64)) for name in COLUMNS))


def replace(connection: Connection, kind: Kind, rows: Scored, of: Flags | None) -> None:
    """Write `rows` in place of all rows of records in `of` (None: of all rows)."""
    if of is None:
        connection.execute("delete from match.scored where kind = ?", [kind])
    else:
        register_ids(connection, "replaced_id", of)
        connection.execute(
            "delete from match.scored where kind = ? and (l in (from replaced_id) or r in (from replaced_id))", [kind]
        )
        connection.execute("drop table replaced_id")
    connection.register("scored_frame", pd.DataFrame({name: getattr(rows, name) for name in COLUMNS}))
    connection.execute("insert into match.scored by name select $kind as kind, * from scored_frame", {"kind": kind})
    connection.unregister("scored_frame")


def packed(left: Ids, right: Ids) -> NDArray[np.int64]:
    """One number a pair, whichever side is left."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    found: NDArray[np.int64] = low.astype(np.int64) << 32 | high
    return found


def register_ids(connection: Connection, table: str, ids: Flags) -> None:
    """A temporary table (id) of the ids that are set."""
    connection.register("id_frame", pd.DataFrame({"id": np.flatnonzero(ids).astype(np.int32)}))
    connection.execute(f"create or replace temp table {table} as select id from id_frame")
    connection.unregister("id_frame")
