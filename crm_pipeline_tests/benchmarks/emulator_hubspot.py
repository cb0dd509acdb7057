"""How fast the emulated HubSpot answers lists, searches and writes, asked as connectors ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crm_pipeline_tests.benchmarks.emulator_client import Client

_PROPERTIES = ["email", "firstname", "lastname", "phone", "company", "jobtitle", "city", "state", "zip", "industry"]
_PAGES = 150


class HubSpotClient(Client):
    """Every method but the last yields once for each answer."""

    def list_pages(self) -> Iterator[None]:
        yield from self._listed({"limit": 100, "properties": ",".join(_PROPERTIES)})

    def history_pages(self) -> Iterator[None]:
        yield from self._listed({"limit": 50, "propertiesWithHistory": ",".join(_PROPERTIES)})

    def searched_by_id(self) -> Iterator[None]:
        yield from self._keyset([], "hs_object_id", "0")

    def searched_by_time(self) -> Iterator[None]:
        yield from self._keyset([], "lastmodifieddate", "0")

    def searched_in_window(self) -> Iterator[None]:
        window = {"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": "0", "highValue": "1750000000000"}
        yield from self._keyset([window], "hs_object_id", "0")

    def searched_by_choice(self) -> Iterator[None]:
        customers = [{"propertyName": "lifecyclestage", "operator": "EQ", "value": "customer"}]
        for page in range(100):
            self._search(customers, "lastname", str(page * 100))
            yield

    def lookups(self) -> Iterator[None]:
        known = self.get(self._contacts, params={"limit": 100, "properties": "email"})["results"]
        for record in known:
            if e_mail := record["properties"]["email"]:
                self._search([{"propertyName": "email", "operator": "EQ", "value": e_mail}], "hs_object_id", "0")
                yield

    def updates(self) -> Iterator[None]:
        for record in self.get(self._contacts, params={"limit": 100})["results"]:
            self.send("PATCH", f"{self._contacts}/{record['id']}", {"properties": {"city": "長野市"}})
            yield

    def creates(self) -> Iterator[None]:
        for page in range(21):
            rows = [{"lastname": "山田", "email": f"new{page}x{number}@example.com"} for number in range(100)]
            self.send("POST", f"{self._contacts}/batch/create", {"inputs": [{"properties": row} for row in rows]})
            yield

    @property
    def _contacts(self) -> str:
        return f"{self.url}/crm/v3/objects/contacts"

    def _listed(self, query: dict[str, Any]) -> Iterator[None]:
        for _ in range(_PAGES):
            page = self.get(self._contacts, params=query)
            yield
            if "paging" not in page:
                return
            query["after"] = page["paging"]["next"]["after"]

    def _keyset(self, filters: list[dict[str, str]], name: str, last: str) -> Iterator[None]:
        for _ in range(_PAGES):
            results = self._search([*filters, {"propertyName": name, "operator": "GT", "value": last}], name, "0")
            yield
            if not results:
                return
            last = results[-1]["properties"][name]

    def _search(self, filters: list[dict[str, str]], sort: str, after: str) -> list[Any]:
        sorts = [{"propertyName": sort, "direction": "ASCENDING"}]
        body = {"filterGroups": [{"filters": filters}], "sorts": sorts, "properties": _PROPERTIES}
        found: list[Any] = self.send("POST", f"{self._contacts}/search", {**body, "limit": 100, "after": after})[
            "results"
        ]
        return found

    def measure_all(self) -> None:
        """Print all rates."""
        self.measure("list pages of 100", self.list_pages())
        self.measure("list pages of 50 with history", self.history_pages())
        self.measure("search pages of 100, keyset by id", self.searched_by_id())
        self.measure("search pages of 100, by change time", self.searched_by_time())
        self.measure("... by id within a time window", self.searched_in_window())
        self.measure("... one choice, sorted, paged by after", self.searched_by_choice())
        self.measure("searches by e-mail", self.lookups())
        self.measure("updates, one a call", self.updates())
        self.measure("creates, 100 a call, calls", self.creates())
