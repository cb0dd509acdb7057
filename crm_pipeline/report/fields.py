"""How the mapped fields fit both CRMs, as rows: from the schemas of the last extract, or from the CRMs as they are now.

Belongs here: gathering. Not here: the verdicts (plan/fit/), words on a terminal (cli/fields.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm, FieldSchema
from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import System
from crm_pipeline.plan import load
from crm_pipeline.plan.fit.compatibility import Schemas, pairings
from crm_pipeline.plan.fit.stages import Stage, with_stages
from crm_pipeline.plan.fit.verdict import Owners
from crm_pipeline.plan.kept.compatibility_table import row
from crm_pipeline.warehouse import Connection

Row = dict[str, Any]


def stored(connection: Connection, settings: Settings) -> list[Row]:
    """Every mapped field against the schemas of the last extract. Raises NotFoundError before the first one."""
    schemas = load.schemas(connection)
    if not schemas:
        raise NotFoundError("no schema was read yet; run the pipeline once, or ask the CRMs now with --live")
    return _rows(settings, schemas, load.owners(connection))


def live(crms: Mapping[System, Crm], settings: Settings) -> list[Row]:
    """The same against the CRMs as they are now. A call for each object, and for users and stages."""
    fields: dict[tuple[System, str], dict[str, FieldSchema]] = {}
    stages: list[Stage] = []
    owners: dict[System, dict[str, str]] = {}
    for system, object_ in settings.mapping.objects:
        fields[system, object_] = {one.name: one for one in crms[system].schema(object_)}
        stages += (
            Stage(system, object_, one.pipeline_id, one.stage_id, one.label) for one in crms[system].stages(object_)
        )
    for system, crm in crms.items():
        owners[system] = {one.user_id: one.e_mail.lower() for one in crm.users() if one.active and one.e_mail}
    return _rows(settings, with_stages(fields, stages), owners)


def _rows(settings: Settings, schemas: Schemas, owners: Owners) -> list[Row]:
    return [
        row(settings.mapping, pairing)
        for mapping in settings.mapping.kinds
        for pairing in pairings(mapping, schemas, owners)
    ]
