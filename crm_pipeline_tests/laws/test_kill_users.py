"""Laws 14-16, 20-23, 30 and 31: the push is killed (SIGKILL, a real process), and before it is started again users
edit, clear, delete, merge and convert exactly the records that were being written, and what they were written from.

CI kills once in each CRM; `make laws` at every call, before and after it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline_tests.laws.killing import ALL, moments
from crm_pipeline_tests.laws.machine.cloud_kills import calls, violations
from crm_pipeline_tests.laws.machine.ground import H, S

#: In CI a write of each CRM, once before it and once after it.
MET = [(H, True), (S, False)] + ([(H, False), (S, True)] if ALL else [])


@pytest.fixture(scope="module")
def of_push(tmp_path_factory: pytest.TempPathFactory) -> dict[System, list[bool]]:
    return calls(tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize(("system", "after"), MET, ids=[f"{s}-{'after' if late else 'before'}" for s, late in MET])
def test_law_14_to_16_and_20_to_23_and_30_and_31_users_at_work_between_the_kill_and_the_restart(
    tmp_path: Path, of_push: dict[System, list[bool]], system: System, after: bool
) -> None:
    for call in moments(of_push[system], after=after):
        folder = tmp_path / str(call)
        folder.mkdir()
        found = violations(folder, system, call, after=after)
        told = "\n".join(f"{who}: {broken}" for who, broken in found.items())
        assert not found, f"killed {'after' if after else 'before'} call {call} of {system}:\n{told}"
