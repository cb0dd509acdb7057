"""Both emulated CRMs with the demo organisation in them, served on the loopback address while a block runs.

Belongs here: filling, serving and keeping the two CRMs, and the environment that leads the product to them. Not here:
what the product does with them. `python -m crm_pipeline.demo.world` serves them until Ctrl-C.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from crm_pipeline.emulator import hubspot as hubspot_emulator
from crm_pipeline.emulator import salesforce as salesforce_emulator
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation import generate, guide, load, portal
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.server import serving
from crm_pipeline.errors import CrmPipelineError, SafetyError
from crm_pipeline.model import record_key

#: The demo's organisation is the same everywhere and every time.
SEED = 20261120


@dataclass(frozen=True)
class World:
    """Two running CRMs.

    `environment`: the variables that lead the product to them; nothing in it is secret. `example_pairs`: record keys
    (HubSpot, Salesforce) of the guide's people; empty when the state was kept from before.
    """

    hubspot: HubSpotStore
    salesforce: SalesforceStore
    hubspot_log: RequestLog
    salesforce_log: RequestLog
    environment: Mapping[str, str]
    example_pairs: tuple[tuple[str, str], ...]


@contextmanager
def running(data: Path, *, fresh: bool, size: float = 1.0) -> Iterator[World]:
    """Serve both CRMs on free ports until the block ends.

    `data` is the folder with demo/ (the guide's example, settings) in it; the state of the CRMs is kept in its
    emulator/ folder. `fresh` starts anew from the guide's example and the made-up organisation (`size` as in
    `generate`), as does a folder without state. Raises ConfigError for a mistake in the example's files, SafetyError
    when the CRMs of this folder are running already.
    """
    kept = data / "emulator"
    pairs: tuple[tuple[str, str], ...] = ()
    with _alone(kept):
        if _is_kept(kept) and not fresh:
            hubspot, salesforce = _kept_stores(kept)
        else:
            hubspot, salesforce, pairs = _new_stores(data / "demo", size)
        logs = RequestLog(), RequestLog()
        try:
            with (
                serving(hubspot_emulator.create_app(hubspot, log=logs[0])) as hubspot_server,
                serving(salesforce_emulator.create_app(salesforce, log=logs[1])) as salesforce_server,
            ):
                urls = hubspot_server.url, salesforce_server.url
                environment = _environment(hubspot, salesforce, *urls, data / "demo" / "settings.yaml")
                yield World(hubspot, salesforce, *logs, environment, pairs)
        finally:
            _keep(kept, hubspot, salesforce)


def main() -> int:
    """Serve both CRMs until Ctrl-C (or SIGTERM), and print how another terminal reaches them."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with running(Path("data"), fresh=False) as world:
            print("Two emulated CRMs with the demo organisation. In another terminal, in this folder:\n")
            for name, value in world.environment.items():
                print(f"  export {name}={shlex.quote(value)}")
            print("\nCtrl-C stops both; their state stays in data/emulator/.", flush=True)
            stop.wait()
    except CrmPipelineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The system lets go of the lock when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SafetyError(
                f"the emulated CRMs of {folder} are running already (make demo, make dev or crm-pipeline emulator); "
                "stop them there first"
            ) from None
        yield


def _environment(
    hubspot: HubSpotStore, salesforce: SalesforceStore, hubspot_url: str, salesforce_url: str, settings: Path
) -> dict[str, str]:
    return {
        "HUBSPOT_ACCESS_TOKEN": hubspot.token,
        "HUBSPOT_BASE_URL": hubspot_url,
        "SALESFORCE_LOGIN_URL": salesforce_url,
        "SALESFORCE_CLIENT_ID": salesforce.client_id,
        "SALESFORCE_CLIENT_SECRET": salesforce.client_secret,
        "CRM_PIPELINE_SETTINGS": str(settings),
    }


def _new_stores(demo: Path, size: float) -> tuple[HubSpotStore, SalesforceStore, tuple[tuple[str, str], ...]]:
    example = guide(demo)
    hubspot, salesforce = HubSpotStore(), SalesforceStore()
    portal.set_up(hubspot, salesforce)
    load(generate(SEED, size), hubspot, salesforce)
    ids = load(example, hubspot, salesforce)
    keys: dict[str, list[str]] = {}
    for truth in example.truth:
        key = record_key(truth.system, truth.object, ids[truth.system, truth.object, truth.index])
        keys.setdefault(truth.entity, []).append(key)
    return hubspot, salesforce, tuple((one, other) for one, other in keys.values())


def _is_kept(folder: Path) -> bool:
    return (folder / "hubspot.json").exists() and (folder / "salesforce.json").exists()


def _kept_stores(folder: Path) -> tuple[HubSpotStore, SalesforceStore]:
    hubspot = HubSpotStore.load(folder / "hubspot.json")
    salesforce = SalesforceStore.load(folder / "salesforce.json")
    portal.offer_picklist_values(salesforce)
    return hubspot, salesforce


def _keep(folder: Path, hubspot: HubSpotStore, salesforce: SalesforceStore) -> None:
    """Save both, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, store in (("hubspot", hubspot), ("salesforce", salesforce)):
        new = folder / f"{name}.json.new"
        store.save(new)
        os.replace(new, folder / f"{name}.json")


if __name__ == "__main__":
    sys.exit(main())
