"""What pairs weigh: each fact once, names within bounds; patterns and back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.own_columns import own_columns
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.scores.pattern import outcomes, standings
from crm_pipeline.match.scores.scoring import Weighed, weigh
from crm_pipeline.match.tiers.tier import Own
from crm_pipeline.match.vocabulary import Compared
from crm_pipeline.model import Tier
from crm_pipeline_tests.match.compared import empty

OWN = own_columns({"suburb": "text", "number": "exact", "state": "exact"}, {"number": 1.0})
ALL = (*PERSON, *OWN)


def _weighed(found: Mapping[str, str], rarity: Mapping[str, float] | None = None) -> Weighed:
    levels = [[c.code(found[c.name]) if c.name in found else 0 for c in ALL]]
    rare = [[(rarity or {}).get(c.name, 0.0) for c in ALL]]
    compared = Compared(ALL, np.array(levels, dtype=np.uint8), np.array(rare, dtype=np.float32))
    return weigh(compared, empty())


@pytest.mark.parametrize(
    ("found", "rarity", "weight"),
    [
        ({}, {}, 0.0),
        # the parts of a name add up, to a bound
        ({"family_name": "equal", "given_name": "equal"}, {"family_name": 2.0, "given_name": 2.5}, 4.5),
        ({"family_name": "equal", "given_name": "equal"}, {"family_name": 4.0, "given_name": 4.0}, 7.0),
        ({"family_name": "equal", "given_name": "equal", "sample_name": "one"}, {"family_name": 4.0}, 1.0),
        # a name that differs is not made up for by its other half
        ({"family_name": "equal", "given_name": "different"}, {"family_name": 3.0}, -4.0),
        ({"family_name": "similar", "given_name": "similar"}, {"family_name": 3.0}, 2.3),
        # one fact counts once
        (
            {"address": "postal_code", "company": "equal", "domain": "employer"},
            {"address": 3, "company": 2, "domain": 2},
            3,
        ),
        ({"address": "different", "company": "equal"}, {"company": 2}, 1.3),
        ({"e_mail": "shared", "address": "city"}, {"address": 1.5}, 1.5),
        ({"e_mail": "equal", "phone": "mobile"}, {}, 11.0),
        ({"phone": "fixed", "extension": "different"}, {}, 2.0),
        # a rarity is bounded by its level
        ({"birth_date": "equal"}, {"birth_date": 9.0}, 4.0),
        # own columns are facts of their own
        ({"suburb": "equal", "state": "equal"}, {"suburb": 2.0, "state": 1.0}, 3.0),
    ],
)
def test_a_pair_weighs(found: dict[str, str], rarity: dict[str, float], weight: float) -> None:
    assert _weighed(found, rarity).weight.tolist() == [pytest.approx(weight, abs=1e-3)]


def test_a_model_s_weights_count() -> None:
    levels = np.array([[c.code("equal") if c.name == "e_mail" else 0 for c in PERSON]], dtype=np.uint8)
    compared = Compared(PERSON, levels, np.zeros(levels.shape, dtype=np.float32))
    model = empty()
    trained = type(model)(**{**vars(model), "weights": {("e_mail", "equal"): 3.25}})
    assert weigh(compared, trained).weight.tolist() == [3.25]
    assert weigh(compared, trained).parts[0].tolist() == [3.25 if c.name == "e_mail" else 0 for c in PERSON]


@given(st.data())
def test_a_pattern_tells_all_outcomes(data: st.DataObject) -> None:
    comparisons = data.draw(st.sampled_from([PERSON, COMPANY]))
    codes = [data.draw(st.integers(0, len(c.levels))) for c in comparisons]
    compared = Compared(comparisons, np.array([codes], dtype=np.uint8), np.zeros((1, len(codes)), dtype=np.float32))
    (pattern,) = weigh(compared, empty()).pattern
    told, own = outcomes(int(pattern), comparisons)
    assert told == {(c.name, c.levels[code - 1].name) for c, code in zip(comparisons, codes, strict=True) if code}
    assert own == Own()


@pytest.mark.parametrize(
    ("found", "own", "highest"),
    [
        ({"suburb": "equal", "number": "equal"}, Own(2, identified=True), Tier.AUTO),
        ({"suburb": "equal", "state": "equal"}, Own(2), Tier.RECOMMENDED),
        ({"suburb": "similar", "number": "different"}, Own(1, differs=True), Tier.NONE),
        ({"suburb": "close", "state": "different"}, Own(), Tier.NONE),
    ],
)
def test_own_columns_count_together(found: dict[str, str], own: Own, highest: Tier) -> None:
    (pattern,) = _weighed(found).pattern.tolist()
    assert outcomes(pattern, ALL) == (frozenset(), own)
    assert standings([pattern], ALL)[pattern].highest is highest
