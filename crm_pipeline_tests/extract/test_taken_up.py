"""A read that was interrupted or took long: what happened before it, between two attempts and during it is here."""

import pytest

from crm_pipeline.emulator.faults import Call, Status
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.conftest import World

H, S = System.HUBSPOT, System.SALESFORCE
_NIGHT = 8 * 3600
_REFUSED = {H: {"status": "error", "category": "X"}, S: [{"errorCode": "X", "message": "refused"}]}


def _interrupted(world: World, system: System, object_: str) -> None:
    """A read that has all of its pages and ends when its deletions are asked for."""
    path, query = (r"/objects/.*contacts$", "archived=[Tt]rue") if system is H else ("/deleted/", "")
    world.faults.add(path=path, query=query, action=Status(400, _REFUSED[system]))
    with pytest.raises(PermanentError):
        world.read(system, object_, later=0)
    world.faults.clear()
    world.reconnect()


def _leads(world: World) -> list[str]:
    return [world.salesforce.create("Lead", {"LastName": f"n{i}", "Company": "c"}) for i in range(3)]


def test_an_edit_that_the_search_showed_only_after_the_kill_is_here_when_the_read_goes_on(world):
    ids = world.contacts(3)
    world.read(H, "contacts")
    world.hubspot.search_lag = 60
    world.clock.advance(3600)
    world.hubspot.update("contacts", ids[0], {"lastname": "newer"})
    world.clock.advance(20)
    _interrupted(world, H, "contacts")
    assert world.read(H, "contacts", later=_NIGHT).resumed
    assert world.rows("select fields->>'lastname' from raw.hubspot_contacts where record_id = ?", ids[0]) == [
        ("newer",)
    ]


def test_an_edit_that_was_committed_late_is_here_after_a_read_longer_than_the_overlap(world):
    leads = _leads(world)
    world.read(S, "Lead")
    world.salesforce.commit_delay = 60
    world.clock.advance(3600)
    world.salesforce.update("Lead", leads[0], {"LastName": "newer"})
    world.clock.advance(20)
    world.faults.add(path="/deleted/", action=Call(lambda: world.clock.advance(20 * 60)))
    world.read(S, "Lead", later=0)
    assert world.rows("select fields->>'LastName' from raw.salesforce_lead where record_id = ?", leads[0]) == [
        ("newer",)
    ]


def test_a_record_that_was_restored_between_two_attempts_is_live(world):
    leads = _leads(world)
    world.read(S, "Lead")
    world.clock.advance(3600)
    world.salesforce.delete("Lead", leads[0])
    world.clock.advance(20)
    _interrupted(world, S, "Lead")
    world.clock.advance(3600)
    world.salesforce.undelete("Lead", leads[0])
    result = world.read(S, "Lead", later=_NIGHT)
    assert (result.resumed, result.retired, result.here, result.there) == (True, 0, 3, 3)
    assert world.live("salesforce_lead") == set(leads)


def test_a_record_that_was_restored_and_deleted_again_between_two_attempts_is_gone(world):
    leads = _leads(world)
    world.read(S, "Lead")
    world.clock.advance(3600)
    world.salesforce.delete("Lead", leads[0])
    world.clock.advance(20)
    _interrupted(world, S, "Lead")
    world.clock.advance(3600)
    world.salesforce.undelete("Lead", leads[0])
    world.clock.advance(3600)
    _interrupted(world, S, "Lead")
    world.salesforce.delete("Lead", leads[0])
    assert world.read(S, "Lead", later=_NIGHT).retired == 1
    assert world.live("salesforce_lead") == set(leads[1:])


def test_a_value_of_a_related_record_that_changed_between_two_attempts_is_here(world):
    account = world.salesforce.create("Account", {"Name": "a", "Industry": "Banking"})
    world.salesforce.create("Contact", {"LastName": "l", "AccountId": account})
    world.run()
    world.clock.advance(3600)
    _interrupted(world, S, "Contact")
    world.clock.advance(3600)
    world.salesforce.update("Account", account, {"Industry": "Media"})
    world.run()
    assert world.rows("select fields->>'Account.Industry' from raw.salesforce_contact") == [("Media",)]


def test_a_full_read_of_values_over_a_relation_is_begun_anew_by_a_later_run(world):
    account = world.salesforce.create("Account", {"Name": "A", "Industry": "Banking"})
    world.salesforce.create("Contact", {"LastName": "山田", "AccountId": account})
    _interrupted(world, S, "Contact")
    world.clock.advance(_NIGHT)
    world.salesforce.update("Account", account, {"Industry": "Media"})
    world.read(S, "Account")
    assert not world.read(S, "Contact").resumed
    assert world.rows("select fields->>'$.\"Account.Industry\"' from raw.salesforce_contact") == [("Media",)]
