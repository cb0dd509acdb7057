"""match.cluster and match.problem: clusters of the records whose links changed, the others as they were.

Belongs here: which records are clustered again, and writing the result. Not here: clustering (cluster/).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match.cluster.closure import affected
from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.cluster.joining import at_most_one, clusters
from crm_pipeline.match.cluster.pairs import Clusters, Links, Pairs
from crm_pipeline.match.review.followed import Followed
from crm_pipeline.match.scores.inside import Inside
from crm_pipeline.match.scores.scored import TIERS, Flags, Ids, Scored, packed, register_ids
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection

_AUTO = TIERS.index(Tier.AUTO)


def join(
    connection: Connection,
    kind: Kind,
    rows: Scored,
    inside: Inside,
    followed: Followed,
    seeds: Flags | None,
    spoken: Sequence[str],
    once: Sequence[str],
) -> None:
    """Cluster the components with a record of `seeds` (ids; None: everybody) anew. `spoken`: keys of records about
    which something was decided; `once`: objects (salesforce/Contact) of which a customer has one record only."""
    automatic = rows.where(rows.tier == _AUTO)
    accepted = followed.places(followed.accepted)
    highest = max(int(ids.max(initial=0)) for ids in (automatic.r, *accepted))
    top = max(highest + 1, len(seeds) if seeds is not None else 0)
    labels = components(top, np.concatenate((automatic.l, accepted[0])), np.concatenate((automatic.r, accepted[1])))
    chosen = np.ones(top, dtype=np.bool_)
    if seeds is not None:
        begin = np.zeros(top, dtype=np.bool_)
        begin[: len(seeds)] = seeds
        # Records that are not compared are few, and only in accepted pairs: always looked at again.
        begin[np.concatenate(accepted)] = True
        chosen = affected(labels, begin)
    several = np.bincount(labels, minlength=top)[labels] > 1
    keys, numbers = _keys(connection, kind, followed, chosen & several)
    place = np.full(top, -1, dtype=np.int32)
    place[numbers] = np.arange(len(numbers), dtype=np.int32)
    result = _clusters(keys, place, automatic, inside, followed, once)
    _write(connection, kind, keys, result, None if seeds is None else chosen, spoken)


def labels(connection: Connection, kind: Kind, count: int) -> Ids:
    """Of each id below `count` the smallest id in its cluster."""
    found = connection.execute(
        f"select id, min(id) over (partition by cluster) as label from match.{kind.value} "
        "join match.cluster c using (record_key) where c.kind = ?",
        [kind],
    ).fetchnumpy()
    label = np.arange(count, dtype=np.int32)
    label[found["id"]] = found["label"]
    return label


def merge(connection: Connection, kind: Kind, label: Ids) -> None:
    """Join the clusters of records with one label (by id); the result is called after the first of them."""
    connection.register("label_frame", pd.DataFrame({"id": np.arange(len(label), dtype=np.int32), "label": label}))
    connection.execute(
        f"""
        update match.cluster set cluster = m.first from (
            select cluster, min(cluster) over (partition by label) as first from (
                select distinct cluster, label from match.cluster
                join match.{kind.value} using (record_key) join label_frame using (id) where match.cluster.kind = $kind
            )
        ) m where match.cluster.cluster = m.cluster and match.cluster.kind = $kind and m.first <> m.cluster
        """,
        {"kind": kind},
    )
    connection.unregister("label_frame")


def _keys(
    connection: Connection, kind: Kind, followed: Followed, ids: Flags
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Record keys, ascending, and their ids."""
    register_ids(connection, "clustered", ids)
    found = connection.execute(
        f"select record_key, id from match.{kind.value} semi join clustered using (id)"
    ).fetchnumpy()
    connection.execute("drop table clustered")
    known = set(found["id"].tolist())
    others = [(key, n) for key, n in followed.ids.items() if n not in known and n < len(ids) and ids[n]]
    keys = np.array([*found["record_key"], *(key for key, _ in others)], dtype=np.object_)
    numbers = np.array([*found["id"].tolist(), *(number for _, number in others)], dtype=np.int64)
    order = np.argsort(keys)
    return keys[order], numbers[order]


def _clusters(
    keys: NDArray[np.object_],
    place: NDArray[np.int32],
    automatic: Scored,
    inside: Inside,
    followed: Followed,
    once: Sequence[str],
) -> Clusters:
    def pairs(left: Ids, right: Ids) -> Pairs:
        found = Pairs(_at(place, left), _at(place, right))
        return found.where((found.left >= 0) & (found.right >= 0))

    sure = Links(_at(place, automatic.l), _at(place, automatic.r), _log_odds(automatic.posterior))
    sure = sure.where((sure.left >= 0) & (sure.right >= 0))
    unsure = inside.where(~np.isin(packed(inside.l, inside.r), packed(automatic.l, automatic.r)))
    compared = Links(_at(place, unsure.l), _at(place, unsure.r), unsure.weight)
    contradicting = inside.where(inside.contradicts)
    return clusters(
        keys,
        sure,
        compared=compared.where((compared.left >= 0) & (compared.right >= 0)),
        contradictory=pairs(contradicting.l, contradicting.r),
        accepted=pairs(*followed.places(followed.accepted)),
        rejected=pairs(*followed.places(followed.rejected)),
        once=at_most_one(keys, once) if once else None,
    )


def _at(place: NDArray[np.int32], ids: Ids) -> NDArray[np.int32]:
    """The places of ids, -1 for those that take no part."""
    found = np.full(len(ids), -1, dtype=np.int32)
    known = ids < len(place)
    found[known] = place[ids[known]]
    return found


def _log_odds(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(posterior, 1e-9, 1 - 1e-9)
    found: NDArray[np.float64] = np.log10(bounded / (1 - bounded))
    return found


def _write(
    connection: Connection,
    kind: Kind,
    keys: NDArray[np.object_],
    result: Clusters,
    chosen: Flags | None,
    spoken: Sequence[str],
) -> None:
    """`chosen`: ids whose clusters are known anew; None: of everybody."""
    frame = pd.DataFrame({"record_key": keys, "cluster": keys[result.labels]}, dtype="str")
    connection.register("cluster_frame", frame)
    connection.execute("create or replace temp table clustered as select record_key, cluster from cluster_frame")
    connection.unregister("cluster_frame")
    if chosen is None:
        connection.execute("delete from match.cluster where kind = ?", [kind])
        connection.execute("delete from match.problem where kind = ?", [kind])
    else:
        register_ids(connection, "chosen", chosen)
        connection.execute(
            f"""
            create or replace temp table outdated as
            select record_key from match.{kind.value} semi join chosen using (id)
            union select record_key from gone union select record_key from clustered
            union select record_key from match.cluster
            where kind = $kind and hash(record_key) not in (select hash(record_key) from normalise.{kind.value})
            union select unnest($spoken::varchar[])
            """,
            {"kind": kind, "spoken": list(spoken)},
        )
        connection.execute("delete from match.cluster where kind = ? and record_key in (from outdated)", [kind])
        connection.execute(
            "delete from match.problem where kind = ? "
            "and (left_key in (from outdated) or right_key in (from outdated))",
            [kind],
        )
        connection.execute("drop table chosen; drop table outdated")
    connection.execute("insert into match.cluster select ?, record_key, cluster from clustered", [kind])
    connection.execute(
        f"""
        insert into match.cluster select $kind, record_key, record_key from normalise.{kind.value}
        where hash(record_key) not in (select hash(record_key) from match.cluster where kind = $kind)
        """,
        {"kind": kind},
    )
    connection.execute("drop table clustered")
    found = [(p.left_key, p.right_key, p.problem) for p in result.problems]
    problems = pd.DataFrame(found, columns=pd.Index(["left_key", "right_key", "problem"]), dtype="str")
    connection.register("problem_frame", problems)
    connection.execute("insert into match.problem select ?, left_key, right_key, problem from problem_frame", [kind])
    connection.unregister("problem_frame")
