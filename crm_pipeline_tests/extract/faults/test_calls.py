"""Every fault that an emulated CRM can produce, at every kind of call that an extraction makes.

A client either brings what it would have brought, or it ends with the right type of error and a sentence. What the
extraction makes of these errors is in test_nights.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_pipeline.crm.protocol import Crm
from crm_pipeline.emulator.faults import Call
from crm_pipeline.emulator.hubspot import named_faults as hubspot_faults
from crm_pipeline.emulator.salesforce import named_faults as salesforce_faults
from crm_pipeline.errors import CrmError, TransientError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.calls import KINDS, WIDE, Kind, wide
from crm_pipeline_tests.extract.faults.outcomes import ALL, OUTCOMES, SORTS
from crm_pipeline_tests.extract.faults.world import SECRET, H, S, World

#: Calls that meet all faults always.
_EVERY_FAULT = ("hubspot later page", "hubspot search", "salesforce first page", "salesforce bulk results")
#: One fault of each sort that a client tries again: refused, lost and damaged.
_LASTING = ("html_body", "cut_after", "truncated_body") if ALL else ("cut_after",)
#: CSV that ends too early is found by the number of its rows, when a part of them has been given already.
_SPECIAL = {("salesforce bulk results", "truncated_body"): TransientError}
#: HubSpot describes the tokens of private apps only, so that this refusal is no failure.
_TOLERATED = ("hubspot token", "unauthorised")
_SLOW = ("hubspot first page", "hubspot batch read", "salesforce first page", "salesforce bulk results")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World(contacts=230, leads=25, batch_limit=10)
    company = world.hubspot.create("companies", {"name": "C"})
    for contact in world.contacts[:3]:
        world.hubspot.associate("contacts", contact, "companies", company, 1)
    for number in range(WIDE):
        world.salesforce.define_field("Account", {"name": wide(number), "length": 10})
    for number in range(5):
        world.salesforce.create("Account", {"Name": f"A{number}", wide(number): "x"})
    world.salesforce.track_fields("Lead", ["Title"])
    world.salesforce.update("Lead", world.leads[0], {"Title": "課長"})
    world.hubspot.archive("contacts", world.contact(900))
    world.salesforce.delete("Lead", world.lead(900))
    with world.served():
        yield world


@pytest.fixture(autouse=True)
def calm(world: World) -> Iterator[None]:
    yield
    world.calm()


def _expected(world: World, name: str, clean: dict[str, Any] = {}) -> Any:  # noqa: B006  # one for the module
    if name not in clean:
        kind = KINDS[name]
        world.log.clear()
        clean[name] = kind.ask(world, world.client(kind.system))
        assert sum(kind.fits(kind.system, request) for request in world.log.requests) > kind.after, name
    return clean[name]


def _named(world: World) -> dict[System, dict[str, Any]]:
    return {H: hubspot_faults.faults(1), S: salesforce_faults.faults(world.salesforce)}


def test_every_named_fault_has_an_outcome(world: World) -> None:
    assert {system: set(faults) for system, faults in _named(world).items()} == {
        system: set(outcomes) for system, outcomes in OUTCOMES.items()
    }


def _cases(*, lasting: bool) -> list[Any]:
    cases = []
    for name, kind in KINDS.items():
        for fault in OUTCOMES[kind.system]:
            if (lasting and fault not in _LASTING) or (fault == "slow" and name not in _SLOW):
                continue
            if (name, fault) == _TOLERATED or not (ALL or name in _EVERY_FAULT or fault in SORTS):
                continue
            cases.append(pytest.param(name, fault, id=f"{name}-{fault}"))
    return cases


@pytest.mark.parametrize(("name", "fault"), _cases(lasting=False))
def test_a_fault_that_happens_once(world: World, name: str, fault: str) -> None:
    kind = KINDS[name]
    expected = _expected(world, name)
    outcome = _SPECIAL.get((name, fault), OUTCOMES[kind.system][fault]) if kind.fails else None
    crm = world.client(kind.system, answer_seconds=0.5 if fault == "slow" else 5.0)
    met = _add(world, kind, _named(world)[kind.system][fault]())
    if outcome is None:
        assert kind.ask(world, crm) == expected
    else:
        _check(_error(world, kind, crm), kind.system, outcome)
    assert met == [kind.after]


@pytest.mark.parametrize(("name", "fault"), _cases(lasting=True))
def test_a_fault_that_lasts(world: World, name: str, fault: str) -> None:
    kind = KINDS[name]
    expected = _expected(world, name)
    crm = world.client(kind.system, patience_seconds=0.03, first_patience_seconds=0.03)
    _add(world, kind, _named(world)[kind.system][fault](), times=None)
    if kind.fails:
        _check(_error(world, kind, crm), kind.system, TransientError)
    else:
        assert kind.ask(world, crm) == expected


def test_a_token_that_hubspot_does_not_describe_is_no_failure(world: World) -> None:
    name, fault = _TOLERATED
    _add(world, KINDS[name], _named(world)[H][fault]())
    assert world.client(H).account().integration_user == ""


def _add(world: World, kind: Kind, action: Any, times: int | None = 1) -> list[int]:
    """Let the action happen to requests of the kind; the list tells how often it did, if once."""
    method, met = None if "|" in kind.method else kind.method, list[int]()
    for each in (Call(lambda: met.append(kind.after)), action):
        world.faults.add(method=method, path=kind.path, query=kind.query, action=each, times=times, after=kind.after)
    return met


def _error(world: World, kind: Kind, crm: Crm) -> CrmError:
    with pytest.raises(CrmError) as raised:
        kind.ask(world, crm)
    return raised.value


def _check(error: CrmError, system: System, outcome: type[CrmError]) -> None:
    assert type(error) is outcome
    text = str(error)
    assert text.startswith(system.label)
    assert text.endswith(".")
    assert not any(secret in text for secret in (SECRET, "demo-", "SELECT", "@example"))
