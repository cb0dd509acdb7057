"""How many records the emulated HubSpot portal holds, and how fast it answers lists, searches and writes over HTTP.

`python -m crm_pipeline_tests.benchmarks.emulator_hubspot [RECORDS]` (default 100,000). The portal is a process of its
own, as in `crm-pipeline emulator`; rates are per second of that process's processor time, so that they hold for one
core whatever else the machine does.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from random import Random
from typing import Any

import requests

from crm_pipeline.emulator.hubspot import HubSpotStore, create_app
from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.server import serving

_FIRST = datetime(2018, 1, 1, tzinfo=UTC)
_SPAN = 250_000_000
_PROPERTIES = ["email", "firstname", "lastname", "phone", "company", "jobtitle", "city", "state", "zip", "industry"]
_SURNAMES = [f"{chr(0x5C71 + n)}田" for n in range(800)]
_GIVEN = [f"{chr(0x592A + n)}郎" for n in range(800)]
_CONTACT_TO_PRIMARY_COMPANY = 1
_PAGES = 150


def emulator_hubspot(records: int) -> None:
    """Print the figures of a portal of so many records: three fifths contacts, a fifth companies, a fifth deals."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_portal, args=(there, records), daemon=True)
    process.start()
    url, token, cpu_seconds = here.recv(), here.recv(), _processor_time(process.pid or 0)
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        client = _Client(session, f"{url}/crm/v3/objects/contacts", cpu_seconds)
        client.measure("list pages of 100", client.list_pages())
        client.measure("list pages of 50 with history", client.history_pages())
        client.measure("search pages of 100, keyset by id", client.searched_by_id())
        client.measure("search pages of 100, by change time", client.searched_by_time())
        client.measure("... by id within a time window", client.searched_in_window())
        client.measure("... paged by after, one choice", client.searched_by_choice())
        client.measure("searches by e-mail", client.lookups())
        client.measure("updates, one a call", client.updates())
        client.measure("creates, 100 a call, calls", client.creates())
    here.send(None)
    process.join()


class _Client:
    """Asks as connectors do; every method yields once for each answer it got."""

    def __init__(self, session: requests.Session, url: str, cpu_seconds: Callable[[], float]) -> None:
        self._session, self._url, self._cpu_seconds = session, url, cpu_seconds

    def measure(self, what: str, answers: Iterator[None]) -> None:
        started = time.perf_counter()
        next(answers)
        first, started, used = time.perf_counter() - started, time.perf_counter(), self._cpu_seconds()
        count = sum(1 for _ in answers)
        used, elapsed = self._cpu_seconds() - used, time.perf_counter() - started
        rates = f"{count / max(used, 0.001):>6.0f} /s of one core, {count / elapsed:>5.0f} /s here"
        print(f"  {what:<36} {count:>4}  {rates}, the first {first * 1000:,.0f} ms")

    def list_pages(self) -> Iterator[None]:
        yield from self._listed({"limit": 100, "properties": ",".join(_PROPERTIES)})

    def history_pages(self) -> Iterator[None]:
        yield from self._listed({"limit": 50, "propertiesWithHistory": ",".join(_PROPERTIES)})

    def _listed(self, query: dict[str, Any]) -> Iterator[None]:
        for _ in range(_PAGES):
            answer = self._session.get(self._url, params=query)
            answer.raise_for_status()
            yield
            query["after"] = answer.json()["paging"]["next"]["after"]

    def searched_by_id(self) -> Iterator[None]:
        yield from self._keyset([], "hs_object_id", "0")

    def searched_by_time(self) -> Iterator[None]:
        yield from self._keyset([], "lastmodifieddate", "1514764800000")

    def searched_in_window(self) -> Iterator[None]:
        start = int((_FIRST.timestamp() + _SPAN / 4) * 1000)
        window = {"operator": "BETWEEN", "value": str(start), "highValue": str(start + _SPAN * 500)}
        yield from self._keyset([{"propertyName": "lastmodifieddate", **window}], "hs_object_id", "0")

    def _keyset(self, filters: list[dict[str, str]], name: str, last: str) -> Iterator[None]:
        for _ in range(_PAGES):
            more = {"propertyName": name, "operator": "GT", "value": last}
            results = self._search([*filters, more], name, "0")["results"]
            yield
            if not results:
                return
            last = results[-1]["properties"][name]

    def searched_by_choice(self) -> Iterator[None]:
        customers = [{"propertyName": "lifecyclestage", "operator": "EQ", "value": "customer"}]
        for page in range(100):
            self._search(customers, "lastname", str(page * 100))
            yield

    def lookups(self) -> Iterator[None]:
        for number in range(_PAGES):
            value = f"taro{number}@company{number % 5000}.example.com"
            self._search([{"propertyName": "email", "operator": "EQ", "value": value}], "hs_object_id", "0")
            yield

    def _search(self, filters: list[dict[str, str]], sort: str, after: str) -> dict[str, Any]:
        sorts = [{"propertyName": sort, "direction": "ASCENDING"}]
        body = {"filterGroups": [{"filters": filters}], "sorts": sorts, "properties": _PROPERTIES}
        answer = self._session.post(f"{self._url}/search", json={**body, "limit": 100, "after": after})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def updates(self) -> Iterator[None]:
        for number in range(501):
            body = {"properties": {"phone": str(number), "city": "長野市"}}
            self._session.patch(f"{self._url}/{51 + 50 * number}", json=body).raise_for_status()
            yield

    def creates(self) -> Iterator[None]:
        for page in range(21):
            rows = [{"lastname": "山田", "email": f"new{page}x{number}@example.com"} for number in range(100)]
            body = {"inputs": [{"properties": row} for row in rows]}
            self._session.post(f"{self._url}/batch/create", json=body).raise_for_status()
            yield


def _portal(pipe: Connection, records: int) -> None:
    store = HubSpotStore()
    owners = [store.add_owner(f"user{n}@example.com", "太郎", f"山田{n}") for n in range(50)]
    fifth = records // 5
    before, used, started = _resident(), time.process_time(), time.perf_counter()
    companies = store.import_records("companies", _companies(fifth, owners))
    contacts = store.import_records("contacts", _contacts(records - 2 * fifth, owners))
    store.import_records("deals", _deals(fifth, owners))
    made, used = time.perf_counter() - started, time.process_time() - used
    size = (_resident() - before) / records
    each = f"{used / records * 1e6:.1f} us (generator included) and {size:.0f} bytes a record"
    print(f"{records:,} records: {made:.1f} s; {each}", flush=True)
    pairs = ((contact, companies[n % fifth]) for n, contact in enumerate(contacts))
    store.associations.import_pairs("contacts", "companies", _CONTACT_TO_PRIMARY_COMPANY, pairs)
    with serving(create_app(store)) as server:
        pipe.send(server.url)
        pipe.send(store.token)
        pipe.recv()
    print(f"  most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def _contacts(count: int, owners: list[str]) -> Iterator[ImportedRecord]:
    random = Random(1)
    for number in range(count):
        fields = {
            "email": f"taro{number}@company{number % 5000}.example.com",
            "lastname": random.choice(_SURNAMES),
            "firstname": random.choice(_GIVEN),
            "phone": f"03-{number // 10_000:04d}-{number % 10_000:04d}",
            "mobilephone": f"090-{number // 10_000:04d}-{number % 10_000:04d}",
            "company": f"株式会社{random.choice(_SURNAMES)}製作所",
            "jobtitle": random.choice(("部長", "課長", "社長")),
            "lifecyclestage": random.choice(("lead", "customer", "opportunity")),
            "hs_lead_status": random.choice(("NEW", "OPEN")),
            "hubspot_owner_id": random.choice(owners),
            **_address(number, random),
        }
        yield ImportedRecord(fields, *_past(number, count, random, "phone"))


def _companies(count: int, owners: list[str]) -> Iterator[ImportedRecord]:
    random = Random(2)
    for number in range(count):
        fields = {
            "name": f"株式会社{random.choice(_SURNAMES)}製作所{number}",
            "domain": f"company{number}.example.com",
            "phone": f"03-{number // 10_000:04d}-{number % 10_000:04d}",
            "numberofemployees": str(number % 5000),
            "hubspot_owner_id": random.choice(owners),
            **_address(number, random),
        }
        yield ImportedRecord(fields, *_past(number, count, random, "phone"))


def _deals(count: int, owners: list[str]) -> Iterator[ImportedRecord]:
    random = Random(3)
    for number in range(count):
        fields = {
            "dealname": f"見積 {number}",
            "pipeline": "default",
            "dealstage": random.choice(("appointmentscheduled", "closedwon")),
            "amount": str(number % 900 * 1000),
            "hubspot_owner_id": random.choice(owners),
        }
        yield ImportedRecord(fields, *_past(number, count, random, "amount"))


def _address(number: int, random: Random) -> dict[str, str]:
    return {
        "address": f"中央町{number % 99}-{number % 17}-{number}",
        "city": f"{random.choice(_SURNAMES)}市",
        "state": "東京都",
        "zip": f"{number % 1000:03d}-{number % 10_000:04d}",
        "country": "日本",
        "website": f"https://www.company{number % 5000}.example.com",
    }


def _past(number: int, count: int, random: Random, edited: str) -> tuple[datetime, datetime, dict[str, str]]:
    """When it was created and changed, and for every third record the value that an edit replaced."""
    created = _FIRST + timedelta(seconds=_SPAN * number // count)
    if number % 3:
        return created, created, {}
    return created, created + timedelta(seconds=random.randrange(1, 20_000_000)), {edited: "0"}


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _processor_time(process_id: int) -> Callable[[], float]:
    def read() -> float:
        with open(f"/proc/{process_id}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return read


if __name__ == "__main__":
    emulator_hubspot(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
