"""A disk that fills up in the middle of a run: one sentence, the state before is whole, the next run goes on."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline.emulator.organisation import generate, load
from crm_pipeline.errors import WarehouseError
from crm_pipeline_tests.pipeline.cloud import cloud

MOUNT = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 5 MB; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run([*MOUNT, str(folder)], capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(("where", "left"), [("database", 700_000), ("temporary files", 50_000)])
def test_a_full_disk_is_said_and_the_next_run_goes_on(
    small_disk: Path, tmp_path: Path, where: str, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = small_disk if where == "database" else tmp_path
    if where == "temporary files":
        monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    with cloud(data) as crms:
        load(generate(1, 0.05), crms.hubspot, crms.salesforce)
        filler = small_disk / "filler"
        filler.write_bytes(b"x" * (5 * 1024 * 1024 - left))
        with pytest.raises(WarehouseError, match=r"disk .*full"):
            crms.run()
        assert crms.writes() == []
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
        assert set(crms.run().states) <= {"landed", "invalid"}
