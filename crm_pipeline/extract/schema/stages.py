"""The steps that deals, tickets and tasks go through: small lists that are read whole.

Belongs here: `raw.stage`, written only where something differs. Not here: which step a record is in, which is a field
of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import PermanentError
from crm_pipeline.extract.schema.visibility import may_not_see
from crm_pipeline.model import OTHER_OBJECTS
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import staged

#: Kinds of objects whose records go through stages.
_STAGED = frozenset({"deal", "ticket", "task"})


@dataclass(frozen=True)
class StagesResult:
    """Number of stages; `hidden`: what may not be seen and stays as it was, with the reason."""

    stages: int
    hidden: Mapping[str, str]


def extract_stages(warehouse: Warehouse, crm: Crm, objects: Sequence[str], run_id: int) -> StagesResult:
    """Store the pipelines with their stages of those `objects` that have any, in place of the ones in `raw.stage`."""
    system = crm.system
    rows: list[dict[str, object]] = []
    hidden: dict[str, str] = {}
    read = [object_ for object_ in objects if OTHER_OBJECTS.get((system, object_)) in _STAGED]
    for object_ in read:
        try:
            rows += ({"system": system.value, **asdict(one), "run_id": run_id} for one in crm.stages(object_))
        except PermanentError as error:
            if not may_not_see(error):
                raise
            hidden[f"{object_} stages"] = (
                f"the stages of {system.label} {object_} may not be seen by the integration's user; what is known of "
                "them stays as it was. Give the permission"
            )
    with warehouse.connect() as connection, staged(connection, "raw.stage", rows):
        of = [system.value, [object_ for object_ in read if f"{object_} stages" not in hidden]]
        known = "from raw.stage where system = ? and object in (select unnest(?::varchar[]))"
        before, now = f"select * exclude (run_id) {known}", "select * exclude (run_id) from staged"
        differing = connection.execute(
            f"(({before}) except all ({now})) union all (({now}) except all ({before})) limit 1", [*of, *of]
        ).fetchone()
        if differing:
            connection.execute(f"delete {known}", of)
            connection.execute("insert into raw.stage from staged")
    return StagesResult(len(rows), hidden)
