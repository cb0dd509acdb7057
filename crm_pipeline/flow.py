"""The way of the data as a list of steps: the orchestrator and the command line both walk it, so they cannot differ.

Belongs here: which stage function is called, with what, in which order. Not here: what a stage does, and how a step is
shown. The stages are imported when a step runs, so that looking at the list costs nothing.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from crm_pipeline.config import Settings
from crm_pipeline.errors import WarehouseError
from crm_pipeline.model import System

if TYPE_CHECKING:
    from crm_pipeline.crm.protocol import Crm
    from crm_pipeline.warehouse import Warehouse

#: In the order of the flow. One word is one thing everywhere: folder, schema, asset group, section of the docs.
STAGES = ("extract", "normalise", "match", "golden", "plan", "push", "publish")

#: The step that every other one waits for.
UNFINISHED = "unfinished_writes"


@dataclass(frozen=True)
class Run:
    """What a step is given. `crms`: those that the step calls; `full`: read everything, not only what changed.
    `progress(done, all)`: told by long steps."""

    warehouse: Warehouse
    settings: Settings
    run_id: int
    crms: Mapping[System, Crm]
    full: bool = False
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class Step:
    """One piece of work. `name` is unique; `label` is what a person reads while it runs; `calls`: CRMs that it calls.

    `work` is what the stage does with a run.
    """

    stage: str
    name: str
    label: str
    work: Callable[[Run], Any]
    calls: frozenset[System] = frozenset()

    def do(self, run: Run) -> Any:
        """Do the work. Returns the stage's result, a frozen dataclass of counts; raises CrmPipelineError."""
        from crm_pipeline.warehouse.steps import recorded

        try:
            with recorded(run.warehouse, run.run_id, self.stage, self.name, run.crms if self.calls else {}):
                return self.work(run)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            # pages and rows pass through files in the temporary folder, which may be another disk than the database's
            raise WarehouseError(
                f"a disk is full while {self.label} ({tempfile.gettempdir()} or the one with {run.warehouse.path}); "
                "free some space and run again: what earlier steps did is kept, this one left nothing"
            ) from error


@dataclass(frozen=True)
class SchemaResult:
    """Result of a schema step: fields of all objects, stages of deals and tickets, users active or
    not, calls that the whole run will take."""

    fields: int
    changed_fields: int
    hidden_objects: int
    stages: int
    users: int
    calls_foreseen: int


def steps(settings: Settings) -> tuple[Step, ...]:
    """All steps, in an order in which every step finds what it reads."""
    return (
        *_extract(settings),
        Step("normalise", "normalise", "normalising names, addresses, phones", _normalise),
        Step("match", "match", "finding the same customers", _match),
        Step("golden", "golden", "making golden records", _golden),
        Step("plan", "plan", "planning what to write", _plan),
        Step("push", "push", "writing to the CRMs", _push, frozenset(System)),
        Step("publish", "publish", "publishing the copy for analysts", _publish),
    )


def begin(warehouse: Warehouse, settings: Settings, external_id: str) -> int:
    """The number of the run with this outside id; the first call of a run registers it."""
    from crm_pipeline.warehouse.runs import run_id_for

    with warehouse.connect() as connection:
        return run_id_for(connection, external_id, settings.mapping.hash)


def _extract(settings: Settings) -> Iterator[Step]:
    # First of all: a write of ours that landed unnoticed would otherwise look like a user's edit.
    yield Step("extract", UNFINISHED, "reading back writes whose answer was lost", _recover, frozenset(System))
    for system in System:
        name = f"{system}_schema"
        label = f"reading {system.label}'s fields and users"
        yield Step("extract", name, label, partial(_read_schema, system), frozenset({system}))
    for system, object_ in settings.mapping.read_objects:
        name = f"{system}_{object_.lower()}"
        label = f"reading {system.label} {object_}"
        yield Step("extract", name, label, partial(_read_object, system, object_), frozenset({system}))
    yield Step(
        "extract", "associations", "reading which records belong together", _read_associations, frozenset(System)
    )


def _recover(run: Run) -> Any:
    from crm_pipeline.push.recovery.recover import recover

    return recover(run.warehouse, run.crms, run.settings, run.run_id)


def _read_schema(system: System, run: Run) -> Any:
    from crm_pipeline.extract import forecast, stage
    from crm_pipeline.extract.counted import SCHEMA, counted

    crm = run.crms[system]
    arguments = run.warehouse, crm, run.settings, run.run_id
    with counted(run.warehouse, [crm], run.run_id, SCHEMA):
        stage.extract_account(*arguments)
        foreseen = forecast.require(*arguments, full=run.full)
        schema = stage.extract_schema(*arguments)
        users = stage.extract_users(*arguments).users
    return SchemaResult(
        sum(schema.fields.values()), schema.changes, len(schema.hidden), schema.stages, users, foreseen.calls
    )


def _read_object(system: System, object_: str, run: Run) -> Any:
    from crm_pipeline.extract import stage
    from crm_pipeline.extract.counted import counted

    crm = run.crms[system]
    arguments = run.warehouse, crm, run.settings, run.run_id, object_
    with counted(run.warehouse, [crm], run.run_id, object_):
        return stage.extract_object(*arguments, full=run.full, progress=run.progress)


def _read_associations(run: Run) -> Any:
    from crm_pipeline.extract import stage
    from crm_pipeline.extract.counted import ASSOCIATIONS, counted

    with counted(run.warehouse, run.crms.values(), run.run_id, ASSOCIATIONS):
        return stage.extract_associations(run.warehouse, run.crms, run.settings, run.run_id, full=run.full)


def _normalise(run: Run) -> Any:
    from crm_pipeline.normalise import stage

    return stage.run(run.warehouse, run.settings, run.run_id)


def _match(run: Run) -> Any:
    from crm_pipeline.match import stage

    return stage.run(run.warehouse, run.settings, run.run_id)


def _golden(run: Run) -> Any:
    from crm_pipeline.golden import stage

    return stage.run(run.warehouse, run.settings, run.run_id)


def _plan(run: Run) -> Any:
    from crm_pipeline.plan import stage

    return stage.run(run.warehouse, run.settings, run.run_id)


def _push(run: Run) -> Any:
    from crm_pipeline.push import stage

    return stage.run(run.warehouse, run.crms, run.settings, run.run_id, progress=run.progress)


def _publish(run: Run) -> Any:
    from crm_pipeline.publish import stage
    from crm_pipeline.report.page.night import Night

    night = Night()
    published = stage.run(run.warehouse, run.settings, run.run_id)
    report, explained = night.report(run.warehouse, run.settings, run.run_id)
    return replace(published, report=report, explained=explained)
