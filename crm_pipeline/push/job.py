"""Bulk jobs of ours as the warehouse knows them: named before their records are uploaded, so that a crash loses none.

Not here: talking to the CRM (crm/jobs.py), what the operations of a job end with (batch.py, recovery/recover.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crm_pipeline.crm.protocol import Crm
from crm_pipeline.model import System
from crm_pipeline.push.operation import Group
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert

OPEN, DONE, ABORTED = "open", "done", "aborted"


@dataclass(frozen=True)
class Job:
    """A job that has no result yet. `requests`: tokens of the groups that travel in it."""

    job_id: str
    plan_id: int
    system: System
    object: str
    requests: frozenset[str]


def begun(connection: Connection, job_id: str, plan_id: int, run_id: int, groups: Sequence[Group]) -> None:
    """Write a job down, in the transaction that makes its operations `sent`."""
    first = groups[0].first
    insert(
        connection,
        "push.job",
        [
            {
                "job_id": job_id,
                "plan_id": plan_id,
                "run_id": run_id,
                "system": first.system,
                "object": first.object,
                "operation": groups[0].way,
                "requests": [g.token for g in groups],
                "state": OPEN,
                "created_at": datetime.now(UTC),
            }
        ],
    )


def ended(connection: Connection, job_id: str, state: str = DONE) -> None:
    """The job's results are in the outbox, or it never ran and never will."""
    connection.execute("update push.job set state = ?, ended_at = now() where job_id = ?", [state, job_id])


def unfinished(connection: Connection) -> list[Job]:
    """Jobs whose results nobody has read, oldest first."""
    rows = connection.execute(
        "select job_id, plan_id, system, object, requests from push.job where state = ? order by created_at", [OPEN]
    ).fetchall()
    return [
        Job(job_id, plan_id, System(system), object_, frozenset(json.loads(requests)))
        for job_id, plan_id, system, object_, requests in rows
    ]


def abort_unfinished(warehouse: Warehouse, crms: Mapping[System, Crm]) -> None:
    """Before anything is sent: a job that was made and never started must not start later. Its operations have their
    end states already (recovery/recover.py)."""
    with warehouse.connect() as connection:
        left = unfinished(connection)
    for job in left:
        jobs = crms[job.system].jobs
        if jobs is not None:
            jobs.abort(job.job_id)
        with warehouse.connect() as connection:
            ended(connection, job.job_id, ABORTED)
