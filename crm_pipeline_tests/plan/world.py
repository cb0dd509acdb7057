"""A warehouse filled by hand: raw records, links and schemas, for tests of planning without any CRM."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.model import System, record_key
from crm_pipeline.plan import stage
from crm_pipeline.plan.stage import PlanResult
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.narrow import people_and_companies

T0 = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """Records are given with the fields that matter; every other mapped field is blank. A folder that holds a world
    is opened again."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self.settings = settings or people_and_companies(load_settings())
        self.warehouse = Warehouse(folder / "crm.duckdb")
        self.run_id = 1
        if self.warehouse.path.exists():
            return
        with self.warehouse.connect() as connection:
            for kind in self.settings.mapping.kinds:
                for system, object_ in kind.objects:
                    names = [n for n in kind.crm_fields(object_) if "." not in n]
                    insert(connection, "raw.schema_field", (self._field(system, object_, n) for n in names))

    def _field(self, system: System, object_: str, name: str) -> dict[str, object]:
        return {
            "system": system,
            "object": object_,
            "name": name,
            "label": name,
            "type": "reference" if name == "AccountId" else "string",
            "field_type": "text",
            "length": 40,
            "nillable": name not in ("LastName", "Company", "OwnerId"),
            "createable": True,
            "updateable": True,
            "calculated": False,
            "is_unique": name in ("crm_pipeline_key", "CRM_Pipeline_Key__c"),
            "restricted": False,
            "required_on_create": name in ("LastName", "Company"),
            "refers_to": "Account" if name == "AccountId" else "",
            "options": [],
            "run_id": 1,
        }

    def record(
        self,
        golden_id: str,
        system: System,
        object_: str,
        record_id: str,
        fields: Mapping[str, object],
        *,
        retired: str | None = None,
        primary: bool = True,
        at: int = 0,
    ) -> None:
        kind = self.settings.mapping.kind_of(object_)
        at_time = T0 + timedelta(seconds=at)
        full = dict.fromkeys(kind.crm_fields(object_)) | dict(fields)
        row = {
            "record_id": record_id,
            "created_at": T0,
            "modified_at": at_time,
            "modified_by": "somebody",
            "fields": full,
            "changed": {n: {"at": at_time.isoformat(), "after": None, "certain": True} for n in full},
            "retired": retired,
            "run_id": 1,
        }
        link = {
            "golden_id": golden_id,
            "kind": kind.kind,
            "record_key": record_key(system, object_, record_id),
            "system": system,
            "object": object_,
            "record_id": record_id,
            "is_primary": primary,
            "retired": retired,
            "since_run": 1,
        }
        with self.warehouse.connect() as connection:
            insert(connection, f"raw.{system}_{object_.lower()}", [row])
            insert(connection, "golden.link", [link])

    def execute(self, sql: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(sql, parameters or []).fetchall()

    def plan(self) -> PlanResult:
        return stage.run(self.warehouse, self.settings, self.run_id)

    def changes(self) -> dict[tuple[str, str], str]:
        """(object, field) -> the new values and, if it is not to be sent, why."""
        rows = self.execute(
            "select object, field, new, problem from plan.change where plan_id = (select max(plan_id) from plan.plan)"
        )
        return {
            (str(o), str(f)): json.dumps(json.loads(str(new)), ensure_ascii=False) + (f" {problem}" if problem else "")
            for o, f, new, problem in rows
        }
