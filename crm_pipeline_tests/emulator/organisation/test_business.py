"""Deals, tickets and activities: repeatable, of the size asked for, and whole in both emulated CRMs."""

from collections import Counter

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation import Organisation, generate, load, portal, with_business
from crm_pipeline.emulator.organisation.business.draft import LEFT
from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.emulator.organisation.model import ACTIVITIES, CASE, DEALS, EVENT, OPPORTUNITY, TASK, TICKETS, Ref
from crm_pipeline.emulator.salesforce import SalesforceStore


@pytest.fixture(scope="module")
def before() -> Organisation:
    return generate(2, 0.2)


@pytest.fixture(scope="module")
def organisation(before) -> Organisation:
    return with_business(before, 2, 0.2)


@pytest.fixture(scope="module")
def loaded(organisation):
    hubspot, salesforce = HubSpotStore(), SalesforceStore()
    portal.set_up(hubspot, salesforce)
    portal.set_up_business(hubspot)
    return hubspot, salesforce, load(organisation, hubspot, salesforce)


def test_a_seed_gives_the_same_business_again_and_another_seed_another_one(before, organisation):
    assert with_business(before, 2, 0.2) == organisation
    assert with_business(before, 3, 0.2) != organisation


def test_the_organisation_before_is_in_it_as_it_was(before, organisation):
    assert organisation.truth == before.truth
    assert all(organisation.records[place][: len(rows)] == rows for place, rows in before.records.items())


def test_a_full_size_is_a_few_hundred_deals_fewer_tickets_and_less_than_a_thousand_activities():
    records = with_business(generate(1), 1).records
    numbers = {place: len(rows) for place, rows in records.items()}
    linked = sum("hs_salesforceopportunityid" in deal.fields for deal in records[DEALS])

    assert 300 < numbers[DEALS] + numbers[OPPORTUNITY] - linked < 400
    assert 100 < numbers[TICKETS] + numbers[CASE] < 200
    assert 500 < sum(numbers[place] for place in (*ACTIVITIES, TASK, EVENT)) < 1000


def test_nothing_happened_before_it_began_or_after_the_present(organisation):
    for rows in organisation.records.values():
        assert all(row.created_at <= row.modified_at <= NOW for row in rows)
        assert all((row.modified_at > row.created_at) == bool(row.before) for row in rows)


@pytest.mark.parametrize("seed", range(3))
def test_an_edit_clears_no_value_because_loading_could_not(before, seed):
    rows = [row for rows in with_business(before, seed).records.values() for row in rows]

    assert [row.before for row in rows if any(row.fields[name] is None for name in row.before)] == []


def test_deals_of_both_crms_name_one_opportunity_each_and_some_were_edited_in_one(organisation):
    deals = [deal for deal in organisation.records[DEALS] if "hs_salesforceopportunityid" in deal.fields]
    named = Counter(deal.fields["hs_salesforceopportunityid"] for deal in deals)
    edited = [bool(deal.before) != bool(organisation.records[OPPORTUNITY][_of(deal).index].before) for deal in deals]

    assert max(named.values()) == 1
    assert 0 < sum(edited) < len(deals) / 2


def test_whoever_left_owns_records_in_both_crms_and_nobody_can_be_given_to_them(organisation, loaded):
    hubspot, salesforce, _ = loaded
    [owner] = [owner_id for owner_id, owner in hubspot.owners.items() if owner["email"] == LEFT.e_mail]
    [user] = [one for one in salesforce.ids("User") if salesforce.read("User", one)["Email"] == LEFT.e_mail]

    assert owner not in hubspot.active_owners
    assert salesforce.read("User", user)["IsActive"] is False
    assert any(deal.get("hubspot_owner_id") == owner for deal in hubspot.objects("deals").values())


def test_references_and_associations_lead_to_the_right_records(organisation, loaded):
    hubspot, salesforce, ids = loaded
    for index, row in enumerate(organisation.records[OPPORTUNITY]):
        there = salesforce.read("Opportunity", ids[(*OPPORTUNITY, index)])
        account = row.fields["AccountId"]
        assert there["AccountId"] == (ids[(*account.place, account.index)] if account else None)
    for link in organisation.associations:
        one, other = (ids[(*ref.place, ref.index)] for ref in (link.one, link.other))
        assert link.type_id in hubspot.associations.of(link.one.place[1], one, link.other.place[1])[other]


def test_a_deal_waits_at_the_stage_that_only_hubspot_has(loaded):
    hubspot, *_ = loaded
    stages = {stage["id"]: stage["label"] for stage in hubspot.pipelines.find("deals", "default")["stages"]}

    assert stages[portal.ON_HOLD].startswith("保留")
    assert any(deal["dealstage"] == portal.ON_HOLD for deal in hubspot.objects("deals").values())


def _of(deal) -> Ref:
    named = deal.fields["hs_salesforceopportunityid"]
    assert isinstance(named, Ref)
    return named
