"""Plans made by hand and pushed through the real clients to both emulated CRMs: a push without the night before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.extract.reading import watermark
from crm_pipeline.model import Act, Kind, System, Value
from crm_pipeline.plan import load
from crm_pipeline.plan.fit.compatibility import schema_hash
from crm_pipeline.plan.kept import save
from crm_pipeline.plan.kept.header import open_plan
from crm_pipeline.plan.operation import Operation
from crm_pipeline.push import stage
from crm_pipeline.push.recovery.recover import recover
from crm_pipeline.push.stage import PushResult
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud, people_and_companies
from crm_pipeline_tests.prepared import kept_open

H, S = System.HUBSPOT, System.SALESFORCE
OBJECT = {H: "contacts", S: "Lead"}
TITLE = {H: "jobtitle", S: "Title"}
TICK = timedelta(seconds=1)


@contextmanager
def with_jobs(folder: Path) -> Iterator[Cloud]:
    """Two CRMs; from three writes of a kind on Salesforce gets a bulk job."""
    settings = people_and_companies(load_settings())
    by_jobs = settings.salesforce.model_copy(update={"bulk_from": 3})
    with cloud(folder, settings.model_copy(update={"salesforce": by_jobs})) as here:
        yield here


def update(
    system: System,
    record_id: str,
    field: str,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
) -> Operation:
    """A write of one mapped field of a person."""
    return Operation(
        Kind.PERSON, system, OBJECT[system], Act.UPDATE, field, old, new, f"person-{record_id}", "two_way", "a test",
        record_id=record_id, fingerprint=f"{record_id} {field} {new}",
    )  # fmt: skip


def title(system: System, record_id: str, old: Value, new: Value) -> Operation:
    """A write of a person's job title."""
    return update(system, record_id, "job_title", {TITLE[system]: old}, {TITLE[system]: new})


def create(system: System, number: int, values: Mapping[str, Value]) -> Operation:
    """A new person; `number` makes its key."""
    return Operation(
        Kind.PERSON, system, OBJECT[system], Act.CREATE, "*", {}, values, f"person-{number}", "create", "a test",
        create_key=f"person-{number}/{OBJECT[system]}/1", fingerprint=f"new {number}",
    )  # fmt: skip


def archive(system: System, record_id: str) -> Operation:
    """A record goes to the recycle bin."""
    return Operation(
        Kind.PERSON, system, OBJECT[system], Act.ARCHIVE, "*", {}, {}, f"person-{record_id}", "a rule", "a test",
        record_id=record_id, fingerprint=f"{record_id} goes",
    )  # fmt: skip


def plan(crms: Cloud, operations: Sequence[Operation]) -> int:
    """A plan of these operations, ready to be sent."""
    with crms.warehouse.connect() as connection:
        hashed = schema_hash(load.schemas(connection))
        _all_was_read(crms, connection)
        opened = open_plan(connection, crms.settings, 1, "a-hash", hashed, [])
        save.save_operations(connection, opened.plan_id, operations)
        return opened.plan_id


def _all_was_read(crms: Cloud, connection: Connection) -> None:
    """The plan knows what the CRMs hold, as though an extract had ended a moment ago."""
    overlap = timedelta(minutes=crms.settings.extract.overlap_minutes)
    connection.execute("delete from raw.watermark")
    for system, object_ in crms.settings.mapping.objects:
        watermark.move(connection, system, object_, crms.clocks[system].now() + overlap + TICK, "", 1)


def push(crms: Cloud, operations: Sequence[Operation], *, clients: Mapping[System, Crm] | None = None) -> PushResult:
    """Send a plan of these operations."""
    plan(crms, operations)
    return send(crms, clients=clients)


def send(crms: Cloud, *, clients: Mapping[System, Crm] | None = None) -> PushResult:
    """Send the plan that was made last."""
    crms.runs += 1
    with kept_open(crms.warehouse.path):
        return stage.run(crms.warehouse, clients or crms.crms, crms.settings, crms.runs)


def look_again(crms: Cloud) -> None:
    """The first step of the next run: with clients that only read."""
    recover(crms.warehouse, crms.connect(read_only=True), crms.settings, crms.runs + 1)


def states(crms: Cloud) -> dict[str, tuple[str, str]]:
    """Record id (or create key) -> state and code of its operations in the newest plan."""
    rows = crms.execute(
        "select coalesce(create_key, record_id), state, coalesce(code, '') from push.outbox "
        "where plan_id = (select max(plan_id) from plan.plan)"
    )
    return {str(name): (str(state), str(code)) for name, state, code in rows}
