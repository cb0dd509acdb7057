from dataclasses import replace

import pytest

from crm_pipeline.match.model.difference import difference, staleness
from crm_pipeline.match.model.file import versioned
from crm_pipeline.match.model.model import Terms
from crm_pipeline_tests.match.model.organisation import begun
from crm_pipeline_tests.match.records import mailbox, person, settings, warehouse


def changed(**parts):
    return versioned(replace(begun(), **parts))


def test_the_same_model_differs_in_nothing():
    assert difference(begun(), begun()) == []


def test_the_first_model_says_what_it_was_made_from():
    [line] = difference(None, begun(1200))
    assert "1,200 of hubspot, 1,200 of salesforce" in line


def test_weights_odds_and_records_that_changed_are_named():
    new = changed(
        weights={**begun().weights, ("phone", "fixed"): 2.4, ("phone", "mobile"): 5.01},
        prior={**begun().prior, ("hubspot", "salesforce"): 0.01, ("salesforce", "hubspot"): 0.01},
        records={"hubspot": 1000, "salesforce": 3000},
    )
    assert difference(begun(), new) == [
        "person: records of salesforce: 1,000 -> 3,000",
        "person: a record of hubspot and one of salesforce are one customer: 1 in 2,001 -> 1 in 101",
        "person: weight of phone fixed: +3.00 -> +2.40 (-0.60)",
    ]


def test_shared_values_and_names_are_counted_never_shown():
    old = changed(shared={"phone": frozenset({"+81311112222"})}, terms={"family_key": Terms({"sato": 0.1}, 0.01)})
    new = changed(
        shared={"phone": frozenset({"+81355556666", "+81377778888"})},
        terms={"family_key": Terms({"sato": 0.2, "suzuki": 0.1}, 0.01)},
    )
    assert difference(old, new) == [
        "person: shared phone numbers: 2 more, 1 no longer",
        "person: common values of family_key: 1 more, 0 no longer, 1 with another share",
    ]


@pytest.fixture
def grown(tmp_path):
    """25 records; 12 mailboxes that four names share."""
    boxes = [mailbox(f"box{n}@a.jp") for n in range(12)]
    people = [person(f"hubspot/contacts/{n}", f"name {n}", e_mails=boxes if n < 4 else []) for n in range(25)]
    return warehouse(tmp_path, people)


def test_a_model_that_fits_is_not_stale(grown):
    with grown.connect() as connection:
        model = changed(records={"hubspot": 20}, shared={"e_mail": frozenset(f"box{n}@a.jp" for n in range(9))})
        assert staleness(connection, model, settings().match) == []


def test_twice_the_records_or_many_more_shared_values_ask_for_a_training(grown):
    with grown.connect() as connection:
        sentences = staleness(connection, changed(records={"hubspot": 12}), settings().match)
    assert [sentence.split(";")[0] for sentence in sentences] == [
        "hubspot has 25 person records, the model was made from 12",
        "12 e-mail addresses have come to be shared by several names since the model was made",
    ]
    assert all("crm-pipeline train" in sentence for sentence in sentences)
