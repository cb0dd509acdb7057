"""Laws 33, 35, 37 and 38 of clustering, and chains that are meant to be slow or to join strangers."""

from __future__ import annotations

import os
import random
import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.cluster.joining import clusters
from crm_pipeline.match.cluster.pairs import Clusters, Links, Pairs
from crm_pipeline_tests.match.cluster.shapes import Pair, groups, joined, of, pairs, words

#: `make laws`: the chains at their full size.
ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))

RECORDS = [f"hubspot/contacts/{n}" for n in range(8)]
PAIRS = list(combinations(RECORDS, 2))
some_pairs = st.lists(st.sampled_from(PAIRS), max_size=8, unique=True)
links = st.dictionaries(st.sampled_from(PAIRS), st.sampled_from([2.3, 4.0, 4.0, 6.0, 9.0]), max_size=12)
others = st.dictionaries(st.sampled_from(PAIRS), st.sampled_from([-4.0, -1.0, 0.0, 2.0]), max_size=8)


def _one(result: Clusters, pair: Pair) -> bool:
    label = of(RECORDS, result)
    return label[pair[0]] == label[pair[1]]


@given(some_pairs, links, some_pairs, some_pairs)
def test_law_35_steward_constraints(
    accepted: list[Pair], automatic: dict[Pair, float], rejected: list[Pair], contradictory: list[Pair]
) -> None:
    """Rejected pairs are apart through any path; accepted ones are together unless reported; nothing is lost in
    silence, and what people said is kept whatever the evidence says."""
    result = joined(RECORDS, automatic, accepted=accepted, rejected=rejected, contradictory=contradictory)
    assert not any(_one(result, pair) for pair in rejected)
    reported = words(result)
    for pair in {*accepted, *automatic}:
        assert _one(result, pair) != (pair in reported)
    for pair in accepted:
        assert _one(result, pair) or "decided not to match" in reported[pair]
    if accepted and accepted[0] not in rejected:
        assert _one(result, accepted[0]), "the newest decision is never the one that gives way"


@given(some_pairs, some_pairs)
def test_law_35_accepted_pairs_are_one_where_no_decision_contradicts(
    accepted: list[Pair], contradictory: list[Pair]
) -> None:
    result = joined(RECORDS, {}, accepted=accepted, contradictory=contradictory)
    assert all(_one(result, pair) for pair in accepted)
    assert result.problems == ()


@given(links, others, some_pairs, some_pairs, some_pairs, st.booleans(), st.randoms(use_true_random=False))
def test_law_33_order(
    automatic: dict[Pair, float],
    compared: dict[Pair, float],
    accepted: list[Pair],
    rejected: list[Pair],
    contradictory: list[Pair],
    one_only: bool,
    shuffler: random.Random,
) -> None:
    """Neither places of records nor order or direction of pairs matter (the order of decisions is their age)."""
    compared = {pair: weight for pair, weight in compared.items() if pair not in automatic}
    once = {record: 1 << (number % 3) for number, record in enumerate(RECORDS)} if one_only else None

    def run(records: list[str], turn: bool) -> tuple[dict[str, str], object]:
        def shuffled(given: dict[Pair, float]) -> dict[Pair, float]:
            entries = [(pair[::-1] if turn else pair, weight) for pair, weight in given.items()]
            if turn:
                shuffler.shuffle(entries)
            return dict(entries)

        step = -1 if turn else 1
        result = joined(
            records,
            shuffled(automatic),
            shuffled(compared),
            accepted=accepted,
            rejected=rejected[::step],
            contradictory=[pair[::step] for pair in contradictory[::step]],
            once=once,
        )
        return of(records, result), result.problems

    records = list(RECORDS)
    shuffler.shuffle(records)
    assert run(RECORDS, False) == run(records, True)


@given(links, others, some_pairs, some_pairs, some_pairs)
def test_law_37_records_that_links_connect_do_not_depend_on_the_rest(
    automatic: dict[Pair, float],
    compared: dict[Pair, float],
    accepted: list[Pair],
    rejected: list[Pair],
    contradictory: list[Pair],
) -> None:
    """A night that clusters only what it touched gives what clustering everything gives."""
    compared = {pair: weight for pair, weight in compared.items() if pair not in automatic}
    connecting = pairs(RECORDS, [*automatic, *accepted])
    of_component = components(len(RECORDS), connecting.left, connecting.right).tolist()
    full = joined(RECORDS, automatic, compared, accepted=accepted, rejected=rejected, contradictory=contradictory)
    problems = []
    for component in set(of_component):
        part = [record for record, root in zip(RECORDS, of_component, strict=True) if root == component]

        def inside(pair: Pair, part: list[str] = part) -> bool:
            return pair[0] in part and pair[1] in part

        alone = joined(
            part,
            {pair: weight for pair, weight in automatic.items() if inside(pair)},
            {pair: weight for pair, weight in compared.items() if inside(pair)},
            accepted=filter(inside, accepted),
            rejected=filter(inside, rejected),
            contradictory=filter(inside, contradictory),
        )
        assert of(part, alone) == {record: of(RECORDS, full)[record] for record in part}
        problems += alone.problems
    assert sorted(problems, key=repr) == sorted(full.problems, key=repr)


@given(links, others, some_pairs, st.booleans())
def test_law_38_only_sure_links_join(
    automatic: dict[Pair, float], compared: dict[Pair, float], contradictory: list[Pair], one_only: bool
) -> None:
    """A cluster is connected by sure links inside it; contradictory pairs and a second record of an object are not."""
    once = {record: 1 << (number % 3) for number, record in enumerate(RECORDS)} if one_only else None
    result = joined(RECORDS, automatic, compared, contradictory=contradictory, once=once)
    assert not any(_one(result, pair) for pair in contradictory)
    kept = [pair for pair in automatic if _one(result, pair)]
    assert groups(RECORDS, result) == groups(RECORDS, joined(RECORDS, {}, accepted=kept))
    if once:
        for label in set(of(RECORDS, result).values()):
            bits = [once[record] for record, own in of(RECORDS, result).items() if own == label]
            assert len(bits) == len(set(bits))


def _links(left: object, right: object, weight: object) -> Links:
    a, b, w = np.broadcast_arrays(np.asarray(left, np.int32), np.asarray(right, np.int32), np.asarray(weight, float))
    return Links(a, b, w)


def _keys(count: int) -> np.ndarray:
    return np.array([f"hubspot/contacts/{number:07d}" for number in range(count)], dtype=np.object_)


def _star(count: int) -> tuple[Links, dict[str, Links | Pairs]]:
    """A shared info@ mailbox in one record: everybody is linked with it, and nobody with anybody else."""
    return _links(0, np.arange(1, count), np.linspace(2.3, 15, count - 1)), {}


def _chain(count: int) -> tuple[Links, dict[str, Links | Pairs]]:
    """Each is linked with the next, a little surer each time: worked off from one end, it would take a round a link."""
    return _links(np.arange(count - 1), np.arange(1, count), np.linspace(2.3, 9, count - 1)), {}


def _even_chain(count: int) -> tuple[Links, dict[str, Links | Pairs]]:
    return _links(np.arange(count - 1), np.arange(1, count), 6.0), {}


def _sparse(count: int) -> tuple[Links, dict[str, Links | Pairs]]:
    """One name in common: everybody is linked with ten others at random, in one component."""
    random_ = np.random.default_rng(7)
    left = np.repeat(np.arange(count), 10)
    right = random_.integers(0, count, len(left))
    pair = np.unique(np.minimum(left, right) * count + np.maximum(left, right))
    pair = pair[pair // count != pair % count]
    return _links(pair // count, pair % count, 5.0), {}


def _one_phone(count: int) -> tuple[Links, dict[str, Links | Pairs]]:
    """A switchboard: neighbours in the list are compared, every tenth pair looks sure, the names of most differ."""
    near = [(np.arange(count - step), np.arange(step, count)) for step in range(1, 21)]
    left, right = (np.concatenate([pair[side] for pair in near]) for side in (0, 1))
    sure = (left * 7 + right * 13) % 10 == 0
    against = _links(left[~sure], right[~sure], np.where((left + right)[~sure] % 3, -3.0, 0.5))
    return _links(left[sure], right[sure], 4.0), {"compared": against}


def _contradictions(count: int) -> tuple[Links, dict[str, Links | Pairs]]:
    """A chain in which every record contradicts the one after the next."""
    automatic, _ = _even_chain(count)
    return automatic, {"contradictory": Pairs(automatic.left[:-1], automatic.right[1:])}


@pytest.mark.parametrize(
    ("shape", "full", "largest"),
    [
        (_star, 5_000, 16),
        (_chain, 50_000, 12),
        (_even_chain, 50_000, 8),
        (_sparse, 20_000, 20),
        (_one_phone, 50_000, 20),
        (_contradictions, 50_000, 2),
    ],
)
def test_strangers_are_not_chained_and_cost_no_more_than_their_pairs(shape, full: int, largest: int) -> None:  # type: ignore[no-untyped-def]
    """Seconds grow with the pairs; no cluster is larger than one customer may be; every link left out has its words."""
    count = full if ALL else full // 25
    automatic, more = shape(count)
    started = time.perf_counter()
    result = clusters(_keys(count), automatic, **more)
    seconds = time.perf_counter() - started
    assert np.bincount(result.labels).max() <= largest
    apart = result.labels[automatic.left] != result.labels[automatic.right]
    assert len(result.problems) == np.count_nonzero(apart)
    assert seconds < 2 + 5e-5 * (len(automatic) + len(more.get("compared", ())))


def test_decided_chains_that_contradict_each_other_are_joined_link_by_link_in_seconds() -> None:
    count = 50_000 if ALL else 2_000
    chain, _ = _even_chain(count)
    decisions = Pairs(chain.left, chain.right)
    rejected = Pairs(np.array([0, 7], np.int32), np.array([count - 1, 99], np.int32))
    started = time.perf_counter()
    result = clusters(_keys(count), _links([], [], []), accepted=decisions, rejected=rejected)
    assert time.perf_counter() - started < 5
    assert [problem.right_key[-5:] for problem in result.problems] == ["00099"]
    assert result.labels[0] != result.labels[count - 1]
