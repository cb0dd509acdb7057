"""What reading costs, as rows of `raw.call`: calls foreseen, made and tried again, and the time spent waiting.

Belongs here: the rows. Not here: the forecast itself (forecast.py), and the counting of calls (crm/calls.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from crm_pipeline.crm.calls import Usage
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection, Warehouse

#: Words of `raw.call.object` for what is no object of a CRM.
SCHEMA, ASSOCIATIONS = "schema", "associations"


@contextmanager
def counted(warehouse: Warehouse, crms: Iterable[Crm], run_id: int, object_: str) -> Iterator[None]:
    """Add what the block calls to the row of the run and object, also when the block raises."""
    crms = list(crms)
    before = {crm.system: crm.calls.usage for crm in crms}
    try:
        yield
    except BaseException:
        with suppress(CrmPipelineError):  # the block's own error says more
            _add(warehouse, crms, before, run_id, object_)
        raise
    _add(warehouse, crms, before, run_id, object_)


def foresee(connection: Connection, system: System, run_id: int, calls: Mapping[str, int]) -> None:
    """Note how many calls each object is expected to cost; what was made already stays."""
    for object_, number in calls.items():
        _row(connection, system, run_id, object_)
        connection.execute(
            "update raw.call set forecast = ? where run_id = ? and system = ? and object = ?",
            [number, run_id, system.value, object_],
        )


def _add(warehouse: Warehouse, crms: Iterable[Crm], before: Mapping[System, Usage], run_id: int, object_: str) -> None:
    with warehouse.connect() as connection:
        for crm in crms:
            usage, earlier = crm.calls.usage, before[crm.system]
            _row(connection, crm.system, run_id, object_)
            connection.execute(
                "update raw.call set made = made + ?, retries = retries + ?, waited_seconds = waited_seconds + ? "
                "where run_id = ? and system = ? and object = ?",
                [
                    usage.total - earlier.total,
                    usage.retries - earlier.retries,
                    usage.waited_seconds - earlier.waited_seconds,
                    run_id,
                    crm.system.value,
                    object_,
                ],
            )


def _row(connection: Connection, system: System, run_id: int, object_: str) -> None:
    of = [run_id, system.value, object_]
    found = connection.execute("from raw.call where run_id = ? and system = ? and object = ?", of).fetchone()
    if found is None:
        connection.execute("insert into raw.call values (?, ?, ?, 0, 0, 0, 0)", of)
