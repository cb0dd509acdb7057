"""What becomes one cluster, and the words for what does not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from crm_pipeline.match.cluster.joining import clusters
from crm_pipeline.match.cluster.pairs import no_links
from crm_pipeline_tests.match.cluster.shapes import groups, joined, of, words

KEYS = list("abcdefghij")
SURE = 5.0


def _all(members: str, weight: float = SURE) -> dict[tuple[str, str], float]:
    return dict.fromkeys(combinations(members, 2), weight)


def test_nothing_is_linked_with_nothing() -> None:
    assert clusters([], no_links()).labels.tolist() == []
    assert groups(KEYS, joined(KEYS, {})) == []


def test_sure_links_join_and_the_label_is_the_smallest_key() -> None:
    result = joined(KEYS[::-1], {("c", "b"): SURE, ("d", "c"): SURE, ("b", "d"): SURE})
    assert groups(KEYS[::-1], result) == ["bcd"]
    assert {of(KEYS[::-1], result)[key] for key in "bcd"} == {"b"}
    assert result.problems == ()


def test_a_record_found_by_another_value_joins_a_pair() -> None:
    assert groups(KEYS, joined(KEYS, {("a", "b"): SURE, ("b", "c"): SURE})) == ["abc"]


def test_a_weak_bridge_does_not_join_two_customers() -> None:
    result = joined(KEYS, _all("abc") | _all("def") | {("a", "d"): SURE})
    assert groups(KEYS, result) == ["abc", "def"]
    expected = "not linked: it would join 3 and 3 records, and of the 9 pairs between them only 1 would be sure"
    assert words(result) == {("a", "d"): expected}


def test_evidence_against_the_others_outweighs_a_link() -> None:
    assert groups(KEYS, joined(KEYS, {("a", "b"): SURE, ("b", "c"): 4.0}, {("a", "c"): -3.0})) == ["abc"]
    assert groups(KEYS, joined(KEYS, {("a", "b"): SURE, ("b", "c"): 4.0}, {("a", "c"): -4.5})) == ["ab"]


def test_pairs_that_are_not_sure_never_join_by_themselves() -> None:
    assert groups(KEYS, joined(KEYS, {("a", "b"): SURE}, {("b", "c"): 2.0, ("a", "c"): 2.0, ("d", "e"): 2.0})) == ["ab"]


def test_contradictory_evidence_keeps_apart_through_any_path() -> None:
    result = joined(KEYS, {("a", "b"): 6.0, ("b", "c"): 5.0}, contradictory=[("c", "a")])
    assert groups(KEYS, result) == ["ab"]
    assert words(result) == {("b", "c"): "not linked: it would join a and c, whose evidence is contradictory"}


def test_a_decision_outranks_contradictory_evidence_and_the_score() -> None:
    result = joined(KEYS, {("b", "c"): SURE}, accepted=[("a", "b")], contradictory=[("a", "b")], rejected=[("a", "c")])
    assert groups(KEYS, result) == ["ab"]
    assert words(result) == {("b", "c"): "not linked: it would join a and c, which are decided not to match"}


def test_of_contradictory_decisions_the_newest_are_kept_and_the_other_is_reported() -> None:
    accepted = [("b", "c"), ("a", "b"), ("e", "d")]
    result = joined(KEYS, {}, accepted=accepted, rejected=[("c", "a")])
    assert groups(KEYS, result) == ["bc", "de"]
    assert words(result) == {("a", "b"): "accepted, but it would join a and c, which are decided not to match"}


def test_at_most_one_record_of_an_object_where_that_is_wanted() -> None:
    once = {"a": 1, "b": 2, "c": 1}
    result = joined(KEYS, {("a", "b"): 6.0, ("b", "c"): 5.0, ("a", "c"): 5.0}, once=once)
    assert groups(KEYS, result) == ["ab"]
    told = "not linked: it would join a and c, and of these a customer has one only"
    assert words(result) == {("b", "c"): told, ("a", "c"): told}
    assert groups(KEYS, joined(KEYS, {("b", "c"): 5.0}, accepted=[("a", "c")], once=once)) == ["abc"]


def test_a_key_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        clusters(["b", "a", "b"], no_links())


def test_long_keys_that_begin_alike_are_told_apart() -> None:
    keys = [f"{'x' * 80}{letter}" for letter in "abc"]
    links = {(keys[0], keys[1]): SURE, (keys[1], keys[2]): SURE}
    assert np.unique(joined(keys, links, contradictory=[(keys[0], keys[2])]).labels).size == 2
