"""A portal that has one of everything, and the names by which the cases of the contract mean its parts."""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot.default_properties import GROUPS

OBJECTS = ("contacts", "companies", "deals", "tickets", "tasks", "notes", "meetings", "calls", "emails")
_ACTIVITY = {"hs_timestamp": "2026-11-01T00:00:00Z"}
_ENOUGH = {
    "contacts": {"lastname": "山田"},
    "companies": {"name": "青空商事"},
    "deals": {"dealname": "更新", "dealstage": "appointmentscheduled", "pipeline": "default"},
    "tickets": {"subject": "故障", "hs_pipeline_stage": "1", "hs_pipeline": "0"},
}


def enough(object_: str) -> dict[str, str]:
    """Properties that are enough to create a record."""
    return dict(_ENOUGH.get(object_, _ACTIVITY))


class World:
    """Of each object type three records (one is associated, one not, one archived), a label, a pipeline, owners."""

    def __init__(self, store: HubSpotStore) -> None:
        self.store = store
        self.names: dict[str, str] = {
            singular: store.create(object_, enough(object_))
            for singular, object_ in (("contact", "contacts"), ("company", "companies"), ("deal", "deals"))
        }
        label, _ = store.associations.types.define("contacts", "companies", "own", "社長", "社長の会社")
        store.associations.add("contacts", self.names["contact"], "companies", self.names["company"], label)
        self.records = {object_: self._records(object_) for object_ in OBJECTS}
        self.names["call"] = self.records["calls"]["record"]
        self._add_owners()
        refresh = {"grant_type": "refresh_token", "refresh_token": store.oauth.refresh_token}
        app = {"client_id": store.oauth.client_id, "client_secret": store.oauth.client_secret}
        self.names["access_token"] = store.oauth.exchange({**app, **refresh})
        stage = {"label": "初回", "displayOrder": 0, "metadata": {"probability": "0.5"}}
        pipeline = {"label": "予備", "displayOrder": 2, "stages": [stage]}
        self.names["pipeline"] = store.pipelines.create("deals", pipeline, store.now())["id"]

    def _records(self, object_: str) -> dict[str, str]:
        store, schema = self.store, self.store.schema
        record, other, gone = (store.create(object_, enough(object_)) for _ in range(3))
        store.archive(object_, gone)
        for end, name in (("contacts", "contact"), ("companies", "company")):
            kind = store.associations.types.default(object_, end)
            store.associations.add(object_, record, end, self.names[name], kind)
        schema.create_group(object_, {"name": "own_group", "label": "独自"})
        own = {"name": "own", "label": "独自", "type": "string", "fieldType": "text", "groupName": GROUPS[object_]}
        store.define_property(object_, own)
        return {"type": object_, "record": record, "other": other, "archived": gone, "group": GROUPS[object_]}

    def _add_owners(self) -> None:
        teams = {"sato": ["営業", "東京"], "abe": ["東京"], "old": []}
        owners = [self.store.add_owner(f"{one}@example.jp", "花子", one, teams=names) for one, names in teams.items()]
        self.store.archive_owner(owners[2])
        self.names |= {"owner": owners[0], "user": str(self.store.owners[owners[0]]["userId"])}

    def filled(self, given: Any, object_: str) -> Any:
        """A case's path or body with this world's names in it."""
        if given == "{properties}":
            return enough(object_)
        if isinstance(given, str):
            for name, value in {**self.names, **self.records[object_]}.items():
                given = given.replace(f"{{{name}}}", value)
            return given
        if isinstance(given, dict):
            return {key: self.filled(one, object_) for key, one in given.items()}
        return [self.filled(one, object_) for one in given] if isinstance(given, list) else given
