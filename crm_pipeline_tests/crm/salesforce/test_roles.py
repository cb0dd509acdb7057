"""The people of opportunities, through the real client."""

from crm_pipeline.crm.protocol import Association, Outcome, Tie
from crm_pipeline.emulator.faults import CutAfter


def _opportunity(organisation):
    return organisation.store.create(
        "Opportunity", {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    )


def _people(client, opportunity):
    return sorted(one.to_id for one in client.associations("Opportunity", "Contact", [opportunity]))


def test_roles_are_made_read_and_ended(organisation):
    opportunity, people = _opportunity(organisation), organisation.contacts(2)
    client = organisation.client()
    results = client.associate("Opportunity", "Contact", [Tie(one, opportunity, one) for one in people])
    assert {one.outcome for one in results} == {Outcome.LANDED}
    assert Association("Opportunity", opportunity, "Contact", people[0], False) in client.associations(
        "Opportunity", "Contact", [opportunity[:15]]
    )
    (ended,) = client.associate("Opportunity", "Contact", [Tie("t", opportunity, people[0], ends=True)])
    assert (ended.token, ended.outcome) == ("t", Outcome.LANDED)
    assert _people(client, opportunity) == people[1:]


def test_ending_a_role_that_is_not_there_changes_nothing(organisation):
    opportunity, (person,) = _opportunity(organisation), organisation.contacts(1)
    (result,) = organisation.client().associate("Opportunity", "Contact", [Tie("t", opportunity, person, ends=True)])
    assert result.outcome is Outcome.LANDED


def test_a_role_for_a_contact_that_is_gone_is_refused_alone(organisation):
    opportunity, (person, gone) = _opportunity(organisation), organisation.contacts(2)
    organisation.store.delete("Contact", gone)
    client = organisation.client()
    ties = [Tie(one, opportunity, one) for one in (person, gone)]
    results = {one.token: one.outcome for one in client.associate("Opportunity", "Contact", ties)}
    assert results == {person: Outcome.LANDED, gone: Outcome.REJECTED}
    assert _people(client, opportunity) == [person]


def test_a_lost_answer_is_unknown_and_the_role_is_not_doubled_by_us(organisation):
    opportunity, (person,) = _opportunity(organisation), organisation.contacts(1)
    organisation.faults.add(path="/composite", action=CutAfter())
    client = organisation.client()
    (result,) = client.associate("Opportunity", "Contact", [Tie("t", opportunity, person)])
    assert result.outcome is Outcome.UNKNOWN
    assert _people(client, opportunity) == [person]
    assert len(organisation.sent("/composite")) == 1
