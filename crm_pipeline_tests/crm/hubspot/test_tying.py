"""Associations made and ended, through the real client."""

import pytest

from crm_pipeline.crm.protocol import Outcome, Tie
from crm_pipeline.emulator.faults import CutAfter
from crm_pipeline.errors import SafetyError


def _companies(portal, number):
    return [portal.store.create("companies", {"name": f"C{n}"}) for n in range(number)]


def _related(portal, start, one, end):
    return set(portal.store.associations.of(start, one, end))


def test_a_main_company_takes_the_place_of_another_which_stays_related(portal):
    (person,), (old, new) = portal.contacts(1), _companies(portal, 2)
    portal.store.associate("contacts", person, "companies", old, 1)
    (result,) = portal.client().associate("contacts", "companies", [Tie("t", person, new, primary=True)])
    assert (result.token, result.outcome) == ("t", Outcome.LANDED)
    assert portal.store.associations.primary("contacts", person) == new
    assert _related(portal, "contacts", person, "companies") == {old, new}


@pytest.mark.parametrize("end", ["contacts", "companies"])
def test_relations_without_a_main_one_are_made_and_ended(portal, end):
    (person,), (company,) = portal.contacts(1), _companies(portal, 1)
    other = {"contacts": person, "companies": company}[end]
    deal = portal.store.create("deals", {"dealname": "D"})
    client = portal.client()
    for ends in (False, False, True, True):
        (result,) = client.associate("deals", end, [Tie("t", deal, other, ends=ends)])
        assert result.outcome is Outcome.LANDED
        assert _related(portal, "deals", deal, end) == (set() if ends else {other})


def test_a_pair_with_a_record_that_is_gone_is_refused_alone(portal):
    people, (company,) = portal.contacts(3), _companies(portal, 1)
    ties = [Tie(one, one, company, primary=True) for one in [*people, "999999"]]
    results = {one.token: one for one in portal.client().associate("contacts", "companies", ties)}
    assert {token for token, one in results.items() if one.outcome is Outcome.LANDED} == set(people)
    assert (results["999999"].outcome, results["999999"].code) == (Outcome.REJECTED, "VALIDATION_ERROR")


def test_two_thousand_pairs_go_in_one_call(portal):
    (person,) = portal.contacts(1)
    ties = [Tie(str(n), person, str(n)) for n in range(1, 2002)]
    portal.client().associate("contacts", "deals", [Tie(t.token, t.from_id, t.to_id, ends=True) for t in ties])
    assert len(portal.sent("/batch/archive")) == 2


def test_a_lost_answer_is_unknown_and_not_sent_again(portal):
    (person,), (company,) = portal.contacts(1), _companies(portal, 1)
    portal.faults.add(path="/batch/create", action=CutAfter())
    (result,) = portal.client().associate("contacts", "companies", [Tie("t", person, company, primary=True)])
    assert result.outcome is Outcome.UNKNOWN
    assert len(portal.sent("/batch/create")) == 1


def test_a_client_that_only_reads_relates_nothing(portal):
    (person,), (company,) = portal.contacts(1), _companies(portal, 1)
    with pytest.raises(SafetyError):
        portal.client(read_only=True).associate("contacts", "companies", [Tie("t", person, company)])
    assert not _related(portal, "contacts", person, "companies")
