"""Both emulated CRMs with the demo organisation in them, served on the loopback address while a block runs.

Belongs here: filling, serving and keeping the two CRMs, and the environment that leads the product to them. Not here:
what the product does with them, `crm-pipeline emulator` (emulators.py).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.demo.access import hubspot_access, salesforce_access
from crm_pipeline.demo.endpoint import Endpoint, Options, serving_hubspot, serving_salesforce
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation import generate, guide, load, portal, with_business
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.errors import ConfigError, SafetyError
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
def running(data: Path, *, fresh: bool, size: float = 1.0, options: Options | None = None) -> Iterator[World]:
    """Serve both CRMs until the block ends, as `options` say.

    `data` is the folder with demo/ (the guide's example, settings) in it; the state of the CRMs is kept in its
    emulator/ folder. `fresh` starts anew from the guide's example and the made-up organisation (`size` as in
    `generate`), as does a folder without state. Raises ConfigError for a mistake in the files there, SafetyError
    when the CRMs of this folder are running already.
    """
    kept = data / "emulator"
    pairs: tuple[tuple[str, str], ...] = ()
    with _alone(kept):
        if _is_kept(kept) and not fresh:
            hubspot, salesforce = _kept_stores(kept)
        else:
            hubspot, salesforce, pairs = _new_stores(data / "demo", size)
        try:
            with (
                serving_hubspot(hubspot, options or Options()) as one,
                serving_salesforce(salesforce, options or Options()) as other,
            ):
                environment = _environment(one, other) | {
                    "CRM_PIPELINE_SETTINGS": str(data / "demo" / "settings.yaml"),
                }
                yield World(hubspot, salesforce, one.log, other.log, environment, pairs)
        finally:
            _keep(kept, hubspot, salesforce)


@contextmanager
def empty(options: Options) -> Iterator[Mapping[str, str]]:
    """Serve two new CRMs with the standard fields and no records until the block ends; gives the environment."""
    with (
        serving_hubspot(HubSpotStore(), options) as hubspot,
        serving_salesforce(SalesforceStore(), options) as salesforce,
    ):
        yield _environment(hubspot, salesforce)


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


def _environment(hubspot: Endpoint[HubSpotStore], salesforce: Endpoint[SalesforceStore]) -> dict[str, str]:
    return hubspot_access(hubspot.store, hubspot.server.url) | salesforce_access(
        salesforce.store, salesforce.server.url
    )


def _new_stores(demo: Path, size: float) -> tuple[HubSpotStore, SalesforceStore, tuple[tuple[str, str], ...]]:
    example = guide(demo)
    hubspot, salesforce = HubSpotStore(), SalesforceStore()
    portal.set_up(hubspot, salesforce)
    portal.set_up_business(hubspot)
    load(with_business(generate(SEED, size), SEED, size), hubspot, salesforce)
    ids = load(example, hubspot, salesforce)
    keys: dict[str, list[str]] = {}
    for truth in example.truth:
        key = record_key(truth.system, truth.object, ids[truth.system, truth.object, truth.index])
        keys.setdefault(truth.entity, []).append(key)
    return hubspot, salesforce, tuple((one, other) for one, other in keys.values())


def _is_kept(folder: Path) -> bool:
    return (folder / "hubspot.ndjson").exists() and (folder / "salesforce.ndjson").exists()


def _kept_stores(folder: Path) -> tuple[HubSpotStore, SalesforceStore]:
    try:
        hubspot = HubSpotStore.load(folder / "hubspot.ndjson")
        salesforce = SalesforceStore.load(folder / "salesforce.ndjson")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigError(
            f"the state of the emulated CRMs in {folder} cannot be read ({type(error).__name__}): it is damaged or of "
            "another version; remove that folder, or run make demo, which starts anew"
        ) from error
    portal.offer_picklist_values(salesforce)
    return hubspot, salesforce


def _keep(folder: Path, hubspot: HubSpotStore, salesforce: SalesforceStore) -> None:
    """Save both, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, store in (("hubspot", hubspot), ("salesforce", salesforce)):
        new = folder / f"{name}.ndjson.new"
        store.save(new)
        os.replace(new, folder / f"{name}.ndjson")
