"""`make bench-emulators`: both emulated CRMs with a synthetic organisation, as `crm-pipeline emulator` serves them.

`python -m crm_pipeline_tests.benchmarks.emulators [RECORDS]` (default 100,000 in each CRM) prints how long they take to
be there, how much memory they take, and how fast they answer. Rates are per second of the server's processor time, so
that they hold for one core whatever else the machine does, and as they were here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import requests

from crm_pipeline.demo import process
from crm_pipeline.demo.endpoint import Options
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.model import System
from crm_pipeline_tests.benchmarks.emulator_client import most_memory
from crm_pipeline_tests.benchmarks.emulator_hubspot import HubSpotClient
from crm_pipeline_tests.benchmarks.emulator_salesforce import SalesforceClient


def main(records: int) -> None:
    """Print the figures of an organisation of so many records in each CRM."""
    with tempfile.TemporaryDirectory() as folder:
        organisation, options, started = Synthetic(records=records), Options(), time.perf_counter()
        jobs = [process.Job(system, organisation, options, Path(folder) / f"{system}.csv") for system in System]
        with process.running(jobs) as processes:
            access = process.access(processes, lambda system, done: None, lambda: False) or {}
            pids = {one.job.system: one.pid for one in processes}
            print(f"{records:,} records in each CRM: there in {time.perf_counter() - started:.1f} s")
            hubspot = HubSpotClient(access["HUBSPOT_BASE_URL"], access["HUBSPOT_ACCESS_TOKEN"], pids[System.HUBSPOT])
            print("HubSpot")
            hubspot.measure_all()
            print("Salesforce")
            salesforce = SalesforceClient(access["SALESFORCE_LOGIN_URL"], _session(access), pids[System.SALESFORCE])
            salesforce.measure_all()
            memory = {system.label: most_memory(pid) for system, pid in pids.items()}
            print("most memory, MiB:", ", ".join(f"{name} {size:,}" for name, size in memory.items()))


def _session(access: dict[str, str]) -> str:
    login = requests.post(
        access["SALESFORCE_LOGIN_URL"] + "/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(access["SALESFORCE_CLIENT_ID"], access["SALESFORCE_CLIENT_SECRET"]),
        timeout=10,
    )
    return str(login.json()["access_token"])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
