"""The chain from normalised records to match.pair and match.cluster, for what changed since the last run.

Belongs here: the order of the steps and how far a change reaches. For one model, one set of settings and the same
decisions, what was matched in pieces equals what is matched at once (law 37): every figure follows from the records
near it, and everything near enough to a change is done again. Not here: the steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crm_pipeline.config import Settings
from crm_pipeline.match import state
from crm_pipeline.match.blocking import pairs, refresh_keys
from crm_pipeline.match.cluster import clustering, collective
from crm_pipeline.match.cluster.closure import torn
from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.desk import Desk
from crm_pipeline.match.evidence import shown
from crm_pipeline.match.features import refresh
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.records.population import first_free, population
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.review.followed import follow, news
from crm_pipeline.match.scores import scored
from crm_pipeline.match.scores.comparing import Comparing, compared
from crm_pipeline.match.scores.scored import TIERS, Flags, Scored, packed
from crm_pipeline.match.tiers import competition, judging
from crm_pipeline.match.tiers.expected import settings_of_file
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection

_AUTO = TIERS.index(Tier.AUTO)
#: Odds from which on two rows of a file are rather one customer than two.
_LIKELY = 3.0


def run(
    connection: Connection,
    kind: Kind,
    settings: Settings,
    model: Model,
    comparisons: Sequence[Comparison],
    subjects: Subjects | None = None,
) -> None:
    """Bring match.pair, match.cluster, match.problem and all that they are made from up to date for one kind.

    Reads normalise.<kind>, decisions and, for people, the clusters of companies: companies go first. `subjects`: all
    records, where somebody has loaded them already.
    """
    anew = state.begin(connection, kind, settings.match, model)
    refresh(connection, kind, settings, model)
    refresh_keys(connection, kind)
    count = first_free(connection, kind)
    followed = follow(connection, kind, count)
    spoken = news(connection, kind, followed)
    if anew:
        connection.execute(f"create or replace temp table touched as select id from match.{kind.value}")
    elif spoken:
        connection.execute(
            f"insert into touched select id from match.{kind.value} "
            "where list_contains($keys, record_key) and id not in (from touched)",
            {"keys": spoken},
        )
    people = population(connection, kind, count)
    if anew or spoken or people.touched.any() or people.gone.any():
        pairs(connection, kind, settings)
        desk = Desk(connection, kind, settings.match, model, comparisons, followed, people, subjects)
        _evaluate(desk, compared(desk), spoken)
    connection.execute("drop table changed; drop table gone; drop table touched")


def _evaluate(desk: Desk, found: Comparing, spoken: Sequence[str]) -> None:
    """Judge, show and cluster whatever the changes reach."""
    people, connection, kind = desk.population, desk.connection, desk.kind
    reached = _with_neighbours(_with_neighbours(found.near, found.rows), found.removed, found.near)
    judged = found.rows.meets(reached)
    before = found.rows.where(judged & (found.rows.tier == _AUTO))
    contradicting = found.inside.where(found.inside.contradicts)
    strong = found.rows.where(found.rows.strong)
    both = packed(*torn((strong.l, strong.r), (contradicting.l, contradicting.r)))
    rows = _judge(desk, found, judged, both)
    seeds = _ends(before, _ends(found.removed, _ends(rows.where(judged & (rows.tier == _AUTO)), found.near)))
    reach = None if people.everybody else seeds
    clustering.join(connection, kind, rows, found.inside, desk.followed, reach, spoken, desk.settings.at_most_one)
    if _file(desk):
        rows, labels = collective.links(desk, rows, clustering.labels(connection, kind, people.count))
        clustering.merge(connection, kind, labels)
    everything = None if people.everybody else reached
    scored.replace(connection, kind, rows.where(judged), everything)
    _show(desk, rows, found.again, _ends(rows.where(judged), reached), both)


def _file(desk: Desk) -> bool:
    """Whether these are the rows of a file, of which each customer may have many."""
    return any(comparison.learned for comparison in desk.comparisons)


def _judge(desk: Desk, found: Comparing, judged: Flags, both: np.ndarray) -> Scored:
    """All rows, those to be judged with the posterior, share, candidates and tier that they have now."""
    people, rows = desk.population, found.rows
    left, right = found.links
    if _file(desk):
        # Those that are likely one customer do not compete.
        likely = rows.where(rows.odds >= _LIKELY)
        left, right = np.concatenate((left, likely.l)), np.concatenate((right, likely.r))
    inside_a_source = people.source[left] == people.source[right]
    group = components(people.count, left[inside_a_source], right[inside_a_source])
    rejected = desk.followed.rejected_pairs
    near = rows.meets(_ends(rows.where(judged), people.none()))
    rivals = rows.where(near & ~np.isin(packed(rows.l, rows.r), rejected))
    now = rows.where(judged)
    result = competition.compete(
        now.l,
        now.r,
        now.odds,
        people.source,
        group,
        competition.candidates(rivals.l, rivals.r, rivals.odds, people.source, group),
    )
    now = replace(now, posterior=result.posterior, share=result.share, candidates=result.candidates)
    settings = desk.settings
    if _file(desk):
        settings = settings_of_file(now.posterior[desk.allowed.of(now.pattern)[0] == _AUTO], settings)
    now = replace(now, tier=judging.tiers(now, desk.allowed, settings, both, rejected))
    new = {}
    for name in ("posterior", "share", "candidates", "tier"):
        column = getattr(rows, name).copy()
        column[judged] = getattr(now, name)
        new[name] = column
    return replace(rows, **new)


def _show(desk: Desk, rows: Scored, again: Flags, ends: Flags, both: np.ndarray) -> None:
    """Write the pairs of the records `ends` that are shown."""
    people = desk.population
    here = rows.meets(ends)
    near = rows.meets(_ends(rows.where(here), ends))
    visible, tier = judging.shown(
        rows.where(near), desk.settings.candidates_per_record, people.dice, desk.followed.verdicts
    )
    visible &= here[near]
    now = rows.where(near).where(visible)
    shown.write(
        desk.connection,
        desk.kind,
        now,
        tier[visible],
        judging.reasons(now, desk.allowed, desk.settings, both),
        again=again[near][visible],
        of=None if people.everybody else ends,
        comparing=desk.comparing,
    )


def _with_neighbours(ids: Flags, rows: Scored, of: Flags | None = None) -> Flags:
    """`ids`, and whoever has a row with one of them (of them in `of`)."""
    seeds = ids if of is None else of
    found = ids.copy()
    found[rows.r[seeds[rows.l]]] = True
    found[rows.l[seeds[rows.r]]] = True
    return found


def _ends(rows: Scored, ids: Flags) -> Flags:
    """`ids`, and the records of these rows."""
    found = ids.copy()
    found[rows.l] = found[rows.r] = True
    return found
