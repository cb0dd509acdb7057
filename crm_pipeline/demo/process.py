"""An emulated CRM with a made-up organisation in a process of its own, so that each has a core and a heap to itself.

Belongs here: starting, filling, serving and stopping such a process. Not here: how an organisation is made up
(emulator/organisation), what is printed (emulators.py). The process ends when its pipe does, however its parent ended.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from crm_pipeline.demo.access import hubspot_access, salesforce_access
from crm_pipeline.demo.endpoint import Options, serving_hubspot, serving_salesforce
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.synthetic import Synthetic, load_hubspot, load_salesforce
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Job:
    """What a process serves; `truth` is the file for who is who."""

    system: System
    organisation: Synthetic
    options: Options
    truth: Path


class CrmProcess:
    """A process that fills and then serves one CRM; `connection` brings what it has to say."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self.job = job
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(job, theirs), daemon=True)
        _start(self._process)
        theirs.close()

    @property
    def pid(self) -> int:
        """The number by which the system knows the process."""
        return self._process.pid or 0

    def stop(self) -> None:
        """End the process and wait for its end."""
        self.connection.close()
        self._process.join(_PATIENCE_SECONDS)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


@contextmanager
def running(jobs: Iterable[Job]) -> Iterator[list[CrmProcess]]:
    """One process for each job; all of them have ended when the block has."""
    processes: list[CrmProcess] = []
    try:
        processes.extend(CrmProcess(job) for job in jobs)
        yield processes
    finally:
        for process in processes:
            process.stop()


def access(
    processes: Iterable[CrmProcess], progress: Callable[[System, int], None], stopped: Callable[[], bool]
) -> dict[str, str] | None:
    """Wait until all CRMs are served; gives the variables that lead to them, None when `stopped` says so.

    `progress` hears how many records are there. Raises ConfigError with a process' own words when it fails.
    """
    waiting = {process.connection: process for process in processes}
    found: dict[str, str] = {}
    while waiting:
        if stopped():
            return None
        for connection in wait(list(waiting), timeout=0.1):
            process = waiting[connection]  # type: ignore[index]  # wait() gives back what it was given
            try:
                kind, content = process.connection.recv()
            except EOFError:
                label = process.job.system.label
                raise ConfigError(f"the process of the emulated {label} ended while it was filled") from None
            if kind == "failed":
                raise ConfigError(content)
            if kind == "ready":
                found |= content
                del waiting[process.connection]
            else:
                progress(process.job.system, content)
    return found


def _start(process: BaseProcess) -> None:
    """Start a process that Ctrl-C, which reaches the whole process group, does not end while it is still importing."""
    resource_tracker.ensure_running()  # starting it later would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # handed down; here it only waits
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(job: Job, connection: Connection) -> None:
    # Ctrl-C reaches the whole process group; this process ends when its parent closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if job.system is System.HUBSPOT:
            hubspot = HubSpotStore()
            load_hubspot(job.organisation, hubspot, truth=job.truth, progress=_teller(connection))
            with serving_hubspot(hubspot, job.options) as endpoint:
                _until_closed(connection, hubspot_access(hubspot, endpoint.server.url))
        else:
            salesforce = SalesforceStore()
            load_salesforce(job.organisation, salesforce, truth=job.truth, progress=_teller(connection))
            with serving_salesforce(salesforce, job.options) as served:
                _until_closed(connection, salesforce_access(salesforce, served.server.url))
    except ConnectionError:
        return  # whoever started this process is gone: nobody is left to be told, or to ask the CRM
    except OSError as error:
        connection.send(("failed", f"the emulated {job.system.label} cannot be served: {error}"))


def _teller(connection: Connection) -> Callable[[int, int], None]:
    return lambda done, _: connection.send(("progress", done))


def _until_closed(connection: Connection, access: Mapping[str, str]) -> None:
    connection.send(("ready", dict(access)))
    try:
        connection.recv()
    except EOFError:
        return
