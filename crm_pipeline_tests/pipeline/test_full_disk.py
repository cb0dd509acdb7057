"""A disk that fills up in the middle of a run: one sentence, the state before is whole, the next run goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm_pipeline.emulator.organisation import generate, load
from crm_pipeline.errors import WarehouseError
from crm_pipeline.publish import stage as publish
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


def test_a_disk_that_is_full_in_push_or_publish_loses_doubles_and_halves_nothing(small_disk: Path) -> None:
    """Laws 16, 20 and 21: what leaves was on disk before; and readers keep the copy that was published before."""

    def filled(step: Callable[[], object]) -> None:
        filler = small_disk / "filler"
        filler.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 20_000))
        with pytest.raises(WarehouseError, match=rf"the disk with {small_disk}/crm\S+ is full; free some space"):
            step()
        filler.unlink()

    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    with cloud(small_disk) as crms:
        for name in ("山田", "松本"):
            crms.pair({"lastname": name, "city": "長野市"}, {"LastName": name, "FirstName": "太郎"})
        crms.hubspot.create("contacts", {"lastname": "森", "email": "mori@aaa.example"})
        crms.preview()
        crms.approve()
        filled(crms.push)
        assert crms.writes() == []
        assert set(crms.push().states) == {"landed"}
        publish.run(crms.warehouse, crms.settings, crms.step.run_id)
        before = crms.settings.published.read_bytes()
        filled(lambda: publish.run(crms.warehouse, crms.settings, crms.step.run_id))
        assert crms.settings.published.read_bytes() == before
        assert not list(small_disk.glob("*.building*"))
        assert len(crms.salesforce.ids("Lead")) == 3
