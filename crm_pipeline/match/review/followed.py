"""People's decisions and carried links, as matching follows them: by ids, and what is new about them since last time.

Belongs here: which of them count for one kind of record. Not here: reading them (decisions.py), what they do to
clusters (cluster/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.review import decisions
from crm_pipeline.match.review.decisions import KeyPair, Verdict
from crm_pipeline.match.scores.scored import Ids, packed
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Followed:
    """`ids`: of the record keys in any of these pairs; those of records that are not compared are above all others.

    `accepted`: in the order of precedence. `linked`: pairs of compared records that accepted pairs connect.
    `verdicts`: packed pairs of compared records that somebody decided about; `rejected`: not a match.
    """

    ids: Mapping[str, int]
    accepted: Sequence[KeyPair]
    rejected: Sequence[KeyPair]
    linked: tuple[Ids, Ids]
    verdicts: NDArray[np.int64]
    rejected_pairs: NDArray[np.int64]
    rows: frozenset[tuple[str, str, str]]

    def places(self, pairs: Sequence[KeyPair]) -> tuple[Ids, Ids]:
        left = np.array([self.ids[one] for one, _ in pairs], dtype=np.int32)
        return left, np.array([self.ids[other] for _, other in pairs], dtype=np.int32)


def follow(connection: Connection, kind: Kind, first_free: int) -> Followed:
    """What counts now. `first_free`: an id above those of match.<kind>."""
    newest = decisions.newest(connection)
    carried = decisions.carried_links(connection)
    ids, compared = _ids(connection, kind, [*(d.pair for d in newest), *carried], first_free)
    decided = [d for d in newest if d.left_key in ids and d.right_key in ids]
    accepted = list(
        dict.fromkeys(
            [
                *(d.pair for d in decided if d.verdict is Verdict.MATCH),
                *(pair for pair in carried if pair[0] in ids and pair[1] in ids),
            ]
        )
    )
    rejected = [d.pair for d in decided if d.verdict is Verdict.NOT_A_MATCH]
    linked = _linked(accepted, ids, compared)
    spoken = [d.pair for d in decided if d.left_key in compared and d.right_key in compared]
    rows = {(*d.pair, f"{d.verdict} {d.decided_at.isoformat()}") for d in decided}
    rows |= {(*pair, "linked") for pair in [*accepted, *linked]}
    return Followed(
        ids,
        accepted,
        rejected,
        _places(linked, ids),
        packed(*_places(spoken, ids)),
        packed(*_places([pair for pair in rejected if pair[0] in compared and pair[1] in compared], ids)),
        frozenset(rows),
    )


def news(connection: Connection, kind: Kind, followed: Followed) -> list[str]:
    """The records whose decisions are others than in the last run; match.decided is then what is followed now."""
    before = connection.execute(
        "select left_key, right_key, verdict from match.decided where kind = ?", [kind]
    ).fetchall()
    different = followed.rows.symmetric_difference(before)
    if different:
        connection.execute("delete from match.decided where kind = ?", [kind])
        if followed.rows:
            frame = pd.DataFrame(sorted(followed.rows), columns=pd.Index(["left_key", "right_key", "verdict"]))
            connection.register("decided_frame", frame)
            connection.execute("insert into match.decided select ?, * from decided_frame", [kind])
            connection.unregister("decided_frame")
    return sorted({key for left, right, _ in different for key in (left, right)})


def _ids(
    connection: Connection, kind: Kind, pairs: Iterable[KeyPair], first_free: int
) -> tuple[dict[str, int], set[str]]:
    """Record key -> id of the keys that are records of this kind, and those of them that are compared."""
    keys = sorted({key for pair in pairs for key in pair})
    if not keys:
        return {}, set()
    rows = connection.execute(
        f"""
        select u.key, m.id from (select unnest($keys::varchar[]) as key) u
        semi join normalise.{kind.value} n on n.record_key = u.key
        left join match.{kind.value} m on m.record_key = u.key
        order by 1
        """,
        {"keys": keys},
    ).fetchall()
    others = [key for key, number in rows if number is None]
    ids = {key: number for key, number in rows if number is not None}
    compared = set(ids)
    ids.update({key: first_free + place for place, key in enumerate(others)})
    return ids, compared


def _places(pairs: Sequence[KeyPair], ids: Mapping[str, int]) -> tuple[Ids, Ids]:
    left = np.array([ids[one] for one, _ in pairs], dtype=np.int32)
    return left, np.array([ids[other] for _, other in pairs], dtype=np.int32)


def _linked(accepted: Sequence[KeyPair], ids: Mapping[str, int], compared: Set[str]) -> list[KeyPair]:
    """Pairs of compared records that accepted pairs connect, also through records that are not compared."""
    label = components(max(ids.values(), default=-1) + 1, *_places(accepted, ids))
    members: dict[int, list[str]] = {}
    for key in sorted(compared):
        members.setdefault(int(label[ids[key]]), []).append(key)
    return [pair for together in members.values() for pair in pairwise(together)]
