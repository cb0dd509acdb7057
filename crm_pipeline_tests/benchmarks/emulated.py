"""Emulated CRMs in processes of their own that also do what a benchmark tells them, beside their API.

Belongs here: starting, filling, serving, asking and stopping the processes. Not here: what they are asked
(crm_state.py), what reads them.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm_pipeline.demo.access import hubspot_access, salesforce_access
from crm_pipeline.demo.endpoint import Options, serving_hubspot, serving_salesforce
from crm_pipeline.emulator.certificates import make_certificates
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.names import HUBSPOT_HOSTS, is_salesforce
from crm_pipeline.emulator.organisation.synthetic import Synthetic, load_hubspot, load_salesforce
from crm_pipeline.emulator.proxy import proxying
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import System

#: Seconds that an answer takes at least: a call from Tokyo to either platform takes 100 to 300 ms.
LATENCY = 0.1


class EmulatedCrm:
    """A process that serves one CRM."""

    def __init__(self, system: System, organisation: Synthetic, options: Options) -> None:
        context = multiprocessing.get_context("spawn")
        self.system = system
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(system, organisation, options, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def wait(self) -> Mapping[str, str]:
        """The variables that lead to the CRM, when all its records are there."""
        access: Mapping[str, str] = self._connection.recv()
        return access

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What `function(endpoint, *arguments)` gives in the process of the CRM; its errors are raised here."""
        self._connection.send((function, arguments))
        result = self._connection.recv()
        if isinstance(result, Exception):
            raise result
        return result

    def stop(self) -> None:
        """End the process and wait for its end."""
        self._connection.close()
        self._process.join()


@dataclass(frozen=True)
class World:
    """Both CRMs. `environment`: what a client needs; `authority`: whom to trust, for clients with a list of their own
    (None without https)."""

    crms: Mapping[System, EmulatedCrm]
    environment: Mapping[str, str]
    authority: Path | None


@contextmanager
def serving(organisation: Synthetic, options: Options, *, https_in: Path | None = None) -> Iterator[World]:
    """Fill and serve both CRMs until the block ends; with a folder for certificates by https and under their own names
    too, as connectors want it that have them built in."""
    authority = None
    with ExitStack() as stack:
        if https_in is not None:
            certificates = make_certificates(https_in)
            options, authority = replace(options, certificate=certificates.server), certificates.authority
        crms = {}
        for system in System:
            crms[system] = EmulatedCrm(system, organisation, options)
            stack.callback(crms[system].stop)
        environment = {name: value for crm in crms.values() for name, value in crm.wait().items()}
        if authority is not None:
            hubspot, salesforce = (
                urlsplit(environment[name]).port for name in ("HUBSPOT_BASE_URL", "SALESFORCE_LOGIN_URL")
            )

            def route(host: str, wanted: int) -> int | None:
                if host in ("127.0.0.1", "localhost"):
                    return wanted if wanted in (hubspot, salesforce) else None
                return hubspot if host in HUBSPOT_HOSTS else salesforce if is_salesforce(host) else None

            proxy = f"http://127.0.0.1:{stack.enter_context(proxying(route))}"
            trusted = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authority.resolve()))
            environment |= {**trusted, "HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1,localhost"}
        yield World(crms, environment, authority)


def _serve(system: System, organisation: Synthetic, options: Options, connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the pipe's end is what ends this
    if system is System.HUBSPOT:
        hubspot = HubSpotStore()
        load_hubspot(organisation, hubspot)
        with serving_hubspot(hubspot, options) as endpoint:
            _obey(endpoint, hubspot_access(hubspot, endpoint.server.url), connection)
    else:
        salesforce = SalesforceStore()
        load_salesforce(organisation, salesforce)
        with serving_salesforce(salesforce, options) as served:
            _obey(served, salesforce_access(salesforce, served.server.url), connection)


def _obey(endpoint: Any, access: Mapping[str, str], connection: Connection) -> None:
    connection.send(dict(access))
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        try:
            connection.send(function(endpoint, *arguments))
        except Exception as error:  # told to whoever asked
            connection.send(error)
