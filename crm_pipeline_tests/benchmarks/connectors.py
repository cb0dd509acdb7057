"""Airbyte's connectors for HubSpot and Salesforce, as PyPI has them, in environments of their own.

Why these: well known, maintained by their vendor, incremental, on PyPI, and of one protocol.
Belongs here: making the environments, running a connector, what it delivered. Not here: what of it is right.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from crm_pipeline.model import System
from crm_pipeline_tests.benchmarks.crm_state import EDITED
from crm_pipeline_tests.benchmarks.emulator_client import most_memory


@dataclass(frozen=True)
class Connector:
    """A connector: its package, its command, and what it calls the objects."""

    system: System
    package: str
    version: str
    command: str
    streams: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.package} {self.version}"


_ACTIVITIES = ("calls", "emails", "meetings", "notes", "tasks")
_HUBSPOT = {name: name for name in ("contacts", "companies", "deals", "tickets")}
_SALESFORCE = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "Case", "Task", "Event")
CONNECTORS = {
    System.HUBSPOT: Connector(
        System.HUBSPOT,
        "airbyte-source-hubspot",
        "5.7.0",
        "source-hubspot",
        _HUBSPOT | {name: f"engagements_{name}" for name in _ACTIVITIES},
    ),
    System.SALESFORCE: Connector(
        System.SALESFORCE,
        "airbyte-source-salesforce",
        "2.10.3",
        "source-salesforce",
        {name: name for name in _SALESFORCE},
    ),
}
#: Before the oldest record of a synthetic organisation, so that nothing is left out and no empty years are asked for.
_START = "2014-01-01T00:00:00Z"


class NotThereError(Exception):
    """The connector cannot be had here; the text says why."""


@dataclass
class Delivered:
    """What a connector gave out. `ids` by object; for changes only: `values` of the EDITED fields, and ids told `gone`.

    `base` and `peak` in MiB, `seconds` of the read alone; `errors`: what it complained about; `stopped`: it took longer
    than it was given.
    """

    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    values: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    gone: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    state: list[Any] = field(default_factory=list)
    rows: int = 0
    seconds: float = 0.0
    base: int = 0
    peak: int = 0
    errors: list[str] = field(default_factory=list)
    stopped: bool = False


def command(connector: Connector, folder: Path, authority: Path) -> Path:
    """The connector's program, which trusts `authority`; its environment is made in `folder` once.

    Raises NotThereError.
    """
    home = folder / f"{connector.package}-{connector.version}"
    program = home / "bin" / connector.command
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        wanted = f"{connector.package}=={connector.version}"
        done = subprocess.run(
            [str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", wanted],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["ERROR: pip failed"]
            raise NotThereError(f"{wanted} cannot be installed here ({said[-1][7:]})")
    _trust(home, authority)
    return program


def _trust(home: Path, authority: Path) -> None:
    """Some calls of a connector look only into the list of authorities that its environment brings."""
    bundle = next(home.glob("lib/python3*/site-packages/certifi/cacert.pem"))
    original = bundle.with_suffix(".original")
    if not original.exists():
        original.write_bytes(bundle.read_bytes())
    bundle.write_bytes(original.read_bytes() + authority.read_bytes())


def read(
    connector: Connector,
    program: Path,
    folder: Path,
    environment: Mapping[str, str],
    objects: Iterable[str],
    state: list[Any] | None = None,
    *,
    patience: float,
) -> Delivered:
    """Read the objects for at most `patience` seconds, incrementally when there is a `state`.

    Its files are in `folder`.
    """
    config, catalog, kept = (folder / f"{connector.command}-{name}.json" for name in ("config", "catalog", "state"))
    config.write_text(json.dumps(_config(connector.system, environment)))
    base = _base([str(program), "spec"], environment, folder)
    wanted = {connector.streams[name]: name for name in objects}
    catalog.write_text(json.dumps(_catalog(program, config, environment, wanted)))
    arguments = [str(program), "read", "--config", str(config), "--catalog", str(catalog)]
    if state is not None:
        kept.write_text(json.dumps(state))
        arguments += ["--state", str(kept)]
    found = Delivered(base=base)
    _run(found, arguments, environment, folder, wanted, with_values=state is not None, patience=patience)
    return found


def state_at(connector: Connector, objects: Iterable[str], at: datetime) -> list[Any]:
    """The state of a connector that has read everything up to a time; for one that was stopped before it got there."""
    states = []
    for name in objects:
        if connector.system is System.HUBSPOT:
            state: dict[str, Any] = {"updatedAt": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        else:
            end = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            start = _START.replace("Z", ".000Z")
            state = {
                "slices": [{"start": start, "end": end, "most_recent_cursor_value": end}],
                "state_type": "date-range",
            }
        stream = {"stream_descriptor": {"name": connector.streams[name]}, "stream_state": state}
        states.append({"type": "STREAM", "stream": stream})
    return states


def _run(
    found: Delivered,
    arguments: list[str],
    environment: Mapping[str, str],
    folder: Path,
    wanted: Mapping[str, str],
    *,
    with_values: bool,
    patience: float,
) -> None:
    states: dict[str, Any] = {}
    started = time.perf_counter()
    with _started(arguments, environment, folder) as process:
        peak = _Peak(process.pid)
        end = threading.Timer(patience, process.terminate)
        end.start()
        assert process.stdout
        for line in process.stdout:
            message = _message(line)
            if message["type"] == "RECORD":
                name, data = wanted[message["record"]["stream"]], message["record"]["data"]
                found.rows += 1
                found.ids[name].add(str(data.get("id") or data.get("Id")))
                if with_values:
                    _note(found, name, data)
            elif message["type"] == "STATE" and "stream" in message["state"]:
                states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
            elif message["type"] == "TRACE" and "error" in message["trace"]:
                found.errors.append(str(message["trace"]["error"]["message"])[:200])
        end.cancel()
        found.peak = peak.stop()
    found.seconds, found.state = time.perf_counter() - started, list(states.values())
    found.stopped = found.seconds >= patience
    if process.returncode and not found.stopped:
        found.errors.append(f"ended with {process.returncode}")


def _note(found: Delivered, name: str, data: Mapping[str, Any]) -> None:
    record_id = str(data.get("id") or data.get("Id"))
    of_hubspot = data.get("properties")
    properties: Mapping[str, Any] = of_hubspot if isinstance(of_hubspot, Mapping) else data
    if any(data.get(name) for name in ("archived", "IsDeleted", "IsConverted")):
        found.gone[name].add(record_id)
    found.values[name][record_id] = str(properties.get(EDITED[name]))
    for merged in ("hs_merged_object_ids", "hs_calculated_merged_vids"):
        for part in str(properties.get(merged) or "").split(";"):
            found.gone[name].add(part.partition(":")[0])


def _catalog(
    program: Path, config: Path, environment: Mapping[str, str], wanted: Mapping[str, str]
) -> dict[str, list[Any]]:
    streams = []
    with _started([str(program), "discover", "--config", str(config)], environment, config.parent) as process:
        assert process.stdout
        for line in process.stdout:
            message = _message(line)
            if message["type"] == "CATALOG":
                streams = [one for one in message["catalog"]["streams"] if one["name"] in wanted]
    modes = {"sync_mode": "incremental", "destination_sync_mode": "append"}
    return {"streams": [{"stream": s, **modes, "cursor_field": s.get("default_cursor_field") or []} for s in streams]}


def _config(system: System, environment: Mapping[str, str]) -> dict[str, Any]:
    """The connector's settings: as they come, but for what makes it faster: the first date, one worker for each object
    (HubSpot), queries of a year each instead of thirty days (Salesforce)."""
    if system is System.HUBSPOT:
        token = environment["HUBSPOT_ACCESS_TOKEN"]
        credentials = {"credentials_title": "Private App Credentials", "access_token": token}
        return {"credentials": credentials, "start_date": _START, "num_worker": 9}
    return {
        "client_id": environment["SALESFORCE_CLIENT_ID"],
        "client_secret": environment["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": environment["SALESFORCE_REFRESH_TOKEN"],
        "auth_type": "Client",
        "is_sandbox": False,
        "start_date": _START,
        "stream_slice_step": "P365D",
    }


def _base(arguments: list[str], environment: Mapping[str, str], folder: Path) -> int:
    """The memory of the connector when it has only told what it is."""
    with _started(arguments, environment, folder) as process:
        peak = _Peak(process.pid)
        process.communicate()
        return peak.stop()


def _started(arguments: list[str], environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    # Airbyte leaves the pages of bulk jobs in the current folder.
    return subprocess.Popen(
        arguments, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def _message(line: bytes) -> Any:
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {"type": "LOG"}
    return message if isinstance(message, dict) and "type" in message else {"type": "LOG"}


class _Peak:
    """Watches the largest resident size that a process has had."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._stop = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """MiB."""
        self._stop.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            try:
                self._most = max(self._most, most_memory(self._pid))
            except (OSError, StopIteration):  # it has ended
                return
