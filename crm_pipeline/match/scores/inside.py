"""Pairs inside components of links, as arrays and in match.inside: what clusters are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match.scores.scored import Flags, Ids, register_ids
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Inside:
    """`weight`: log10 of the odds with the prior. `contradicts`: the two cannot be one customer without a person."""

    l: Ids  # noqa: E741 - left and right, as everywhere in these tables
    r: Ids
    weight: NDArray[np.float64]
    contradicts: Flags

    def where(self, chosen: Flags) -> Inside:
        return Inside(self.l[chosen], self.r[chosen], self.weight[chosen], self.contradicts[chosen])


def together(parts: Sequence[Inside]) -> Inside:
    return Inside(
        np.concatenate([np.zeros(0, np.int32), *(part.l for part in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(part.r for part in parts)]),
        np.concatenate([np.zeros(0), *(part.weight for part in parts)]),
        np.concatenate([np.zeros(0, np.bool_), *(part.contradicts for part in parts)]),
    )


def replace(connection: Connection, kind: Kind, pairs: Inside, of: Flags | None) -> Inside:
    """Write `pairs` in place of those of records in `of` (None: of all). Returns all that there are then."""
    kept = Inside(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.bool_))
    if of is None:
        connection.execute("delete from match.inside where kind = ?", [kind])
    else:
        register_ids(connection, "replaced_id", of)
        connection.execute("delete from match.inside where kind = ? and l in (from replaced_id)", [kind])
        connection.execute("drop table replaced_id")
        found = connection.execute(
            "select l, r, weight, contradicts from match.inside where kind = ?", [kind]
        ).fetchnumpy()
        kept = Inside(
            np.asarray(found["l"], dtype=np.int32),
            np.asarray(found["r"], dtype=np.int32),
            np.asarray(found["weight"]),
            np.asarray(found["contradicts"], dtype=np.bool_),
        )
    connection.register("inside_frame", pd.DataFrame(pairs.__dict__))
    connection.execute("insert into match.inside by name select $kind as kind, * from inside_frame", {"kind": kind})
    connection.unregister("inside_frame")
    return together([kept, pairs])
