"""A read that is killed (SIGKILL, a real process) goes on with the pages that are missing: no loss, nothing twice."""

import json
import os
import signal
import subprocess
import sys
from urllib.parse import parse_qs

from crm_pipeline.emulator.faults import Call
from crm_pipeline.extract import stage
from crm_pipeline.model import System

_LIST = r"/objects/.*/contacts$"


def _pages(world):
    """Where the pages of the list began that were asked for."""
    asked = [r for r in world.log.requests if r.method == "GET" and r.path.endswith("contacts")]
    return [parse_qs(r.query).get("after", [""])[0] for r in asked if "archived=True" not in r.query]


def _spans_done(world):
    """The ids of the pages that were whole when the process was killed."""
    (path,) = world.warehouse.path.parent.glob("*.spool/hubspot_contacts/state.ndjson")
    spans = [json.loads(line).get("span") for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return [(int(after or 0), int(to)) for after, to in filter(None, spans) if to]


def test_a_killed_read_asks_for_the_missing_pages_only(world):
    ids = world.contacts(2_150)
    world.next_run()
    stage.extract_schema(world.warehouse, world.crms[System.HUBSPOT], world.settings, 1)
    process = []
    world.log.clear()
    world.faults.add(method="GET", path=_LIST, action=Call(lambda: os.kill(process[0].pid, signal.SIGKILL)), after=30)
    url = world.credentials[0].base_url
    command = [sys.executable, "-m", "crm_pipeline_tests.extract.read_process", str(world.warehouse.path), url]
    process.append(subprocess.Popen(command))
    assert process[0].wait(timeout=60) == -signal.SIGKILL
    assert len(_pages(world)) > 30
    done = _spans_done(world)
    assert len(done) > 5  # of thirty pages at most sixteen were under way
    world.faults.clear()
    world.log.clear()
    assert world.live() == set()
    started = world.clock.now()
    result = stage.extract_object(world.warehouse, world.crms[System.HUBSPOT], world.settings, 1, "contacts")
    assert (result.resumed, result.new) == (True, 2_150)
    assert world.live() == set(ids)
    assert world.rows("select count(*) from raw.hubspot_contacts") == [(2_150,)]
    assert world.rows("select read_until from raw.watermark where object = 'contacts'") == [(started,)]
    repeated = [after for after in _pages(world) if any(low <= int(after or 0) < high for low, high in done)]
    assert repeated == []
    assert not list(world.warehouse.path.parent.glob("*.spool/*"))
