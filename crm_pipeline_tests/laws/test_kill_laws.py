"""Laws 20 and 21: the push is killed (SIGKILL, a real process) at each outgoing call in turn, before it and after it.

After a restart both CRMs hold what they would hold without the crash, nothing is created twice, and the run after that
has nothing to do.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm_pipeline.emulator.faults import Call, CutAfter
from crm_pipeline.model import System
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE

#: Every call that a push of this small organisation makes, in the order of the push.
CALLS = [
    *((H, r"/batch/read$", n) for n in range(4)),
    (H, r"/batch/upsert$", 0),
    (H, r"/batch/update$", 0),
    (S, r"/oauth2/token$", 0),
    (S, r"/describe$", 0),
    *((S, r"/query/?$", n) for n in range(7)),
    *((S, r"/composite/?$", n) for n in range(2)),
]


def _writes(call: tuple[System, str, int]) -> bool:
    return "up" in call[1] or "composite" in call[1]


#: `make laws` kills at every call; without it at every write and at the first read of each CRM.
ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))
FIRST = {
    system: next(call for call in CALLS if call[0] is system and ("read" in call[1] or "query" in call[1]))
    for system in System
}
#: Of the writes also the moment after: handled by the CRM, the answer lost. After a read nothing is different.
MOMENTS = [
    *((*call, False) for call in CALLS if ALL or _writes(call) or call in FIRST.values()),
    *((*call, True) for call in CALLS if _writes(call)),
]


def fill(crms: Cloud) -> None:
    """Updates and creates on both sides."""
    crms.pair(
        {"lastname": "山田", "firstname": "太郎", "phone": "000-111-2222"},
        {"LastName": "山田", "FirstName": "太郎", "Email": "yamada@aaa.jp", "City": "長野市"},
    )
    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一", "email": "suzuki@hubspot.example"})
    crms.salesforce.create("Lead", {"LastName": "高橋", "Company": "T", "Email": "takahashi@salesforce.example"})


def state_of(crms: Cloud) -> dict[str, object]:
    """What a user sees in both CRMs: names, values, without ids and times."""
    contacts = [crms.hubspot.read("contacts", i) for i in crms.hubspot.ids("contacts")]
    leads = [crms.salesforce.read("Lead", i) for i in crms.salesforce.ids("Lead")]
    mapping = crms.settings.mapping.person
    return {
        "contacts": sorted(str({n: c[n] for n in mapping.crm_fields("contacts") if c.get(n)}) for c in contacts),
        "leads": sorted(str({n: r[n] for n in mapping.crm_fields("Lead") if r.get(n)}) for r in leads),
    }


def push_in_a_process(crms: Cloud, folder: Path) -> subprocess.Popen[bytes]:
    where = folder / "where.json"
    told = {
        "warehouse": str(crms.warehouse.path),
        "hubspot": crms.urls[H],
        "salesforce": crms.urls[S],
        "run_id": crms.step.run_id,
    }
    where.write_text(json.dumps(told), encoding="utf-8")
    return subprocess.Popen([sys.executable, "-m", "crm_pipeline_tests.laws.push_process", str(where)])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    with cloud(tmp_path_factory.mktemp("undisturbed")) as crms:
        fill(crms)
        crms.run()
        return state_of(crms)


@pytest.mark.parametrize(("system", "path", "passing", "after"), MOMENTS)
def test_law_20_and_21_killed_at_any_call(
    tmp_path: Path, undisturbed: dict[str, object], system: System, path: str, passing: int, after: bool
) -> None:
    with cloud(tmp_path) as crms:
        fill(crms)
        crms.preview()
        crms.approve()
        process: list[subprocess.Popen[bytes]] = []

        def kill() -> None:
            os.kill(process[0].pid, signal.SIGKILL)

        if after:
            crms.faults[system].add(path=path, action=CutAfter(), after=passing)
        crms.faults[system].add(path=path, action=Call(kill), after=passing)
        process.append(push_in_a_process(crms, tmp_path))
        assert process[0].wait(timeout=60) == -signal.SIGKILL, "the push makes this call"
        crms.faults[system].clear()
        before_restart = len(crms.execute("select * from push.outbox where state = 'sent'"))
        crms.run()
        assert state_of(crms) == undisturbed, f"{before_restart} operations were under way"
        crms.clear_logs()
        crms.run()
        assert crms.writes() == []
        keys = [key for (key,) in crms.execute("select distinct create_key from push.audit where create_key <> ''")]
        made = [crms.hubspot.read("contacts", i).get("crm_pipeline_key") for i in crms.hubspot.ids("contacts")]
        made += [crms.salesforce.read("Lead", i).get("CRM_Pipeline_Key__c") for i in crms.salesforce.ids("Lead")]
        assert sorted(k for k in made if k) == sorted(str(k) for k in keys), "law 21: one record a key"
