"""A portal as a JSON file: settings, records with their history, associations, owners, property definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot.records import Record

if TYPE_CHECKING:
    from crm_pipeline.emulator.hubspot.store import HubSpotStore
    from crm_pipeline.emulator.hubspot.tables import Table


def save(store: HubSpotStore, path: Path) -> None:
    """Write `store` to `path`; the settings are those of the constructor."""
    state = {
        "settings": {
            "portal_id": store.portal_id,
            "time_zone": store.time_zone,
            "token": store.token,
            "rate_limits": store.limits.enforced,
            "app_id": store.app_id,
        },
        "schema": store.schema.dump(),
        "owners": list(store.owners.values()),
        "blocked_e_mails": sorted(store.blocked_e_mails),
        "objects": {name: _table_state(table) for name, table in store.tables.items()},
        "associations": store.associations.dump(),
        "scopes": sorted(store.scopes),
        "oauth": store.oauth.dump(),
    }
    path.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")


def load(path: Path, clock: Clock | None, store_type: type[HubSpotStore]) -> HubSpotStore:
    """The store that was saved to `path`."""
    state = json.loads(path.read_text(encoding="utf-8"))
    store = store_type(clock, **state["settings"])
    store.schema.restore(state["schema"])
    store.owners = {owner["id"]: owner for owner in state["owners"]}
    store.blocked_e_mails = set(state["blocked_e_mails"])
    for name, saved in state["objects"].items():
        _fill_table(store.tables[name], saved)
    store.associations.restore(state["associations"])
    store.scopes = set(state["scopes"])
    store.oauth.restore(state["oauth"])
    return store


def _table_state(table: Table) -> dict[str, Any]:
    return {
        "next_id": table.next_id,
        "unique": sorted(table.unique),
        "aliases": table.aliases,
        "records": [
            {
                "id": record.id,
                "properties": record.properties,
                "history": record.history,
                "archived_at": record.archived_at,
            }
            for record in table.records.values()
        ],
    }


def _fill_table(table: Table, saved: dict[str, Any]) -> None:
    table.next_id, table.unique, table.aliases = saved["next_id"], set(saved["unique"]), saved["aliases"]
    for one in saved["records"]:
        archived_at = one.pop("archived_at")
        record = Record(**one)
        table.insert(record)
        if archived_at:
            table.archive(record, archived_at)
