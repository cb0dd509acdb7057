"""Laws 16, 20-22: the push is killed (SIGKILL, a real process) at each outgoing call in turn, before it and after it.

After a restart both CRMs hold what they would hold without the crash, nothing is created twice, and the run after that
has nothing to do. CI kills at a write or two of each kind of push, `make laws` at every call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline_tests.laws.kill_scenarios import SCENARIOS, state_of
from crm_pipeline_tests.laws.killing import ALL, killed_push, moments, undisturbed_calls
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE


@dataclass(frozen=True)
class Undisturbed:
    """The push that nobody kills: its end and, of each CRM, for each of its calls whether it writes."""

    state: dict[str, list[str]]
    calls: dict[System, list[bool]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Undisturbed]:
    @cache
    def of(name: str) -> Undisturbed:
        with cloud(tmp_path_factory.mktemp(name), SCENARIOS[name].settings()) as crms:
            SCENARIOS[name].fill(crms)
            calls = undisturbed_calls(crms)
            return Undisturbed(state_of(crms), calls)

    return of


#: Kind of push, CRM, whether after the call. In CI a write of each CRM, once before it and once after it.
MET = [("people", H, True), ("undo", S, False)]
EVERY = [(name, system, after) for name in SCENARIOS for system in System for after in (True, False)]


@pytest.mark.parametrize(("name", "system", "after"), EVERY if ALL else MET)
def test_law_16_and_20_to_22_killed_at_any_call(
    tmp_path: Path, undisturbed: Callable[[str], Undisturbed], name: str, system: System, after: bool
) -> None:
    number = 0
    calls = undisturbed(name).calls[system]
    for call in moments(calls, after=after):
        with cloud(tmp_path / str(call), SCENARIOS[name].settings()) as crms:
            _killed(crms, name, undisturbed(name), system, call, after=after)
        number += 1
    print(f"{name}, {system} {'after' if after else 'before'}: killed at {number} of {len(calls)} calls")
    assert number


def _killed(crms: Cloud, name: str, undisturbed: Undisturbed, system: System, call: int, *, after: bool) -> None:
    SCENARIOS[name].fill(crms)
    before = bases_of(crms)
    killed_push(crms, system, call, after=after)
    _check_carried(crms, before)
    SCENARIOS[name].restart(crms)
    assert state_of(crms) == undisturbed.state, f"law 20: killed at call {call} of {system}"
    crms.clear_logs()
    crms.run()
    assert crms.writes() == []
    keys = {str(key) for (key,) in crms.execute("select create_key from push.audit where create_key <> ''")}
    made = [crms.hubspot.read("contacts", i).get("crm_pipeline_key") for i in crms.hubspot.ids("contacts")]
    made += [crms.salesforce.read("Lead", i).get("CRM_Pipeline_Key__c") for i in crms.salesforce.ids("Lead")]
    held = [key for key in made if key]
    assert len(held) == len(set(held)), "law 21: one record a key"
    assert set(held) <= keys


def bases_of(crms: Cloud) -> dict[tuple[str, str], object]:
    rows = crms.execute("select record_key, field, value from state.base")
    return {(str(key), str(field)): value for key, field, value in rows}


def _check_carried(crms: Cloud, before: dict[tuple[str, str], object]) -> None:
    """What the dead process left: every write that may have left is audited, no base moved without its answer."""
    unaudited = "select op_id from push.outbox o where state = 'sent' and op_id not in (select op_id from push.audit)"
    assert crms.execute(unaudited) == [], "law 16"
    landed = {
        (str(key), str(field))
        for key, field in crms.execute(
            "select system || '/' || object || '/' || record_id, field from push.outbox where state = 'landed' "
            "and run_id = (select max(run_id) from push.outbox)"
        )
    }
    created = {key for key, field in landed if field == "*"}
    moved = {place for place, value in bases_of(crms).items() if before.get(place) != value}
    assert {(key, field) for key, field in moved if key not in created} <= landed, "law 22"
