"""match.pair: the pairs that somebody may look at, with their evidence in words.

Belongs here: which rows are written anew; evidence is made again only for pairs that were compared again. Not here: the
words (evidence.py), which pairs are shown (judging.py).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm_pipeline.match.blocking.rules import names
from crm_pipeline.match.evidence import evidence
from crm_pipeline.match.scores.scored import TIERS, Flags, Ids, Scored, register_ids
from crm_pipeline.match.vocabulary import Compared
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: From ids of pairs to what was compared, and each comparison's own weight.
Comparing = Callable[[Ids, Ids], tuple[Compared, NDArray[np.float32]]]

#: Pairs whose evidence is made at once.
_CHUNK = 250_000

#: Left is the smaller record key. `fresh`: evidence has to be made; `same`: the row is there already, as it is.
_NOW = """
create or replace temp table shown_now as
with keyed as (
    select s.*, a.record_key as l_key, b.record_key as r_key
    from shown_frame s join match.{kind} a on a.id = s.l join match.{kind} b on b.id = s.r
), placed as (
    select * exclude (l, r, l_key, r_key), if(l_key < r_key, l, r) as l, if(l_key < r_key, r, l) as r,
        least(l_key, r_key) as left_key, greatest(l_key, r_key) as right_key
    from keyed
)
select n.*, b.names, p.evidence, p.evidence_hash, again or p.evidence is null as fresh, coalesce(
    not again and p.weight = n.weight and p.posterior = n.posterior and p.tier = n.tier and p.candidates = n.candidates
    and p.rules = b.names and p.why_not_auto is not distinct from n.why_not_auto and p.pattern = n.pattern, false
) as same
from placed n join bits b using (rules) left join match.pair p
    on p.kind = $kind and p.left_key = n.left_key and p.right_key = n.right_key
"""

_INSERT = """
insert into match.pair by name
select $kind as kind, n.left_key, n.right_key, weight, posterior, tier, coalesce(e.evidence, n.evidence) as evidence,
    coalesce(e.evidence_hash, n.evidence_hash) as evidence_hash, candidates, names as rules, why_not_auto, pattern
from shown_now n left join evidence_text e on n.fresh and e.l = n.l and e.r = n.r
where not same
"""


def write(
    connection: Connection,
    kind: Kind,
    rows: Scored,
    tier: NDArray[np.int8],
    why: NDArray[np.object_],
    *,
    again: Flags,
    of: Flags | None,
    comparing: Comparing,
) -> None:
    """Write `rows` with `tier` in place of all rows of the records `of` (ids; None: of all rows).

    `again`: rows whose evidence may be another than before.
    """
    names_of = ("l", "r", "rules", "weight", "posterior", "candidates")
    frame = pd.DataFrame({name: getattr(rows, name) for name in names_of})
    frame = frame.assign(
        pattern=rows.pattern,
        again=again,
        tier=np.array([t.value for t in TIERS], dtype=np.object_)[tier],
        why_not_auto=why,
    )
    connection.register("shown_frame", frame.astype({"tier": "str", "why_not_auto": "str"}))
    _name_rules(connection, kind, rows)
    connection.execute(_NOW.format(kind=kind.value), {"kind": kind})
    connection.unregister("shown_frame")
    _forget(connection, kind, of)
    _make_evidence(connection, kind, comparing)
    connection.execute(_INSERT, {"kind": kind})
    for table in ("shown_now", "bits", "evidence_text"):
        connection.execute(f"drop table temp.{table}")


def _name_rules(connection: Connection, kind: Kind, rows: Scored) -> None:
    """The temporary table `bits` (rules, names)."""
    distinct = np.unique(rows.rules)
    frame = pd.DataFrame({"rules": distinct, "names": ["|".join(names(int(bits), kind)) for bits in distinct]})
    connection.register("bits_frame", frame.astype({"names": "str"}))
    connection.execute(
        "create or replace temp table bits as "
        "select rules, if(names = '', [], string_split(names::varchar, '|')) as names from bits_frame"
    )
    connection.unregister("bits_frame")


def _forget(connection: Connection, kind: Kind, of: Flags | None) -> None:
    if of is None:
        connection.execute("delete from match.pair where kind = ?", [kind])
        return
    register_ids(connection, "forgotten", of)
    connection.execute(
        f"""
        create or replace temp table forgotten_key as
        select record_key from match.{kind.value} semi join forgotten using (id)
        union all select record_key from gone
        """
    )
    connection.execute(
        "delete from match.pair where kind = ? "
        "and (left_key in (from forgotten_key) or right_key in (from forgotten_key)) "
        "and (left_key, right_key) not in (select (left_key, right_key) from shown_now where same)",
        [kind],
    )
    connection.execute("drop table forgotten; drop table forgotten_key")


def _make_evidence(connection: Connection, kind: Kind, comparing: Comparing) -> None:
    """By parts: what is compared of all pairs at once would not fit the memory."""
    fresh = connection.execute("select l, r from shown_now where fresh").fetchnumpy()
    left, right = (np.asarray(fresh[side], dtype=np.int32) for side in ("l", "r"))
    parts = ((left[begin : begin + _CHUNK], right[begin : begin + _CHUNK]) for begin in range(0, len(left), _CHUNK))
    evidence.write(connection, kind, (evidence.Portion(*ends, *comparing(*ends)) for ends in parts))
