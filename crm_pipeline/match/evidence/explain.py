"""Why two records are, may be or are not one customer: every step from the prior odds to the tier.

Belongs here: the steps of one pair, whether some rule brought it or not. Not here: how they are printed (cli/).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crm_pipeline.errors import NotFoundError
from crm_pipeline.match.comparison import compare
from crm_pipeline.match.evidence import evidence
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.terms import rarities
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.load import load
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.scores.pattern import standings
from crm_pipeline.match.scores.scored import TIERS
from crm_pipeline.match.scores.scoring import grouped, weigh
from crm_pipeline.match.vocabulary import Compared
from crm_pipeline.model import MATCHED, Kind, Tier
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall: `weight` is log10 of what the odds are multiplied by."""

    words: str
    words_ja: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """`steps` add up to log10 of the odds before other candidates compete; `why`: what the tier says, in words.

    `compared`: whether the last run compared the pair; `posterior` and `candidates` are its, else of the pair alone.
    `said`: a person's newest word; `golden`: the golden ids of both now.
    """

    kind: Kind
    left_key: str
    right_key: str
    steps: tuple[Step, ...]
    compared: bool
    posterior: float
    candidates: int
    tier: Tier
    why: str
    said: str
    golden: tuple[str, str]


def explain(connection: Connection, models: dict[Kind, Model], one: str, other: str) -> Explanation:
    """Compare two records, named by their keys, with the models of the last run.

    Raises NotFoundError for a record that the last run did not match, and for a person beside a company.
    """
    left, right = sorted((one, other))
    kind = _kind(connection, left, right)
    ids = dict(
        connection.execute(
            f"select record_key, id from match.{kind.value} where record_key in (?, ?)", [left, right]
        ).fetchall()
    )
    connection.execute("create or replace temp table explained as select unnest(?::integer[]) as id", [[*ids.values()]])
    subjects = load(connection, kind, "explained")
    comparisons = PERSON if kind is Kind.PERSON else COMPANY
    places = [np.searchsorted(subjects.ids, [ids[key]]).astype(np.int32) for key in (left, right)]
    model = models.get(kind)
    if model is None:
        raise NotFoundError(f"there is no model of a {kind} yet; run the pipeline once first")
    compared = compare(subjects, comparisons, places[0], places[1], rarities(subjects, model.terms))
    weighed = weigh(compared, model)
    numbers = [np.array([ids[key]], dtype=np.int32) for key in (left, right)]
    evidence.write(connection, kind, [evidence.Portion(numbers[0], numbers[1], compared, weighed.parts)])
    prior = model.prior.get(_sources(subjects, places))
    steps = [
        Step("chance of any two records", "任意の2件が同一である確率", math.log10(prior) if prior else 0.0),
        *_pieces(connection),
        *_counted_once(compared, weighed.parts),
    ]
    odds = 10 ** sum(step.weight for step in steps)
    standing = standings(weighed.pattern, comparisons)[int(weighed.pattern[0])]
    known = connection.execute(
        "select posterior, candidates, tier, why_not_auto from match.pair where left_key = ? and right_key = ?",
        [left, right],
    ).fetchone()
    scored = connection.execute(
        "select posterior, candidates, tier from match.scored where kind = $kind "
        "and (l, r) in (select ($l, $r) union select ($r, $l))",
        {"kind": kind, "l": ids[left], "r": ids[right]},
    ).fetchone()
    posterior, candidates, tier = scored or (odds / (1 + odds), 1, TIERS.index(Tier.NONE))
    return Explanation(
        kind,
        left,
        right,
        tuple(steps),
        scored is not None,
        posterior,
        candidates,
        TIERS[tier],
        (known[3] if known else standing.why_not_auto) or "",
        _said(connection, left, right),
        _golden(connection, left, right),
    )


def _kind(connection: Connection, left: str, right: str) -> Kind:
    kinds = {
        key: Kind(kind)
        for kind in MATCHED
        for (key,) in connection.execute(
            f"select record_key from match.{kind.value} where record_key in (?, ?)", [left, right]
        ).fetchall()
    }
    if left == right:
        raise NotFoundError(f"{left} is one record; name two")
    for key in (left, right):
        if key not in kinds:
            raise NotFoundError(
                f"the last run matched no record {key}; a key is system/object/id as `crm-pipeline review list` and "
                "the table golden.link name them"
            )
    if kinds[left] is not kinds[right]:
        raise NotFoundError(f"{left} is a {kinds[left]} and {right} a {kinds[right]}; only equals are compared")
    return kinds[left]


def _sources(subjects: Subjects, places: Sequence[np.ndarray]) -> tuple[str, str]:
    source = subjects.values["source"]
    one, other = (source.distinct[source.codes[place[0]]] for place in places)
    return one, other


def _pieces(connection: Connection) -> Iterator[Step]:
    """The evidence of the only pair of the table `evidence_text`, the strongest first."""
    ((texts,),) = connection.execute("select evidence from evidence_text").fetchall()
    for piece in json.loads(texts):
        yield Step(piece["words"], piece["words_ja"], piece["weight"])


def _counted_once(compared: Compared, parts: np.ndarray) -> Iterator[Step]:
    """What is taken off because several pieces of evidence are one fact, or a name weighs no more than so much."""
    for group in dict.fromkeys(c.group for c in compared.comparisons):
        places = [i for i, c in enumerate(compared.comparisons) if c.group == group or c.groups]
        inside = [i for i in places if _in_group(compared, i, group)]
        if len(inside) < 2:
            continue
        some = Compared(
            [compared.comparisons[i] for i in inside], compared.levels[:, inside], compared.rarity[:, inside]
        )
        surplus = float(grouped(some, parts[:, inside])[0] - parts[0, inside].sum())
        if abs(surplus) >= 0.005:
            yield Step(
                f"one fact, counted once: {group.replace('_', ' ')}", f"同じ事実は一度だけ数える：{group}", surplus
            )


def _in_group(compared: Compared, place: int, group: str) -> bool:
    """Whether the pair's outcome of a comparison counts in this group."""
    comparison, code = compared.comparisons[place], int(compared.levels[0, place])
    return code > 0 and comparison.group_of(comparison.levels[code - 1].name) == group


def _said(connection: Connection, left: str, right: str) -> str:
    found = connection.execute(
        "select verdict || ', says ' || decided_by from match.said where left_key = ? and right_key = ?", [left, right]
    ).fetchone()
    return str(found[0]).replace("_", " ") if found else ""


def _golden(connection: Connection, left: str, right: str) -> tuple[str, str]:
    ids = dict(
        connection.execute(
            "select record_key, golden_id from golden.link where record_key in (?, ?)", [left, right]
        ).fetchall()
    )
    return ids.get(left, ""), ids.get(right, "")
