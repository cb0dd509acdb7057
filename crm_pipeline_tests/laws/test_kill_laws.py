"""Laws 16, 20-22: the push is killed (SIGKILL, a real process) at each outgoing call in turn, before it and after it.

After a restart both CRMs hold what they would hold without the crash, nothing is created twice, and the run after that
has nothing to do. CI kills at two writes of each CRM, `make laws` at every call.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from crm_pipeline.emulator.faults import Call, CutAfter
from crm_pipeline.model import System
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE
ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))


def fill(crms: Cloud) -> None:
    """A night of two pairs; then edits and a deletion on both sides, and a lone record on each."""
    both = {"LastName": "山田", "FirstName": "太郎", "Email": "yamada@aaa.jp", "City": "長野市", "Title": "課長"}
    contact, lead = crms.pair({"lastname": "山田", "firstname": "太郎", "phone": "000-111-2222"}, both)
    crms.run()
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "部長", "birth_date": "1990-04-01"})
    crms.salesforce.update("Lead", lead, {"Email": None, "City": "松本市"})
    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一", "email": "suzuki@hubspot.example"})
    crms.salesforce.create("Lead", {"LastName": "高橋", "Company": "T", "Email": "takahashi@salesforce.example"})
    crms.preview()
    crms.approve()


def state_of(crms: Cloud) -> dict[str, object]:
    """What a user sees in both CRMs: names, values, without ids and times."""
    contacts = [crms.hubspot.read("contacts", i) for i in crms.hubspot.ids("contacts")]
    leads = [crms.salesforce.read("Lead", i) for i in crms.salesforce.ids("Lead")]
    mapping = crms.settings.mapping.person
    return {
        "contacts": sorted(str({n: c[n] for n in mapping.crm_fields("contacts") if c.get(n)}) for c in contacts),
        "leads": sorted(str({n: r[n] for n in mapping.crm_fields("Lead") if r.get(n)}) for r in leads),
    }


def bases_of(crms: Cloud) -> dict[tuple[str, str], object]:
    rows = crms.execute("select record_key, field, value from state.base")
    return {(str(key), str(field)): value for key, field, value in rows}


def push_in_a_process(crms: Cloud, folder: Path) -> subprocess.Popen[bytes]:
    where = folder / "where.json"
    told = {
        "warehouse": str(crms.warehouse.path),
        "hubspot": crms.urls[H],
        "salesforce": crms.urls[S],
        "run_id": crms.runs,
        "bulk_from": crms.settings.salesforce.bulk_from,
    }
    where.write_text(json.dumps(told), encoding="utf-8")
    return subprocess.Popen([sys.executable, "-m", "crm_pipeline_tests.laws.push_process", str(where)])


@dataclass(frozen=True)
class Undisturbed:
    """The push that nobody kills: its end and, of each CRM, for each of its calls whether it writes."""

    state: dict[str, object]
    calls: dict[System, list[bool]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    with cloud(folder) as crms:
        fill(crms)
        crms.clear_logs()
        assert push_in_a_process(crms, folder).wait(timeout=120) == 0
        calls = {system: [r.could_change_data for r in crms.log[system].requests] for system in System}
        return Undisturbed(state_of(crms), calls)


def moments(calls: list[bool], *, after: bool) -> list[int]:
    """Which calls of a CRM are met: all of them before, the writing ones after (after a read nothing is different). In
    CI the first write before, and the last one after."""
    writing = [n for n, writes in enumerate(calls) if writes]
    if after:
        return writing if ALL else writing[-1:]
    return list(range(len(calls))) if ALL else writing[:1]


#: In CI a write of each CRM, once before it and once after it.
MET = [(H, True), (S, False)] + ([(H, False), (S, True)] if ALL else [])


@pytest.mark.parametrize(("system", "after"), MET, ids=[f"{s}-{'after' if late else 'before'}" for s, late in MET])
def test_law_16_and_20_to_22_killed_at_any_call(
    tmp_path: Path, undisturbed: Undisturbed, system: System, after: bool
) -> None:
    number = 0
    for call in moments(undisturbed.calls[system], after=after):
        folder = tmp_path / str(call)
        with cloud(folder) as crms:
            _killed(crms, folder, undisturbed, system, call, after=after)
        number += 1
    print(f"{system} {'after' if after else 'before'}: killed at {number} of {len(undisturbed.calls[system])} calls")
    assert number


def _killed(crms: Cloud, folder: Path, undisturbed: Undisturbed, system: System, call: int, *, after: bool) -> None:
    fill(crms)
    before = bases_of(crms)
    process: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        os.kill(process[0].pid, signal.SIGKILL)

    if after:
        crms.faults[system].add(action=CutAfter(), after=call)
    crms.faults[system].add(action=Call(kill), after=call)
    process.append(push_in_a_process(crms, folder))
    assert process[0].wait(timeout=120) == -signal.SIGKILL, "the push makes this call"
    crms.faults[system].clear()
    _check_carried(crms, before)
    crms.run()
    assert state_of(crms) == undisturbed.state, f"law 20: killed at call {call} of {system}"
    crms.clear_logs()
    crms.run()
    assert crms.writes() == []
    keys = [key for (key,) in crms.execute("select distinct create_key from push.audit where create_key <> ''")]
    made = [crms.hubspot.read("contacts", i).get("crm_pipeline_key") for i in crms.hubspot.ids("contacts")]
    made += [crms.salesforce.read("Lead", i).get("CRM_Pipeline_Key__c") for i in crms.salesforce.ids("Lead")]
    assert sorted(k for k in made if k) == sorted(str(k) for k in keys), "law 21: one record a key"


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
