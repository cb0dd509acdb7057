"""The match stage: from normalise.* and people's decisions to match.pair, match.cluster, coverage and problems.

Belongs here: the order of the steps and what is written. The result depends on the records, the decisions and the
settings only, never on the order of rows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pandas as pd

from crm_pipeline.config import Settings
from crm_pipeline.match import decisions
from crm_pipeline.match.before import blocking, comparison, features, scoring, weights
from crm_pipeline.match.before.cluster import Clusters, KeyPair, clusters, components
from crm_pipeline.match.before.tier import WORTH_A_LOOK, Numbers, Standing, identifying, speaks_against, tier
from crm_pipeline.match.decisions import Verdict
from crm_pipeline.match.before.words import words
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection, Warehouse


@dataclass(frozen=True)
class MatchResult:
    """Counts of pairs by tier, of clusters with more than one record, and of problems."""

    pairs: Mapping[str, int]
    clusters: int
    problems: int


@dataclass(frozen=True)
class _Judged:
    l: int  # noqa: E741 - left and right, as everywhere in these tables
    r: int
    weight: float
    posterior: float
    tier: Tier
    candidates: int
    why_not_auto: str | None

    @property
    def pair(self) -> scoring.Pair:
        return self.l, self.r


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> MatchResult:
    """Match companies, then people. Nothing is kept of earlier results but decisions, links and golden records."""
    with warehouse.connect() as connection:
        tiers: Counter[str] = Counter()
        for table in ("pair", "cluster", "coverage", "problem"):
            connection.execute(f"delete from match.{table}")
        for kind in (Kind.COMPANY, Kind.PERSON):
            tiers.update(_match(connection, kind, settings))
        row = connection.execute(
            "select count(*), (select count(*) from match.problem) "
            "from (select 1 from match.cluster group by cluster having count(*) > 1)"
        ).fetchone()
    assert row
    return MatchResult({t.value: tiers[t.value] for t in Tier}, int(row[0]), int(row[1]))


def _match(connection: Connection, kind: Kind, settings: Settings) -> Counter[str]:
    records = [key for (key,) in connection.execute(f"select record_key from normalise.{kind}").fetchall()]
    if not records:
        return Counter()
    known = set(records)
    decided = [d for d in decisions.newest(connection) if d.left_key in known and d.right_key in known]
    carried = [pair for pair in decisions.carried_links(connection) if pair[0] in known and pair[1] in known]
    accepted = list(dict.fromkeys([*(d.pair for d in decided if d.verdict is Verdict.MATCH), *carried]))

    features.prepare(connection, kind, settings)
    keys = [key for (key,) in connection.execute("select record_key from subject order by id").fetchall()]
    ids = {key: number for number, key in enumerate(keys, start=1)}
    verdicts = {
        (ids[d.left_key], ids[d.right_key]): d.verdict for d in decided if d.left_key in ids and d.right_key in ids
    }
    linked = _among_subjects(accepted, ids)
    _load_verdicts(connection, verdicts)

    weights.load(connection, kind)
    blocking.block(connection, kind)
    comparison.start(connection)
    comparison.compare(connection, kind, "pair")
    scoring.score(connection, kind, settings.match)
    if scoring.complete(connection, scoring.strong_pairs(connection) + linked):
        comparison.compare(connection, kind, "closure")
        scoring.score(connection, kind, settings.match)
    scoring.compete(connection, scoring.strong_pairs(connection) + linked)

    judged = _shown(list(_judge(connection, kind, settings, verdicts)), verdicts, settings)
    _write_pairs(connection, kind, judged)

    def named(pair: scoring.Pair) -> KeyPair:
        return keys[pair[0] - 1], keys[pair[1] - 1]

    automatic = [named(p.pair) for p in judged if p.tier is Tier.AUTO]
    rejected = frozenset(d.pair for d in decided if d.verdict is Verdict.NOT_A_MATCH)
    contradictory = frozenset(named(pair) for pair in connection.execute("select l, r from contradiction").fetchall())
    _write_clusters(connection, kind, clusters(records, accepted, automatic, rejected, contradictory))
    return Counter(pair.tier.value for pair in judged)


def _among_subjects(links: list[KeyPair], ids: Mapping[str, int]) -> list[scoring.Pair]:
    """Links between records that are compared, also those that go through one that is not."""
    return [
        pair
        for members in components(links)
        for pair in pairwise(sorted(ids[member] for member in members if member in ids))
    ]


def _load_verdicts(connection: Connection, verdicts: Mapping[scoring.Pair, Verdict]) -> None:
    connection.execute("create or replace temp table verdict (l integer, r integer, verdict varchar)")
    if verdicts:
        frame = pd.DataFrame([(left, right, v.value) for (left, right), v in verdicts.items()])
        connection.register("verdicts", frame)
        connection.execute("insert into verdict from verdicts")
        connection.unregister("verdicts")


def _judge(
    connection: Connection, kind: Kind, settings: Settings, verdicts: Mapping[scoring.Pair, Verdict]
) -> Iterator[_Judged]:
    torn = set(connection.execute("select l, r from torn").fetchall())
    rows = connection.execute(
        "select l, r, weight, posterior, share, candidates, highest, lowest, why "
        "from judged join standing using (pattern, placeholder) left join verdict using (l, r) "
        "where posterior >= ? or lowest <> 'none' or verdict is not null order by l, r",
        [WORTH_A_LOOK],
    ).fetchall()
    for left, right, weight, posterior, share, candidates, highest, lowest, why in rows:
        pair = (left, right)
        allowed = Standing(Tier(highest), Tier(lowest), why)
        found, reason = tier(allowed, Numbers(posterior, share, candidates), settings.match)
        if found is Tier.AUTO and pair in torn:
            found, reason = Tier.RECOMMENDED, "another sure candidate contradicts this one"
        if found is Tier.AUTO and verdicts.get(pair) is Verdict.NOT_A_MATCH:
            found, reason = Tier.RECOMMENDED, "a person decided that they do not match"
        yield _Judged(left, right, weight, posterior, found, candidates, reason)


def _shown(judged: list[_Judged], verdicts: Mapping[scoring.Pair, Verdict], settings: Settings) -> list[_Judged]:
    """Links, recommendations, the best possible matches of each record, and every pair that somebody decided."""
    taken: Counter[int] = Counter()
    shown = []
    for pair in sorted(judged, key=lambda p: (-p.posterior, -p.weight, p.l, p.r)):
        if pair.tier is Tier.POSSIBLE:
            most = settings.match.candidates_per_record
            if max(taken[pair.l], taken[pair.r]) < most:
                taken.update(pair.pair)
                shown.append(pair)
                continue
        elif pair.tier is not Tier.NONE:
            shown.append(pair)
            continue
        if pair.pair in verdicts:
            shown.append(replace(pair, tier=Tier.NONE))
    return shown


def _write_pairs(connection: Connection, kind: Kind, judged: list[_Judged]) -> None:
    if not judged:
        return
    columns = ["l", "r", "weight", "posterior", "tier", "candidates", "why_not_auto"]
    frame = pd.DataFrame(
        [(p.l, p.r, p.weight, p.posterior, p.tier.value, p.candidates, p.why_not_auto) for p in judged],
        columns=pd.Index(columns),
    )
    connection.register("judged_frame", frame)
    connection.execute("create or replace temp table shown as from judged_frame")
    connection.unregister("judged_frame")
    texts = pd.DataFrame(_evidence(connection, kind), columns=pd.Index(["l", "r", "evidence", "evidence_hash"]))
    connection.register("evidence_frame", texts)
    connection.execute(
        """
        insert into match.pair
        select $kind, a.record_key, b.record_key, weight, posterior, tier, evidence, evidence_hash, candidates, rules,
            why_not_auto, 0
        from shown join evidence_frame using (l, r) join pair using (l, r)
        join subject a on a.id = l join subject b on b.id = r
        order by a.record_key, b.record_key
        """,
        {"kind": kind},
    )
    connection.unregister("evidence_frame")


def _evidence(connection: Connection, kind: Kind) -> list[tuple[int, int, str, str]]:
    """For each shown pair its evidence as JSON, strongest first, and the hash of what was compared."""
    rows = connection.execute(
        "select l, r, comparison, outcome, weight::double, coalesce(l_value, ''), coalesce(r_value, '') "
        "from evidence semi join shown using (l, r) order by l, r, abs(weight) desc, comparison, outcome"
    ).fetchall()
    by_pair: dict[scoring.Pair, list[tuple[Any, ...]]] = defaultdict(list)
    for left, right, *item in rows:
        by_pair[left, right].append(tuple(item))
    table = weights.of(kind)
    identifiers = identifying(table)
    texts = []
    for (left, right), items in by_pair.items():
        chips = []
        for name, outcome, weight, left_value, right_value in items:
            english, japanese = words((name, outcome), left_value, right_value)
            verdict = "contradicts" if speaks_against(table[name, outcome].force) else "supports"
            chip = {"comparison": name, "verdict": verdict, "weight": weight, "words": english, "words_ja": japanese}
            chips.append(chip)
        compared = sorted((name, outcome, lv, rv) for name, outcome, _, lv, rv in items)
        identified = [item for item in compared if item[:2] in identifiers]
        texts.append((left, right, json.dumps(chips, ensure_ascii=False), f"{_hash(identified)}-{_hash(compared)}"))
    return texts


def _hash(items: object) -> str:
    return hashlib.sha256(json.dumps(items, ensure_ascii=False).encode()).hexdigest()[:12]


def _write_clusters(connection: Connection, kind: Kind, joined: Clusters) -> None:
    frame = pd.DataFrame(list(joined.of.items()), columns=pd.Index(["record_key", "cluster"]))
    connection.register("cluster_frame", frame)
    connection.execute("insert into match.cluster select ?, record_key, cluster from cluster_frame", [kind])
    connection.unregister("cluster_frame")
    for problem in joined.problems:
        connection.execute(
            "insert into match.problem values (?, ?, ?, ?)",
            [kind, problem.left_key, problem.right_key, problem.problem],
        )
