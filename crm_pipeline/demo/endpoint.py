"""One emulated CRM as it is served: its API with a log of requests, faults and the control API beside it.

Belongs here: putting the parts together under the options of the command line. Not here: what is in the CRM.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from crm_pipeline.emulator import hubspot as hubspot_emulator
from crm_pipeline.emulator import salesforce as salesforce_emulator
from crm_pipeline.emulator.control import controlled
from crm_pipeline.emulator.faults import Delay, Faults
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot.control import HubSpotControl
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.control import SalesforceControl
from crm_pipeline.emulator.server import HOST, Server, serving

#: HubSpot finds a change "after a few moments"; how many is not documented.
SEARCH_LAG_SECONDS = 10.0
#: A small Bulk API job takes several seconds (facts salesforce 3.6).
BULK_JOB_SECONDS = 5.0


@dataclass(frozen=True)
class Options:
    """How the CRMs are served. Port 0 takes a free one; `lags` 1.0 is as slow as the platforms, 0 without lags.

    `latency`: seconds that every answer takes longer, as a network and a busy platform make it.
    """

    host: str = HOST
    hubspot_port: int = 0
    salesforce_port: int = 0
    rate_limits: bool = False
    lags: float = 0.0
    latency: float = 0.0
    seed: int = 0
    certificate: Path | None = None
    logged_requests: int | None = None


Store = TypeVar("Store", HubSpotStore, SalesforceStore)


@dataclass(frozen=True)
class Endpoint(Generic[Store]):
    """A CRM that is being served."""

    server: Server
    store: Store
    log: RequestLog


@contextmanager
def serving_hubspot(store: HubSpotStore, options: Options) -> Iterator[Endpoint[HubSpotStore]]:
    """Serve a portal until the block ends. Raises OSError: the port is taken."""
    log, faults = RequestLog(options.logged_requests), _faults(options)
    store.limits.enforced = options.rate_limits
    store.search_lag = SEARCH_LAG_SECONDS * options.lags
    control = HubSpotControl(store, log, faults, seed=options.seed)
    app = controlled(hubspot_emulator.create_app(store, log=log, faults=faults), control)
    with serving(app, options.hubspot_port, host=options.host, certificate=options.certificate) as server:
        yield Endpoint(server, store, log)


@contextmanager
def serving_salesforce(store: SalesforceStore, options: Options) -> Iterator[Endpoint[SalesforceStore]]:
    """Serve an organisation until the block ends. Raises OSError: the port is taken."""
    log, faults = RequestLog(options.logged_requests), _faults(options)
    store.usage.enforced = options.rate_limits
    store.bulk.delay = BULK_JOB_SECONDS * options.lags
    control = SalesforceControl(store, log, faults, seed=options.seed)
    app = controlled(salesforce_emulator.create_app(store, log=log, faults=faults), control)
    with serving(app, options.salesforce_port, host=options.host, certificate=options.certificate) as server:
        yield Endpoint(server, store, log)


def _faults(options: Options) -> Faults:
    faults = Faults(options.seed)
    if options.latency:
        faults.add(action=Delay(options.latency), times=None)
    return faults
