"""Laws 14-16, 20-23, 30 and 31: the push is killed (SIGKILL, a real process), and before it is started again users
edit, clear, delete, merge and convert exactly the records that were being written, and what they were written from.

CI kills once, in HubSpot's creates; `make laws` at every call, before and after it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline_tests.laws.killing import ALL, moments
from crm_pipeline_tests.laws.machine.cloud_kills import calls, violations
from crm_pipeline_tests.laws.machine.ground import H


def test_law_14_to_16_and_20_to_23_and_30_and_31_users_at_work_between_the_kill_and_the_restart(tmp_path: Path) -> None:
    assert violations(tmp_path, H, 0, after=True, path="/batch/upsert$") == {}


@pytest.mark.skipif(not ALL, reason="every call: make laws")
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("system", System)
def test_law_14_to_16_and_20_to_23_and_30_and_31_at_every_call(
    tmp_path: Path, of_push: dict[System, list[bool]], system: System, after: bool
) -> None:
    met = moments(of_push[system], after=after)
    for call in met:
        folder = tmp_path / str(call)
        folder.mkdir()
        found = violations(folder, system, call, after=after)
        told = "\n".join(f"{who}: {broken}" for who, broken in found.items())
        assert not found, f"killed {'after' if after else 'before'} call {call} of {system}:\n{told}"
    print(f"{system} {'after' if after else 'before'}: killed at {len(met)} of {len(of_push[system])} calls")


@pytest.fixture(scope="module")
def of_push(tmp_path_factory: pytest.TempPathFactory) -> dict[System, list[bool]]:
    return calls(tmp_path_factory.mktemp("undisturbed"))
