"""A night in which something fails: it survives and the warehouse equals the CRM, or it ends and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.faults import CutBefore, Status
from crm_pipeline.emulator.hubspot import named_faults as hubspot_faults
from crm_pipeline.emulator.salesforce import named_faults as salesforce_faults
from crm_pipeline.errors import CrmError, DailyLimitError, TransientError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.outcomes import ALL, OUTCOMES, SORTS
from crm_pipeline_tests.extract.faults.world import H, Night, S, World

_OBJECT = {H: "contacts", S: "Lead"}
_DATA = {H: r"/objects/", S: r"/query|/deleted"}
_PAGES = {H: r"/objects/(.*/)?contacts$", S: r"/query(All)?/\w"}


def action(world: World, system: System, fault: str) -> Any:
    """What the named fault of a CRM does."""
    named = hubspot_faults.faults(1) if system is H else salesforce_faults.faults(world.salesforce)
    return named[fault]()


def _edited(world: World, system: System, number: int) -> None:
    """A record more, one less, and one that is another."""
    if system is H:
        ids = world.hubspot.ids("contacts")
        world.hubspot.update("contacts", ids[number], {"jobtitle": f"t{number}"})
        world.hubspot.archive("contacts", ids[-1])
        world.contact(1000 + number)
    else:
        ids = world.salesforce.ids("Lead")
        world.salesforce.update("Lead", ids[number], {"Title": f"t{number}"})
        world.salesforce.delete("Lead", ids[-1])
        world.lead(1000 + number)


@pytest.mark.parametrize(
    ("system", "fault"), [(system, f) for system, faults in OUTCOMES.items() for f in faults if f in SORTS or ALL]
)
def test_a_night_with_a_fault_and_the_night_after(night: Night, system: System, fault: str) -> None:
    object_, world = _OBJECT[system], night.world
    world.clock.advance(60)
    _edited(world, system, len(fault))
    before = night.state()
    world.faults.add(path=_DATA[system], action=action(world, system, fault), after=1)
    outcome = OUTCOMES[system][fault]
    if outcome is None:
        night.read(system, object_)
    else:
        with pytest.raises(CrmError) as raised:
            night.read(system, object_)
        assert type(raised.value) is outcome
        assert night.state() == before
        world.calm()
        night.new_clients()
        night.read(system, object_)
    assert night.differences(system, object_) == []


@pytest.mark.parametrize("system", System)
@pytest.mark.parametrize("passed", [0, 1, 2] if ALL else [1])
def test_a_first_read_that_ends_half_way_is_finished_by_the_next(unread: Night, system: System, passed: int) -> None:
    object_, world = _OBJECT[system], unread.world
    world.faults.add(path=_PAGES[system], action=CutBefore(), after=passed, times=None)
    with pytest.raises(TransientError):
        unread.read(system, object_)
    assert unread.state() == []
    world.calm()
    _edited(world, system, 20 + passed)
    unread.new_clients()
    unread.read(system, object_, later=60)
    unread.read(system, object_)
    assert unread.differences(system, object_) == []


@pytest.mark.parametrize("system", System)
def test_calls_that_are_too_fast_wait_as_long_as_they_are_told(night: Night, system: System) -> None:
    world, body = night.world, {"status": "error", "policyName": "TEN_SECONDLY_ROLLING", "message": "limit"}
    _edited(world, system, 30)
    world.faults.add(path=_DATA[system], action=Status(429, body, {"Retry-After": "0.04"}), times=3)
    night.read(system, _OBJECT[system])
    assert night.differences(system, _OBJECT[system]) == []
    assert night.crms[system].calls.usage.retries >= 3


@pytest.mark.parametrize("system", System)
def test_a_day_that_is_used_up_ends_the_run_before_it_hurts_others(night: Night, system: System) -> None:
    """HubSpot tells it in a header, Salesforce in Sforce-Limit-Info; our own share ends before the CRM refuses."""
    world = night.world
    if system is H:
        per_day, world.hubspot.limits.per_day = world.hubspot.limits.per_day, world.hubspot.limits.calls_today + 2
    else:
        limit, world.salesforce.usage.limit = world.salesforce.usage.limit, world.salesforce.usage.used + 2
    try:
        with pytest.raises(DailyLimitError):
            night.read(system, _OBJECT[system], full=True)
    finally:
        if system is H:
            world.hubspot.limits.per_day = per_day
        else:
            world.salesforce.usage.limit = limit
    _edited(world, system, 31)
    night.new_clients()
    night.read(system, _OBJECT[system])
    assert night.differences(system, _OBJECT[system]) == []


@pytest.mark.parametrize("system", System)
def test_slow_answers_end_the_wait_and_are_asked_for_again(night: Night, system: System) -> None:
    world = night.world
    _edited(world, system, 32)
    night.crms = {**night.crms, system: world.client(system, answer_seconds=0.4)}
    world.faults.add(path=_DATA[system], action=action(world, system, "slow"), after=1)
    night.read(system, _OBJECT[system])
    assert night.differences(system, _OBJECT[system]) == []


@pytest.mark.parametrize("system", System)
def test_one_fault_after_the_other_is_survived(night: Night, system: System) -> None:
    """Every third request fails in another way."""
    world = night.world
    _edited(world, system, 33)
    survived = [fault for fault, outcome in OUTCOMES[system].items() if outcome is None and fault != "slow"]
    for place, fault in enumerate(survived):
        world.faults.add(path=_DATA[system], action=action(world, system, fault), after=3 * place)
    night.read(system, _OBJECT[system], full=True)
    assert night.differences(system, _OBJECT[system]) == []


@pytest.mark.parametrize("system", System)
def test_a_fault_does_not_keep_the_other_crm_from_being_read(night: Night, system: System) -> None:
    other, world = system.other, night.world
    _edited(world, other, 34)
    world.faults.add(path=_DATA[system], action=CutBefore(), times=None)
    with pytest.raises(TransientError):
        night.read(system, _OBJECT[system])
    world.calm()
    night.read(other, _OBJECT[other])
    assert night.differences(other, _OBJECT[other]) == []


def test_a_process_that_ends_while_it_reads_leaves_the_warehouse_as_it_was(unread: Night) -> None:
    """As a kill does, an exception that is no error of a CRM leaves in the middle of a page."""

    class Killed(BaseException):
        pass

    crm = unread.crms[H]
    pages = crm.pages

    def killed(*arguments: Any, **named: Any) -> Any:
        for number, page in enumerate(pages(*arguments, **named)):
            if number == 1:
                raise Killed
            yield page

    crm.pages = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        unread.read(H, "contacts")
    assert unread.state() == []
    unread.new_clients()
    unread.read(H, "contacts")
    assert unread.differences(H, "contacts") == []
