"""How many records the emulated Salesforce organisation holds, and how fast it answers queries over HTTP.

`python -m crm_pipeline_tests.benchmarks.emulator_salesforce [RECORDS]` (default 100,000). The organisation is a process
of its own, as in `crm-pipeline emulator`; rates are per second of that process's processor time, so that they hold for
one core whatever else the machine does.
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

from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.salesforce import SalesforceStore, create_app
from crm_pipeline.emulator.server import serving

_FIRST = datetime(2018, 1, 1, tzinfo=UTC)
_SPAN = 250_000_000
_FIELDS = "Id, FirstName, LastName, Email, Phone, Title, MailingCity, AccountId, OwnerId, SystemModstamp"
_SURNAMES = [f"{chr(0x5C71 + n)}田" for n in range(800)]
_GIVEN = [f"{chr(0x592A + n)}郎" for n in range(800)]


def emulator_salesforce(records: int) -> None:
    """Print the figures of an organisation of so many records: a fifth accounts, the rest contacts and leads."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_organisation, args=(there, records), daemon=True)
    process.start()
    url, token, cpu_seconds = here.recv(), here.recv(), _processor_time(process.pid or 0)
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        client = _Client(session, url, cpu_seconds)
        client.measure("locator pages of 2,000 contacts", client.locator_pages())
        client.measure("keyset pages by Id", client.keyset_pages())
        client.measure("keyset pages by SystemModstamp, Id", client.incremental_pages())
        client.measure("queries of the last changes", client.last_changes())
        client.measure("look-ups by e-mail", client.lookups())
        client.measure("creates, one a call", client.creates())
        client.measure("creates, 200 a call, calls", client.collections())
    here.send(None)
    process.join()


class _Client:
    """Asks as connectors do; every method yields once for each answer it got."""

    def __init__(self, session: requests.Session, url: str, cpu_seconds: Callable[[], float]) -> None:
        self._session, self._url, self._cpu_seconds = session, url, cpu_seconds
        self._root = f"{url}/services/data/v62.0/"

    def measure(self, what: str, answers: Iterator[None]) -> None:
        next(answers)  # the first of a kind builds an index
        started, used, count = time.perf_counter(), self._cpu_seconds(), sum(1 for _ in answers)
        used, elapsed = self._cpu_seconds() - used, time.perf_counter() - started
        print(
            f"  {what:<36} {count:>5}  {count / max(used, 0.001):>8.0f} /s of one core, {count / elapsed:>6.0f} /s here"
        )

    def locator_pages(self) -> Iterator[None]:
        page = self._query(f"SELECT {_FIELDS} FROM Contact")
        while "nextRecordsUrl" in page:
            page = self._get(self._url + page["nextRecordsUrl"])
            yield

    def keyset_pages(self) -> Iterator[None]:
        last = ""
        for _ in range(100):
            where = f"WHERE Id > '{last}'" if last else ""
            page = self._query(f"SELECT {_FIELDS} FROM Contact {where} ORDER BY Id LIMIT 2000")
            if not page["records"]:
                return
            last = page["records"][-1]["Id"]
            yield

    def incremental_pages(self) -> Iterator[None]:
        at, last = "2018-01-01T00:00:00.000+0000", "003000000000000AAA"
        for _ in range(100):
            where = f"(SystemModstamp = {at} AND Id > '{last}') OR SystemModstamp > {at}"
            page = self._query(f"SELECT {_FIELDS} FROM Contact WHERE {where} ORDER BY SystemModstamp, Id LIMIT 2000")
            if not page["records"]:
                return
            at, last = page["records"][-1]["SystemModstamp"], page["records"][-1]["Id"]
            yield

    def last_changes(self) -> Iterator[None]:
        since = (_FIRST + timedelta(seconds=_SPAN * 1.075)).isoformat()
        for _ in range(101):
            self._query(f"SELECT {_FIELDS} FROM Contact WHERE SystemModstamp >= {since}")
            yield

    def lookups(self) -> Iterator[None]:
        for number in range(501):
            self._query(f"SELECT Id FROM Contact WHERE Email = 'taro{number}@company{number % 5000}.example.com'")
            yield

    def creates(self) -> Iterator[None]:
        for number in range(501):
            self._session.post(self._root + "sobjects/Lead", json=_new_lead(number)).raise_for_status()
            yield

    def collections(self) -> Iterator[None]:
        leads = [{"attributes": {"type": "Lead"}, **_new_lead(number)} for number in range(200)]
        for _ in range(21):
            self._session.post(self._root + "composite/sobjects", json={"records": leads}).raise_for_status()
            yield

    def _query(self, soql: str) -> dict[str, Any]:
        return self._get(self._root + "query", params={"q": soql})

    def _get(self, url: str, **more: Any) -> dict[str, Any]:
        answer = self._session.get(url, **more)
        answer.raise_for_status()
        return answer.json()


def _new_lead(number: int) -> dict[str, Any]:
    return {"LastName": "山田", "FirstName": "太郎", "Company": f"会社{number}", "Title": "部長", "City": "長野市"}


def _organisation(pipe: Connection, records: int) -> None:
    store = SalesforceStore(daily_api_limit=10_000_000)
    store.define_field("Contact", {"name": "Key__c", "externalId": True, "unique": True, "length": 20})
    users = [store.add_user(f"user{n}@example.com", f"山田{n} 太郎") for n in range(50)]
    accounts, contacts = records // 5, records * 2 // 5
    _resident()
    before, used, started = _resident(), time.process_time(), time.perf_counter()
    account_ids = store.import_records("Account", _accounts(accounts, users))
    store.import_records("Contact", _people(contacts, users, account_ids))
    store.import_records("Lead", _people(records - accounts - contacts, users, None))
    made, used = time.perf_counter() - started, time.process_time() - used
    size = (_resident() - before) / records
    each = f"{used / records * 1e6:.1f} us (generator included) and {size:.0f} bytes a record"
    print(f"{records:,} records: {made:.1f} s; {each}", flush=True)
    token = store.sessions.issue(store.clock.now())
    with serving(create_app(store)) as server:
        pipe.send(server.url)
        pipe.send(token)
        pipe.recv()
    print(f"  most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def _accounts(count: int, users: list[str]) -> Iterator[ImportedRecord]:
    random = Random(1)
    for number in range(count):
        fields = {
            "Name": f"株式会社{random.choice(_SURNAMES)}製作所{number}",
            "Phone": f"03-{number // 10_000:04d}-{number % 10_000:04d}",
            "Website": f"https://www.company{number}.example.com",
            "Industry": random.choice(("Manufacturing", "Retail", "Technology")),
            "NumberOfEmployees": number % 5000,
            **_address("Billing", number, random),
            "OwnerId": random.choice(users),
        }
        yield ImportedRecord(fields, *_times(number, count, random))


def _people(count: int, users: list[str], accounts: list[str] | None) -> Iterator[ImportedRecord]:
    random = Random(2)
    for number in range(count):
        fields: dict[str, Any] = {
            "LastName": random.choice(_SURNAMES),
            "FirstName": random.choice(_GIVEN),
            "Email": f"{'Taro' if number % 5 == 0 else 'taro'}{number}@company{number % 5000}.example.com",
            "Phone": f"03-{number // 10_000:04d}-{number % 10_000:04d}",
            "MobilePhone": f"090-{number // 10_000:04d}-{number % 10_000:04d}",
            "Title": random.choice(("部長", "課長", "社長")),
            "OwnerId": random.choice(users),
            **_address("Mailing" if accounts else "", number, random),
        }
        if accounts:
            fields |= {"AccountId": random.choice(accounts), "Key__c": str(10_000_000 + number)}
        else:
            fields |= {"Company": f"株式会社{number % 5000}", "Status": "Working - Contacted"}
        yield ImportedRecord(fields, *_times(number, count, random))


def _address(prefix: str, number: int, random: Random) -> dict[str, str]:
    return {
        f"{prefix}Street": f"中央町{number % 99}-{number % 17}-{number}",
        f"{prefix}City": f"{random.choice(_SURNAMES)}市",
        f"{prefix}State": "東京都",
        f"{prefix}PostalCode": f"{number % 1000:03d}-{number % 10_000:04d}",
        f"{prefix}Country": "日本",
    }


def _times(number: int, count: int, random: Random) -> tuple[datetime, datetime]:
    created = _FIRST + timedelta(seconds=_SPAN * number // count)
    return created, created + timedelta(seconds=random.randrange(20_000_000) if number % 3 == 0 else 0)


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
    emulator_salesforce(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
