"""How fast the emulated Salesforce answers queries, bulk pages and writes, asked as connectors ask."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from crm_pipeline_tests.benchmarks.emulator_client import Client

_FIELDS = "Id, FirstName, LastName, Email, Phone, Title, MailingCity, AccountId, OwnerId, SystemModstamp"
_PAGES = 100


class SalesforceClient(Client):
    """Every method but the last yields once for each answer."""

    def locator_pages(self) -> Iterator[None]:
        page = self._query(f"SELECT {_FIELDS} FROM Contact")
        yield
        while "nextRecordsUrl" in page:
            page = self.get(self.url + page["nextRecordsUrl"])
            yield

    def keyset_pages(self) -> Iterator[None]:
        last = ""
        for _ in range(_PAGES):
            where = f"WHERE Id > '{last}'" if last else ""
            page = self._query(f"SELECT {_FIELDS} FROM Contact {where} ORDER BY Id LIMIT 2000")
            yield
            if not page["records"]:
                return
            last = page["records"][-1]["Id"]

    def incremental_pages(self) -> Iterator[None]:
        at, last = "2000-01-01T00:00:00.000+0000", "003000000000000AAA"
        for _ in range(_PAGES):
            where = f"(SystemModstamp = {at} AND Id > '{last}') OR SystemModstamp > {at}"
            page = self._query(f"SELECT {_FIELDS} FROM Contact WHERE {where} ORDER BY SystemModstamp, Id LIMIT 2000")
            yield
            if not page["records"]:
                return
            at, last = page["records"][-1]["SystemModstamp"], page["records"][-1]["Id"]

    def bulk_pages(self) -> Iterator[None]:
        jobs = self._root + "jobs/query"
        job = self.send("POST", jobs, {"operation": "query", "query": f"SELECT {_FIELDS} FROM Contact"})
        while self.get(f"{jobs}/{job['id']}")["state"] != "JobComplete":
            time.sleep(0.05)
        locator = ""
        while locator != "null":
            query = {"maxRecords": 2000, **({"locator": locator} if locator else {})}
            page = self.session.get(f"{jobs}/{job['id']}/results", params=query, timeout=120)
            page.raise_for_status()
            locator = page.headers["Sforce-Locator"]
            yield

    def last_changes(self) -> Iterator[None]:
        newest = self._query("SELECT SystemModstamp FROM Contact ORDER BY SystemModstamp DESC LIMIT 100")["records"]
        for _ in range(201):
            self._query(f"SELECT {_FIELDS} FROM Contact WHERE SystemModstamp >= {newest[-1]['SystemModstamp']}")
            yield

    def lookups(self) -> Iterator[None]:
        for record in self._query("SELECT Email FROM Contact WHERE Email != null LIMIT 200")["records"]:
            e_mail = record["Email"].replace("'", "\\'")
            self._query(f"SELECT Id FROM Contact WHERE Email = '{e_mail}'")
            yield

    def creates(self) -> Iterator[None]:
        for number in range(501):
            self.send("POST", self._root + "sobjects/Lead", _new_lead(number))
            yield

    def collections(self) -> Iterator[None]:
        leads = [{"attributes": {"type": "Lead"}, **_new_lead(number)} for number in range(200)]
        for _ in range(21):
            self.send("POST", self._root + "composite/sobjects", {"records": leads})
            yield

    @property
    def _root(self) -> str:
        return f"{self.url}/services/data/v62.0/"

    def _query(self, soql: str) -> Any:
        return self.get(self._root + "query", params={"q": soql})

    def measure_all(self) -> None:
        """Print all rates."""
        self.measure("locator pages of 2,000 contacts", self.locator_pages())
        self.measure("keyset pages by Id", self.keyset_pages())
        self.measure("keyset pages by SystemModstamp, Id", self.incremental_pages())
        self.measure("bulk result pages of 2,000", self.bulk_pages())
        self.measure("queries of the last changes", self.last_changes())
        self.measure("look-ups by e-mail", self.lookups())
        self.measure("creates, one a call", self.creates())
        self.measure("creates, 200 a call, calls", self.collections())


def _new_lead(number: int) -> dict[str, Any]:
    return {"LastName": "山田", "FirstName": "太郎", "Company": f"会社{number}", "Title": "部長", "City": "長野市"}
