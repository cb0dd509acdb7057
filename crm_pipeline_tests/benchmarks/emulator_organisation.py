"""How fast a synthetic organisation is made up and loaded, and how much memory it takes.

`python -m crm_pipeline_tests.benchmarks.emulator_organisation [RECORDS]` (default 100,000). Each figure comes from a
process of its own; times are of that process's processor, so that they hold for one core whatever else the machine
does. The target is 3 minutes for 1,000,000 records.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections import deque
from collections.abc import Callable

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.synthetic import Synthetic, load_hubspot, load_salesforce
from crm_pipeline.emulator.salesforce import SalesforceStore


class _NoHubSpot(HubSpotStore):
    """Takes the records and forgets them: what is left is the time to make them up."""

    def import_records(self, object_, records):
        return [str(number) for number, _ in enumerate(records, start=1)]


class _NoSalesforce(SalesforceStore):
    def import_records(self, object_, records):
        return [str(number) for number, _ in enumerate(records, start=1)]


def emulator_organisation(records: int) -> None:
    """Print microseconds a record and peak memory, of making up alone and with the import."""
    organisation = Synthetic(records, seed=7)
    for title, work in (
        ("HubSpot, made up", _make_hubspot),
        ("HubSpot, loaded", _load_hubspot),
        ("Salesforce, made up", _make_salesforce),
        ("Salesforce, loaded", _load_salesforce),
    ):
        process = multiprocessing.get_context("spawn").Process(target=_measured, args=(title, work, organisation))
        process.start()
        process.join()


def _measured(title: str, work: Callable[[Synthetic], None], organisation: Synthetic) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    work(organisation)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{title:22} {organisation.records:>9,} records {cpu / organisation.records * 1e6:6.1f} us a record, "
        f"{cpu:6.1f} s CPU, {wall:6.1f} s, {memory:6.0f} MB"
    )


def _load_hubspot(organisation: Synthetic) -> None:
    load_hubspot(organisation, HubSpotStore())


def _load_salesforce(organisation: Synthetic) -> None:
    load_salesforce(organisation, SalesforceStore())


def _make_hubspot(organisation: Synthetic) -> None:
    store = _NoHubSpot()
    store.associations.import_pairs = lambda *arguments: deque(arguments[-1], maxlen=0)  # type: ignore[method-assign]
    load_hubspot(organisation, store)


def _make_salesforce(organisation: Synthetic) -> None:
    load_salesforce(organisation, _NoSalesforce())


if __name__ == "__main__":
    emulator_organisation(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
