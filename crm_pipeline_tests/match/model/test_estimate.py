from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.match.model.estimate import estimate
from crm_pipeline.match.model.sample import Drawn, Sample, group, random_pairs
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.scores.scoring import parts
from crm_pipeline.match.vocabulary import Compared, Force
from crm_pipeline_tests.match.model.organisation import begun

SIDE = [("hubspot", "salesforce")]


def drawn(count: int, shares: dict[str, dict[str, float]], seed: int, rarity: float = 3) -> Drawn:
    """Pairs whose levels are drawn with these shares; the rest of a comparison is not comparable."""
    dice = np.random.default_rng(seed)
    levels = np.zeros((count, len(PERSON)), dtype=np.uint8)
    for place, comparison in enumerate(PERSON):
        known = shares.get(comparison.name, {})
        odds = [known.get(level.name, 0.0) for level in comparison.levels]
        levels[:, place] = dice.choice(len(odds) + 1, count, p=[1 - sum(odds), *odds])
    term = [np.array([False, *(level.term for level in c.levels)])[levels[:, i]] for i, c in enumerate(PERSON)]
    rarities = np.where(np.array(term).T, rarity, 0).astype(np.float32)
    return Drawn(Compared(PERSON, levels, rarities), np.zeros(count, dtype=np.uint8))


def together(*parts: Drawn) -> Drawn:
    levels = np.concatenate([part.compared.levels for part in parts])
    rarity = np.concatenate([part.compared.rarity for part in parts])
    return Drawn(Compared(PERSON, levels, rarity), np.zeros(len(levels), dtype=np.uint8))


SAME = {
    "family_name": {"equal": 0.95, "similar": 0.03, "different": 0.02},
    "given_name": {"equal": 0.9, "different": 0.1},
    "e_mail": {"equal": 0.5, "different": 0.1},
    "phone": {"fixed": 0.3, "different": 0.3},
    "birth_date": {"equal": 0.6, "digit": 0.05, "different": 0.05},
}
OTHERS = {
    "family_name": {"equal": 0.002, "similar": 0.001, "different": 0.997},
    "given_name": {"equal": 0.002, "different": 0.998},
    "e_mail": {"different": 0.6},
    "phone": {"fixed": 0.01, "different": 0.59},
    "birth_date": {"digit": 0.01, "different": 0.69},
}


def sample(matches: int, records: int = 1000, same=SAME, others=OTHERS) -> Sample:
    blocked = together(drawn(matches, same, 1), drawn(5000, {**others, "family_name": {"equal": 1.0}}, 2))
    return group(drawn(50_000, others, 3), blocked, 1.0, SIDE, [records * records])


def test_weights_are_what_pairs_of_customers_and_of_strangers_say():
    model = estimate(begun(), PERSON, sample(800))
    # Blocking brings everybody who shares a number: 1 % of 5,000 strangers, of a million pairs of which 60 % have one.
    assert model.weights["phone", "fixed"] == pytest.approx(np.log10(0.5 / (50 / 600_000)), abs=0.2)
    assert model.weights["e_mail", "different"] == pytest.approx(np.log10((1 / 6) / 1), abs=0.1)
    assert model.weights["birth_date", "digit"] == pytest.approx(np.log10((5 / 70) / (1 / 70)), abs=0.15)


@pytest.mark.parametrize("matches", [200, 800, 3000])
def test_the_prior_odds_follow_the_number_of_customers_in_both(matches):
    model = estimate(begun(), PERSON, sample(matches))
    assert model.prior["hubspot", "salesforce"] == pytest.approx(matches / 1e6, rel=0.1)
    assert model.prior["hubspot", "salesforce"] == model.prior["salesforce", "hubspot"]


def test_without_any_customer_in_both_the_odds_fall_and_no_weight_changes():
    model = estimate(begun(), PERSON, sample(0))
    assert model.prior["hubspot", "salesforce"] < begun().prior["hubspot", "salesforce"] / 50
    assert model.weights == begun().weights


def test_few_records_leave_everything_as_it_is():
    assert estimate(begun(99), PERSON, sample(40, records=99)) == begun(99)


def test_a_level_that_does_not_come_up_keeps_its_weight():
    model = estimate(begun(), PERSON, sample(800))
    for outcome in [("given_name", "nickname"), ("family_name", "reading"), ("address", "town"), ("phone", "mobile")]:
        assert model.weights[outcome] == pytest.approx(begun().weights[outcome], abs=0.01), outcome


def test_evidence_that_is_one_fact_makes_no_customers():
    """Colleagues: company, domain, town and switchboard agree, all common ones, and their family name by chance."""
    colleagues = {
        "family_name": {"equal": 1.0},
        "company": {"equal": 1.0},
        "domain": {"equal": 1.0},
        "address": {"town": 1.0},
        "phone": {"shared": 1.0},
    }
    blocked = together(drawn(300, SAME, 1), drawn(3000, colleagues, 2, rarity=1))
    random = together(drawn(49_850, OTHERS, 3), drawn(150, colleagues, 4, rarity=1))
    model = estimate(begun(), PERSON, group(random, blocked, 1.0, SIDE, [1_000_000]))
    assert model.prior["hubspot", "salesforce"] < 700 / 1e6


def test_lists_without_names_keep_identifiers_at_their_start_weight():
    """Nothing tells there that two who share a mailbox are strangers; names would: then the weight follows the data."""
    same, others = {"e_mail": {"equal": 0.05, "different": 0.95}}, {"e_mail": {"equal": 0.001, "different": 0.999}}
    names = {"family_name": {"equal": 0.95, "different": 0.05}}

    def weight(**named: dict[str, float]) -> float:
        sure = {"phone": {"mobile": 1.0}, "birth_date": {"equal": 1.0}}
        blocked = together(drawn(3000, {**same, **named, **sure}, 1), drawn(5000, others, 2))
        random = drawn(50_000, others, 3)
        return estimate(begun(), PERSON, group(random, blocked, 1.0, SIDE, [1_000_000])).weights["e_mail", "equal"]

    start = begun().weights["e_mail", "equal"]
    assert weight() >= start
    assert weight(**names) < start


@given(data=st.data())
@settings(max_examples=15)
def test_no_organisation_turns_a_sign(data):
    shares = st.lists(st.floats(0.0, 1.0), min_size=12, max_size=12)

    def drawn_shares() -> dict[str, dict[str, float]]:
        found = {}
        for comparison in PERSON:
            parts = data.draw(shares)[: len(comparison.levels)]
            total = sum(parts) + 0.01
            found[comparison.name] = {
                level.name: part / total for level, part in zip(comparison.levels, parts, strict=False)
            }
        return found

    blocked = together(drawn(500, drawn_shares(), 1), drawn(500, drawn_shares(), 2))
    model = estimate(begun(), PERSON, group(drawn(2000, drawn_shares(), 3), blocked, 1.0, SIDE, [1_000_000]))
    for comparison in PERSON:
        for level in comparison.levels:
            weight = model.weights[comparison.name, level.name]
            assert np.isfinite(weight)
            if level.force in (Force.DOUBT, Force.CONTRADICTION):
                assert weight <= 0
            elif level.force in (Force.NAME, Force.SUPPORT, Force.IDENTIFIER) and not level.term:
                assert weight >= 0
            assert level.cap is None or weight <= level.cap
    assert all(0 < odds <= 5 / 1000 for odds in model.prior.values())


def test_an_agreement_on_what_nearly_everybody_has_does_not_speak_against():
    weights = {**begun().weights, ("address", "prefecture"): -1.0}
    found = parts(drawn(1, {"address": {"prefecture": 1.0}}, 1, rarity=0.2).compared, weights)
    assert found.min() == 0


@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_the_order_of_pairs_makes_no_difference(seed):
    one = together(drawn(300, SAME, 1), drawn(2000, OTHERS, 2))
    order = np.random.default_rng(seed).permutation(len(one.side))
    other = Drawn(Compared(PERSON, one.compared.levels[order], one.compared.rarity[order]), one.side)
    random = drawn(3000, OTHERS, 3)
    models = [estimate(begun(), PERSON, group(random, pairs, 1.0, SIDE, [1_000_000])) for pairs in (one, other)]
    assert models[0] == models[1]


@given(count=st.integers(0, 60), most=st.integers(1, 300))
def test_random_pairs_are_of_two_records_and_each_pair_comes_once_while_all_fit(count, most):
    left, right = random_pairs(np.arange(count, dtype=np.int32), most)
    assert (left != right).all()
    if count * (count - 1) // 2 <= most:
        pairs = {frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}
        assert len(left) == len(pairs) == count * (count - 1) // 2
    else:
        assert len(left) == most
