"""What a CRM says it has, read plainly: page after page over its API, without any of the product's code.

Belongs here: reading all records of an object with given fields. Not here: comparing (proof.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import requests

from crm_pipeline.model import System
from crm_pipeline_tests.benchmarks.users import ADDRESS

Rows = Iterator[tuple[str, Mapping[str, Any]]]


class Truth:
    """Reads one CRM, which gets rid of its faults and limits first."""

    def __init__(self, system: System, environment: Mapping[str, str]) -> None:
        self._system, self._url = system, environment[ADDRESS[system]]
        self._session = requests.Session()
        for operation, arguments in (("clear", {}), ("enforce_limits", {"on": False})):
            self._session.post(f"{self._url}/emulator/{operation}", json=arguments, timeout=60).raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {self._token(environment)}"

    def records(self, object_: str, fields: Sequence[str]) -> Rows:
        """(id, values) of all live records; a converted lead is none."""
        return self._of_hubspot(object_, fields) if self._system is System.HUBSPOT else self._by_soql(object_, fields)

    def _of_hubspot(self, object_: str, fields: Sequence[str]) -> Rows:
        query: dict[str, Any] = {"limit": 100, "properties": ",".join(fields)}
        while True:
            page = self._get(f"{self._url}/crm/v3/objects/{object_}", query)
            for record in page["results"]:
                yield record["id"], {name: record["properties"].get(name) for name in fields}
            if "paging" not in page:
                return
            query["after"] = page["paging"]["next"]["after"]

    def _by_soql(self, object_: str, fields: Sequence[str]) -> Rows:
        names = ", ".join(dict.fromkeys(("Id", *fields)))
        live = " WHERE IsConverted = false" if object_ == "Lead" else ""
        page = self._get(f"{self._url}/services/data/v62.0/query", {"q": f"SELECT {names} FROM {object_}{live}"})
        while True:
            for record in page["records"]:
                yield record["Id"], {name: _at(record, name) for name in fields}
            if page["done"]:
                return
            page = self._get(self._url + page["nextRecordsUrl"])

    def _token(self, environment: Mapping[str, str]) -> str:
        if self._system is System.HUBSPOT:
            return environment["HUBSPOT_ACCESS_TOKEN"]
        answer = self._session.post(
            f"{self._url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(environment["SALESFORCE_CLIENT_ID"], environment["SALESFORCE_CLIENT_SECRET"]),
            timeout=60,
        )
        return str(answer.json()["access_token"])

    def _get(self, url: str, query: Mapping[str, Any] | None = None) -> Any:
        answer = self._session.get(url, params=query, timeout=300)
        answer.raise_for_status()
        return orjson.loads(answer.content)


def _at(record: Mapping[str, Any], path: str) -> Any:
    """A value by its path: `Account.Name`."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
