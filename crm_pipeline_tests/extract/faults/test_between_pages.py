"""What users, administrators and clocks do while a CRM is being read: the night after, the warehouse equals the CRM."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from crm_pipeline.emulator.faults import Call
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.outcomes import ALL
from crm_pipeline_tests.extract.faults.world import H, Night, S, World

_OBJECT = {H: "contacts", S: "Lead"}
_LATER_PAGE = {H: r"/objects/(.*/)?contacts$", S: r"/query(All)?/\w"}
_FRESH = iter(range(5_000, 1_000_000))

Happening = Callable[[World], object]


def _merge(world: World, first: int, second: int) -> None:
    ids = world.hubspot.ids("contacts")
    world.hubspot.merge("contacts", ids[first], ids[second])


def _merge_leads(world: World, first: int, second: int) -> None:
    ids = _leads(world)
    world.salesforce.merge(ids[first], ids[second])


def _undelete(world: World) -> None:
    lead = world.lead(next(_FRESH))
    world.salesforce.delete("Lead", lead)
    world.salesforce.undelete("Lead", lead)


def _edit(world: World, *places: int) -> None:
    """A user's edits of contacts, from the front (read already) or from the end (not read yet)."""
    for place in places:
        world.hubspot.update("contacts", world.hubspot.ids("contacts")[place], {"jobtitle": f"t{next(_FRESH)}"})


def _archive(world: World, *places: int) -> None:
    for contact in [world.hubspot.ids("contacts")[place] for place in places]:
        world.hubspot.archive("contacts", contact)


def _edit_leads(world: World, *places: int) -> None:
    for place in places:
        world.salesforce.update("Lead", _leads(world)[place], {"Title": f"t{next(_FRESH)}"})


def _delete_leads(world: World, *places: int) -> None:
    for lead in [_leads(world)[place] for place in places]:
        world.salesforce.delete("Lead", lead)


def _leads(world: World) -> list[str]:
    return list(world.truth(S, "Lead"))


#: Each with what is read already (from the front) and what is not read yet (from the end).
_HAPPENINGS: dict[str, tuple[System, list[Happening]]] = {
    "edits and a new record": (H, [lambda w: _edit(w, 0, -1), lambda w: w.contact(next(_FRESH))]),
    "archiving": (H, [lambda w: _archive(w, 1, -2)]),
    "merges": (H, [lambda w: _merge(w, 2, 3), lambda w: _merge(w, 4, -3), lambda w: _merge(w, -1, 5)]),
    "edits and a new lead": (
        S,
        [
            lambda w: _edit_leads(w, 0, -1),
            lambda w: w.lead(next(_FRESH)),
            lambda w: w.salesforce.touch("Lead", _leads(w)[5]),
        ],
    ),
    "deletions and a return": (S, [lambda w: _delete_leads(w, 1, -2), _undelete]),
    "merges of leads": (S, [lambda w: _merge_leads(w, 2, -3), lambda w: _merge_leads(w, -2, 6)]),
    "conversions": (S, [lambda w: [w.salesforce.convert_lead(_leads(w)[place]) for place in (3, -4)]]),
    "expiry of all sessions": (S, [lambda w: w.salesforce.expire_sessions()]),
}
_TELLING = ("merges", "merges of leads", "conversions")


@pytest.mark.parametrize(
    ("name", "full"),
    [*((name, True) for name in _HAPPENINGS), *((name, False) for name in _HAPPENINGS if ALL or name in _TELLING)],
)
def test_what_happens_between_two_pages_is_here_the_night_after(night: Night, name: str, full: bool) -> None:
    system, happenings = _HAPPENINGS[name]
    world, object_ = night.world, _OBJECT[system]
    if system is S:  # enough changes for two pages
        for lead in _leads(world)[:25]:
            world.salesforce.touch("Lead", lead)
    path = _LATER_PAGE[system] if full or system is S else "/objects/.*(search|contacts)$"
    met: list[object] = []
    for happening in happenings:
        action = Call(lambda happening=happening: met.append(happening(world)))
        world.faults.add(path=path, action=action, after=1 if system is H else 0)
    night.read(system, object_, full=full)
    assert len(met) == len(happenings)
    night.new_clients()
    night.read(system, object_)
    assert night.differences(system, object_) == []


def _take_scope(world: World) -> None:
    world.hubspot.scopes.remove("crm.objects.contacts.read")


def _give_scope(world: World) -> None:
    world.hubspot.scopes.add("crm.objects.contacts.read")


_LOSSES: dict[str, tuple[System, Happening, Happening, str]] = {
    "scope": (H, _take_scope, _give_scope, "crm.objects.contacts.read"),
    "object": (
        S,
        lambda w: w.salesforce.set_object_permission("Lead", read=False),
        lambda w: w.salesforce.set_object_permission("Lead", read=True),
        "no access to the object",
    ),
}


@pytest.mark.parametrize("full", [True, False] if ALL else [False])
@pytest.mark.parametrize("name", _LOSSES)
def test_a_permission_lost_in_the_middle_ends_the_read_and_says_which(night: Night, name: str, full: bool) -> None:
    system, take, give, told = _LOSSES[name]
    world, object_ = night.world, _OBJECT[system]
    happen = Call(lambda: take(world))
    path = r"/objects/" if system is H else r"/query"
    world.faults.add(path=path, action=happen, after=1)
    before = night.state()
    try:
        with pytest.raises(PermanentError, match=told):
            night.read(system, object_, full=full)
    finally:
        give(world)
    assert night.state() == before
    _change(world, system)
    night.new_clients()
    night.read(system, object_)
    assert night.differences(system, object_) == []


def test_a_field_hidden_in_the_middle_is_an_error_or_unknown_and_never_blank(night: Night) -> None:
    world = night.world
    lead = _leads(world)[6]
    world.salesforce.update("Lead", lead, {"Title": "部長"})
    night.read(S, "Lead")
    world.salesforce.touch("Lead", lead)
    world.faults.add(path="/query", action=Call(lambda: world.salesforce.hide_field("Lead", "Title")), after=1)
    with suppress(PermanentError):
        night.read(S, "Lead")
    world.salesforce.show_field("Lead", "Title")
    ((title,),) = night.rows("select fields->>'Title' from raw.salesforce_lead where record_id = ?", lead)
    assert title == "部長"
    night.new_clients()
    night.read(S, "Lead")
    assert night.differences(S, "Lead") == []


def test_a_locator_that_expires_in_the_middle_is_taken_up_behind_the_last_row(night: Night) -> None:
    world = night.world
    world.faults.add(path=_LATER_PAGE[S], action=Call(lambda: world.clock.advance(3 * 86_400)), after=1)
    night.read(S, "Lead", full=True)
    assert night.differences(S, "Lead") == []


@pytest.mark.parametrize(("seconds", "seen"), [(60, False), (0, True)])
def test_a_search_that_lags_brings_the_edit_later(night: Night, seconds: float, seen: bool) -> None:
    """The overlap is longer than any lag that was ever seen (facts/hubspot.md 4)."""
    world = night.world
    night.read(H, "contacts")
    world.hubspot.search_lag = seconds
    contact = world.hubspot.ids("contacts")[7]
    world.hubspot.update("contacts", contact, {"jobtitle": f"t{next(_FRESH)}"})
    created = world.contact(next(_FRESH))
    result = night.read(H, "contacts", later=5)
    late = night.rows("select count(*) from raw.hubspot_contacts where record_id = ?", created)
    assert (late, result.changed) == ([(int(seen),)], int(seen))
    night.read(H, "contacts", later=600)
    assert night.differences(H, "contacts") == []


def test_rows_that_are_committed_after_their_time_stamp_are_brought_by_the_overlap(night: Night) -> None:
    world = night.world
    night.read(S, "Lead")
    world.salesforce.commit_delay = 120
    lead = _leads(world)[8]
    world.salesforce.update("Lead", lead, {"Title": f"t{next(_FRESH)}"})
    world.lead(next(_FRESH))
    assert night.read(S, "Lead", later=60).changed == 0
    night.read(S, "Lead", later=600)
    assert night.differences(S, "Lead") == []


@pytest.mark.parametrize("system", System)
@pytest.mark.parametrize("seconds", [-600, -86_400, 86_400] if ALL else [-86_400])
def test_a_clock_that_jumps_loses_no_edit(night: Night, system: System, seconds: float) -> None:
    world, object_ = night.world, _OBJECT[system]
    night.read(system, object_)
    world.clock.advance(seconds)
    try:
        _change(world, system)
        night.read(system, object_, later=60)
        _change(world, system)
        night.read(system, object_, later=60)
        assert night.differences(system, object_) == []
    finally:
        world.clock.advance(max(0, -seconds))


@pytest.mark.parametrize("system", System)
def test_more_records_with_one_time_stamp_than_fit_a_page_are_all_read(night: Night, system: System) -> None:
    world, object_ = night.world, _OBJECT[system]
    if system is H:
        for contact in world.hubspot.ids("contacts"):
            world.hubspot.update("contacts", contact, {"jobtitle": f"t{next(_FRESH)}"})
    else:
        for lead in _leads(world):
            world.salesforce.update("Lead", lead, {"Title": f"t{next(_FRESH)}"})
    night.read(system, object_)
    assert night.differences(system, object_) == []


def test_a_deletion_that_the_crm_has_forgotten_is_found_by_its_missing_id(night: Night) -> None:
    """A purged record leaves no list and no recycle bin: only what is not there any more tells."""
    world = night.world
    lead = world.lead(next(_FRESH))
    night.read(S, "Lead")
    world.salesforce.delete("Lead", lead)
    world.salesforce.purge("Lead", lead)
    night.read(S, "Lead")
    assert night.differences(S, "Lead") == []


def _change(world: World, system: System) -> Any:
    if system is H:
        world.contact(next(_FRESH))
        return world.hubspot.update("contacts", world.hubspot.ids("contacts")[9], {"jobtitle": f"t{next(_FRESH)}"})
    world.lead(next(_FRESH))
    return world.salesforce.update("Lead", _leads(world)[9], {"Title": f"t{next(_FRESH)}"})
