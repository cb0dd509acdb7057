"""Killing a real push: a process of its own gets SIGKILL at one of its calls, before or after the CRM handled it.

Belongs here: the process, the moment, which moments there are. Not here: what is asked of those who restart it.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys

from crm_pipeline.emulator.faults import Call, CutAfter
from crm_pipeline.model import System
from crm_pipeline_tests.laws.push_process import Where
from crm_pipeline_tests.pipeline.cloud import Cloud

#: `make laws` sets it: every call.
ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))


def push_in_a_process(crms: Cloud) -> subprocess.Popen[bytes]:
    """Start the push of the plan that was made last."""
    from_file = crms.settings.warehouse.with_name("where.pickle")
    from_file.write_bytes(pickle.dumps(Where(crms.settings, crms.urls, crms.runs)))
    return subprocess.Popen([sys.executable, "-m", "crm_pipeline_tests.laws.push_process", str(from_file)])


def undisturbed_calls(crms: Cloud) -> dict[System, list[bool]]:
    """Push and let live: of each CRM, for each call in its order, whether it writes."""
    crms.clear_logs()
    assert push_in_a_process(crms).wait(timeout=120) == 0
    return {system: [r.could_change_data for r in crms.log[system].requests] for system in System}


def killed_push(
    crms: Cloud, system: System, call: int, *, after: bool, method: str | None = None, path: str = ""
) -> None:
    """Push and kill at the `call`-th call (from 0) of those to a CRM that match. `after`: once it was handled."""
    process: list[subprocess.Popen[bytes]] = []
    if after:
        crms.faults[system].add(method=method, path=path, action=CutAfter(), after=call)
    kill = Call(lambda: os.kill(process[0].pid, signal.SIGKILL))
    crms.faults[system].add(method=method, path=path, action=kill, after=call)
    process.append(push_in_a_process(crms))
    assert process[0].wait(timeout=120) == -signal.SIGKILL, "the push makes this call"
    crms.faults[system].clear()


def moments(calls: list[bool], *, after: bool) -> list[int]:
    """Which calls of a CRM are met: all of them before, the writing ones after (after a read nothing is different). In
    CI the first write before, and the last one after."""
    writing = [n for n, writes in enumerate(calls) if writes]
    if after:
        return writing if ALL else writing[-1:]
    return list(range(len(calls))) if ALL else writing[:1]
