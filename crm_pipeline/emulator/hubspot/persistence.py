"""A portal as a file of JSON lines: its settings and definitions first, then one line for each record.

Belongs here: the file's form. Records are written and read one by one, so that a million of them need no second copy
in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.collecting import without_collections
from crm_pipeline.emulator.hubspot.records import Properties, Record, Source

if TYPE_CHECKING:
    from crm_pipeline.emulator.hubspot.store import HubSpotStore
    from crm_pipeline.emulator.hubspot.tables import Table

_ONE_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS  # ids are whole numbers


def save(store: HubSpotStore, path: Path) -> None:
    """Write `store` to `path`; the settings are those of the constructor."""
    portal = {
        "settings": {
            "portal_id": store.portal_id,
            "time_zone": store.time_zone,
            "token": store.token,
            "rate_limits": store.limits.enforced,
            "tier": store.tier,
            "app_id": store.app_id,
        },
        "schema": store.schema.dump(),
        "owners": list(store.owners.values()),
        "blocked_e_mails": sorted(store.blocked_e_mails),
        "associations": store.associations.dump(),
        "scopes": sorted(store.scopes),
        "oauth": store.oauth.dump(),
    }
    with path.open("wb") as file:
        file.write(orjson.dumps(portal, option=_ONE_LINE))
        for name, table in store.tables.items():
            head = {
                "object": name,
                "next_id": table.next_id,
                "unique": sorted(table.unique),
                "aliases": table.aliases,
                "records": len(table.records),
            }
            file.write(orjson.dumps(head, option=_ONE_LINE))
            for record in table.records.values():
                row = [record.number, record.properties, record.source.row(), record.past.decode(), record.archived_at]
                file.write(orjson.dumps(row, option=_ONE_LINE))


def load(path: Path, clock: Clock | None, store_type: type[HubSpotStore]) -> HubSpotStore:
    """The store that was saved to `path`."""
    with path.open("rb") as file, without_collections():
        portal = orjson.loads(file.readline())
        store = store_type(clock, **portal["settings"])
        store.schema.restore(portal["schema"])
        store.owners = {owner["id"]: owner for owner in portal["owners"]}
        store.active_owners = {owner["id"] for owner in portal["owners"] if not owner["archived"]}
        store.blocked_e_mails = set(portal["blocked_e_mails"])
        store.associations.restore(portal["associations"])
        store.scopes = set(portal["scopes"])
        store.oauth.restore(portal["oauth"])
        for line in file:
            head = orjson.loads(line)
            _fill(store.tables[head["object"]], head, (next(file) for _ in range(head["records"])))
    return store


def _fill(table: Table, head: dict[str, Any], lines: Iterator[bytes]) -> None:
    sources: dict[tuple[Any, ...], Source] = {}

    def records() -> Iterator[tuple[Record, Properties]]:
        for line in lines:
            number, properties, row, past, archived_at = orjson.loads(line)
            source = sources.setdefault(tuple(row), Source(*row))
            yield Record(number, properties, source, past.encode(), archived_at), properties

    table.next_id, table.unique = head["next_id"], set(head["unique"])
    table.aliases = {int(number): new for number, new in head["aliases"].items()}
    table.insert_all(records())
