"""`crm-pipeline emulator`: both emulated CRMs alone, until Ctrl-C.

Belongs here: which organisation is served and what is told about it. Not here: the demo's own organisation (world.py),
processes (process.py).
"""

from __future__ import annotations

import re
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from crm_pipeline.demo import process, world
from crm_pipeline.demo.endpoint import Options
from crm_pipeline.emulator.certificates import make_certificates
from crm_pipeline.emulator.control import PREFIX
from crm_pipeline.emulator.names import HUBSPOT_HOSTS, is_salesforce
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.emulator.proxy import Route, proxying
from crm_pipeline.errors import ConfigError, CrmPipelineError
from crm_pipeline.model import System

_SYNTHETIC = re.compile(r"synthetic:([\d_,]+)")
#: The newest requests are kept for GET /emulator/requests.
_LOGGED_REQUESTS = 10_000


@dataclass(frozen=True)
class Wishes:
    """The options of the command; `organisation` is `demo`, `empty` or `synthetic:N`."""

    organisation: str
    seed: int
    options: Options
    https: bool


def main(wishes: Wishes, data: Path) -> int:
    """Serve both CRMs until Ctrl-C or SIGTERM; state, certificates and truth go into `data`. Returns the exit code."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console = Console(stderr=True, highlight=False)
    try:
        with _served(wishes, data, stop, console) as access:
            if access is not None:
                _tell(access)
                stop.wait()
    except CrmPipelineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"The emulated CRMs cannot be served: {error}. Choose other ports or free ones (0).", file=sys.stderr)
        return ConfigError.exit_code
    return 0


@contextmanager
def _served(wishes: Wishes, data: Path, stop: Event, console: Console) -> Iterator[Mapping[str, str] | None]:
    options = replace(wishes.options, seed=wishes.seed, logged_requests=_LOGGED_REQUESTS)
    authority: Path | None = None
    if wishes.https:
        certificates = make_certificates(data / "emulator" / "certificates")
        options, authority = replace(options, certificate=certificates.server), certificates.authority
    with ExitStack() as stack:
        if wishes.organisation == "demo":
            access = dict(stack.enter_context(world.running(data, fresh=False, options=options)).environment)
        elif wishes.organisation == "empty":
            access = dict(stack.enter_context(world.empty(options)))
        else:
            truth = data / "emulator" / "truth"
            filled = _filled(stack.enter_context(process.running(_jobs(wishes, options, truth))), stop, console)
            if filled is None:
                yield None
                return
            access = filled | {"CRM_PIPELINE_TRUTH": str(truth)}
        if authority is not None:
            port = stack.enter_context(proxying(_route(access), host=options.host))
            access |= _trust(authority, f"http://{options.host}:{port}")
        yield access


def _jobs(wishes: Wishes, options: Options, truth: Path) -> list[process.Job]:
    match = _SYNTHETIC.fullmatch(wishes.organisation)
    if match is None:
        raise ConfigError(
            f"--organisation {wishes.organisation} is none of: demo, empty, synthetic:N (N records in each CRM)"
        )
    organisation = Synthetic(records=int(re.sub("[_,]", "", match.group(1))), seed=wishes.seed)
    truth.mkdir(parents=True, exist_ok=True)
    return [process.Job(system, organisation, options, truth / f"{system.value}.csv") for system in System]


def _filled(processes: list[process.CrmProcess], stop: Event, console: Console) -> dict[str, str] | None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {
            one.job.system: bars.add_task(one.job.system.label, total=one.job.organisation.records) for one in processes
        }
        return process.access(processes, lambda system, done: bars.update(tasks[system], completed=done), stop.is_set)


def _route(access: Mapping[str, str]) -> Route:
    hubspot, salesforce = (urlsplit(access[name]).port for name in ("HUBSPOT_BASE_URL", "SALESFORCE_LOGIN_URL"))

    def route(host: str, wanted: int) -> int | None:
        if host in ("127.0.0.1", "localhost"):
            return wanted if wanted in (hubspot, salesforce) else None
        if host in HUBSPOT_HOSTS:
            return hubspot
        return salesforce if is_salesforce(host) else None

    return route


def _trust(authority: Path, proxy: str) -> dict[str, str]:
    """Variables that most clients read: whom to trust, and the proxy that leads the platforms' names here."""
    path = str(authority.resolve())
    trusted = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return {**dict.fromkeys(trusted, path), "HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1,localhost"}


def _tell(access: Mapping[str, str]) -> None:
    print("Two emulated CRMs. In another terminal, in this folder:\n")
    for name, value in access.items():
        print(f"  export {name}={shlex.quote(value)}")
    print(
        f"\nFaults, clocks and the log of requests: GET {access['HUBSPOT_BASE_URL']}{PREFIX} and "
        f"{access['SALESFORCE_LOGIN_URL']}{PREFIX} say how.\nCtrl-C stops both.",
        flush=True,
    )
