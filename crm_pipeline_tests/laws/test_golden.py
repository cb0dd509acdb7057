"""Laws 32, 33, 34, 36 and 39: the partition, stable ids, provenance, survivorship."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.golden.entity import number_of
from crm_pipeline.model import Kind
from crm_pipeline_tests.golden import reference, reference_values
from crm_pipeline_tests.golden.reference import Assigned, Known, Record
from crm_pipeline_tests.golden.reference_values import Candidate
from crm_pipeline_tests.golden.sets import assign, survive, told

#: Each example is a dozen statements.
fewer = settings(max_examples=20, deadline=None)
START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [f"hubspot/contacts/{n}" for n in range(6)]
#: Cluster number of each record; None: it is not there (yet).
partition = st.lists(st.none() | st.integers(0, 3), min_size=len(KEYS), max_size=len(KEYS))
retirement = st.lists(st.none() | st.integers(0, len(KEYS) - 1), min_size=len(KEYS), max_size=len(KEYS))


def _records(keys: list[str], gone: Mapping[str, str | None] | None = None) -> list[Record]:
    gone = gone or {}
    return [
        Record(key, START + timedelta(days=KEYS.index(key)), "merged" if key in gone else None, gone.get(key))
        for key in keys
    ]


def _clusters(drawn: list[int | None]) -> dict[str, str]:
    return {key: str(number) for key, number in zip(KEYS, drawn, strict=True) if number is not None}


def _known(assigned: Assigned) -> Known:
    return Known(assigned.anchors, assigned.links, assigned.last)


def _groups(links: Mapping[str, str]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, name in links.items():
        found.setdefault(name, set()).add(key)
    return {frozenset(members) for members in found.values()}


@fewer
@given(st.lists(st.tuples(partition, retirement), min_size=1, max_size=4))
def test_law_32_partition(history: list[tuple[list[int | None], list[int | None]]]) -> None:
    """Every record, retired ones included, has exactly one id, and that id exists."""
    known = Known({}, {})
    for drawn, became in history:
        clusters = _clusters(drawn)
        gone = {
            key: KEYS[other] if other is not None else None
            for key, other in zip(KEYS, became, strict=True)
            if key not in clusters
        }
        assigned = assign(Kind.PERSON, _records(KEYS, gone), clusters, known)
        assert set(assigned.links) == set(KEYS)
        assert set(assigned.links.values()) == set(assigned.anchors)
        live = {key: golden_id for key, golden_id in assigned.links.items() if key in clusters}
        assert _groups(live) == _groups(clusters)
        for key, survivor in gone.items():
            if survivor in clusters:
                assert assigned.links[key] == assigned.links[survivor]
        known = _known(assigned)


@fewer
@given(partition, partition, st.randoms(use_true_random=False))
def test_law_33_order_of_ids(first: list[int | None], second: list[int | None], shuffler: random.Random) -> None:
    def run(shuffle: bool) -> tuple[Assigned, Assigned]:
        results = []
        known = Known({}, {})
        for drawn in (first, second):
            clusters = list(_clusters(drawn).items())
            records = _records([key for key, _ in clusters])
            if shuffle:
                shuffler.shuffle(clusters)
                shuffler.shuffle(records)
            results.append(assign(Kind.PERSON, records, dict(clusters), known))
            known = _known(results[-1])
        return results[0], results[1]

    assert run(False) == run(True)


@fewer
@given(st.lists(st.tuples(partition, retirement), min_size=1, max_size=4))
def test_ids_are_given_as_the_specification_words_it(
    history: list[tuple[list[int | None], list[int | None]]],
) -> None:
    """Sets against one record after the other, with merges, conversions, deletions, splits and records that vanish."""
    known = Known({}, {})
    for drawn, became in history:
        clusters = _clusters(drawn)
        gone = {
            key: KEYS[other] if other is not None else None
            for key, other in zip(KEYS, became, strict=True)
            if key not in clusters and (other is not None or key in known.links)
        }
        records = _records([key for key in KEYS if key in clusters or key in gone], gone)
        assigned = assign(Kind.PERSON, records, clusters, known)
        assert assigned == reference.assign(Kind.PERSON, records, clusters, known)
        known = _known(assigned)


@fewer
@given(st.lists(partition, min_size=2, max_size=5))
def test_law_34_stable_ids(history: list[list[int | None]]) -> None:
    known = Known({}, {})
    ever: set[str] = set()
    for drawn in history:
        clusters = _clusters(drawn)
        gone = {key: None for key in known.links if key not in clusters}
        keys = [key for key in KEYS if key in clusters or key in gone]
        assigned = assign(Kind.PERSON, _records(keys, gone), clusters, known)
        ids = set(assigned.anchors)
        minted = ids - set(known.anchors)
        assert not minted & ever, "an id is never used twice"
        assert assigned.last == known.last + len(minted)
        before = {golden_id: {k for k, v in known.links.items() if v == golden_id} for golden_id in known.anchors}
        after = {golden_id: {k for k, v in assigned.links.items() if v == golden_id} for golden_id in ids}
        for golden_id, members in before.items():
            if members in after.values():
                assert after[golden_id] == members, "unchanged members keep their id"
            if golden_id not in ids:
                survivor = assigned.redirects[golden_id]
                assert number_of(survivor) < number_of(golden_id), "the older id stays"
            elif known.anchors[golden_id] in clusters:
                assert known.anchors[golden_id] in after[golden_id], "the part with the anchor keeps the id"
        assert not set(assigned.redirects) & ids
        assert set(assigned.redirects.values()) <= ids, "redirects lead to their end in one step"
        ever |= ids
        known = _known(assigned)


def test_new_ids_are_minted_in_the_order_of_their_anchors() -> None:
    clusters = {KEYS[3]: "x", KEYS[1]: "x", KEYS[2]: "a"}
    assigned = assign(Kind.PERSON, _records(KEYS[1:4]), clusters, Known({}, {}, last=7))
    assert assigned.links == {KEYS[1]: "person-8", KEYS[3]: "person-8", KEYS[2]: "person-9"}
    assert assigned.anchors == {"person-8": KEYS[1], "person-9": KEYS[2]}


parts = st.tuples(st.sampled_from(["", "松本", "matsumoto"]), st.sampled_from(["", "次郎"]))
candidates = st.lists(st.tuples(parts, st.integers(0, 3), st.booleans()), max_size=4)
agreed_values = st.none() | parts


def _candidates(drawn: list[tuple[tuple[str, str], int, bool]]) -> list[Candidate]:
    return [
        Candidate(
            f"hubspot/contacts/{number}",
            tuple(part or None for part in canonical),
            canonical,
            START + timedelta(days=days),
            primary,
            START,
        )
        for number, (canonical, days, primary) in enumerate(drawn)
    ]


@fewer
@given(candidates, agreed_values)
def test_law_36_provenance(drawn: list[tuple[tuple[str, str], int, bool]], agreed: tuple[str, str] | None) -> None:
    """The golden value is the named record's whole value, and no other value is lost."""
    said = _candidates(drawn)
    survivor = survive(said, agreed)
    filled = [c for c in said if any(c.canonical)]
    if survivor is None:
        assert not filled
        return
    record_key, parts, rule, losing = survivor
    winner = next(c for c in said if c.record_key == record_key)
    assert parts == winner.parts
    lost = {key for key, _ in losing[0]}
    assert lost == {c.record_key for c in filled if c.canonical != winner.canonical}
    for place, of_part in enumerate(losing):
        assert dict(of_part) == {c.record_key: c.parts[place] for c in filled if c.record_key in lost}
    assert (rule == "decided") == (agreed is not None and winner.canonical == agreed)
    if agreed in {c.canonical for c in filled}:
        assert winner.canonical == agreed
    assert survivor == told(reference_values.survive(said, agreed))


@fewer
@given(candidates, agreed_values, st.integers(0, 3), st.booleans())
def test_law_39_survivorship_monotone(
    drawn: list[tuple[tuple[str, str], int, bool]], agreed: tuple[str, str] | None, days: int, primary: bool
) -> None:
    """A member with a blank changes nothing, however new it is and even as the primary."""
    more = _candidates([*drawn, (("", ""), days, primary)])
    assert survive(more, agreed) == survive(more[:-1], agreed)
