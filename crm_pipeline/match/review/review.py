"""The review queue: pairs that wait for a person, and what the person said.

Belongs here: reading match.review, writing state.decision. Not here: what a decision does to clusters (the next match).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection

Verdict = Literal["match", "not_a_match", "unsure"]

#: A pair's short id: it follows from the two record keys, so that it stays the same from run to run.
_ID = "left(md5(p.left_key || ' ' || p.right_key), 8)"
_PAIR = (
    f"{_ID}, p.kind, p.left_key, p.right_key, p.tier, p.posterior, p.candidates, p.why_not_auto, p.evidence, "
    "p.evidence_hash"
)


@dataclass(frozen=True)
class Evidence:
    """One reason for or against, in words; `weight` is log10 of its likelihood ratio."""

    supports: bool
    words: str
    words_ja: str
    weight: float


@dataclass(frozen=True)
class Pair:
    """Two records that may be the same customer. `candidates`: pairs that compete, this one included."""

    pair_id: str
    kind: Kind
    left_key: str
    right_key: str
    tier: Tier
    posterior: float
    candidates: int
    why_not_auto: str
    evidence: tuple[Evidence, ...]
    evidence_hash: str


def waiting(connection: Connection, limit: int | None = None) -> list[Pair]:
    """Pairs in review, the surest first."""
    rows = connection.execute(
        f"select {_PAIR} from match.review p order by p.posterior desc, p.left_key, p.right_key limit ?", [limit]
    )
    return [_pair(row) for row in rows.fetchall()]


def every_pair(connection: Connection) -> list[Pair]:
    """All shown pairs, decided or not."""
    return [_pair(row) for row in connection.execute(f"select {_PAIR} from match.pair p").fetchall()]


def find(connection: Connection, names: Sequence[str]) -> Pair:
    """The pair with this short id, or of these two record keys in either order. Raises NotFoundError, ConfigError."""
    if len(names) == 2:
        where, values = "p.left_key = ? and p.right_key = ?", sorted(names)
    elif len(names) == 1:
        where, values = f"starts_with({_ID}, ?)", list(names)
    else:
        raise ConfigError("name one pair: its short id, or its two record keys")
    rows = connection.execute(f"select {_PAIR} from match.pair p where {where} limit 2", values).fetchall()
    if not rows:
        raise NotFoundError(f"no pair is called {' '.join(names)}; `crm-pipeline review list` names them")
    if len(rows) > 1:
        raise NotFoundError(f"several pairs have an id that begins with {names[0]}; give more of it")
    return _pair(rows[0])


def records(connection: Connection, pairs: Iterable[Pair]) -> dict[str, Mapping[str, Any]]:
    """Record key -> raw fields, as the CRM gave them, of both records of each pair."""
    keys = sorted({key for pair in pairs for key in (pair.left_key, pair.right_key)})
    rows = connection.execute(
        "select record_key, fields from raw.record where record_key in (select unnest(?::varchar[]))", [keys]
    ).fetchall()
    return {key: json.loads(fields) for key, fields in rows}


def decide(connection: Connection, pair: Pair, verdict: Verdict, by: str, why: str = "") -> None:
    """Remember a person's word on a pair; the next match keeps it. The newest word on a pair counts.

    Raises ConfigError when nobody is named.
    """
    if not by.strip():
        raise ConfigError("a decision needs a name: say who decides with --by")
    connection.execute(
        """
        insert into state.decision
        select left_key, right_key, ?, ?, now(), ?, evidence_hash,
            coalesce((select max(version) from normalise.value), '')
        from match.pair where left_key = ? and right_key = ?
        """,
        [verdict, by.strip(), why, pair.left_key, pair.right_key],
    )


def _pair(row: tuple[Any, ...]) -> Pair:
    pair_id, kind, left, right, tier, posterior, candidates, why_not_auto, evidence, evidence_hash = row
    return Pair(
        pair_id,
        Kind(kind),
        left,
        right,
        Tier(tier),
        posterior,
        candidates,
        why_not_auto or "",
        tuple(
            Evidence(e["verdict"] == "supports", e["words"], e.get("words_ja", ""), e["weight"])
            for e in json.loads(evidence)
        ),
        evidence_hash,
    )
