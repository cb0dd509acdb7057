"""`run` and `push`: the steps of flow.py, one after the other, with a progress bar."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from crm_pipeline.cli import environment, wording
from crm_pipeline.model import System

if TYPE_CHECKING:
    from crm_pipeline.config import Settings
    from crm_pipeline.crm.gateway import Pace
    from crm_pipeline.crm.protocol import Crm
    from crm_pipeline.flow import Step
    from crm_pipeline.warehouse import Warehouse

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")


@click.command()
@click.option("--preview", is_flag=True, help="Everything but writing to the CRMs.")
@click.option("--full", is_flag=True, help="Read every record, not only what changed since the last run.")
@as_json
def run(preview: bool, full: bool, as_json: bool) -> None:
    """Read both CRMs, match, plan, write what is within the guards, publish."""
    from crm_pipeline import flow

    settings, warehouse = environment.opened()
    steps = [step for step in flow.steps(settings) if not (preview and step.stage == "push")]
    walk(settings, warehouse, steps, "crm-pipeline run", full=full, as_json=as_json)


@click.command()
@as_json
def push(as_json: bool) -> None:
    """Write the newest plan, if it is within the guards or was approved, and publish."""
    from crm_pipeline import flow

    settings, warehouse = environment.opened()
    steps = [step for step in flow.steps(settings) if step.stage in ("push", "publish")]
    walk(settings, warehouse, steps, "crm-pipeline push", as_json=as_json)


def walk(
    settings: Settings,
    warehouse: Warehouse,
    steps: Sequence[Step],
    holder: str,
    *,
    full: bool = False,
    as_json: bool = False,
) -> None:
    """Do the steps while nobody else may, say what became of each, and alert whoever should know.

    The clients' credentials are looked up before the first step: a missing one is found before hours of work. So is a
    missing plan, if none of the steps makes one. Raises CrmPipelineError of the first that fails.
    """
    from crm_pipeline import flow
    from crm_pipeline.alerts.watch import watched
    from crm_pipeline.cli.progress import line
    from crm_pipeline.report import plan as plans
    from crm_pipeline.report.result import counts, unread, words

    results: dict[str, Any] = {}
    planned_before = all(step.stage != "plan" for step in steps)
    external_id = f"{holder} {uuid.uuid4()}"
    paces = environment.paces(settings)
    crms = _clients(settings, steps, paces) if planned_before else {}
    if planned_before:
        warehouse.required()
    with watched(warehouse, settings, holder, external_id, environment.say):
        crms = crms or _clients(settings, steps, paces)
        if planned_before:
            with warehouse.connect() as connection:
                plans.plan(connection)
        run_id = flow.begin(warehouse, settings, external_id)
        everybody = [crm for clients in crms.values() for crm in clients.values()]
        with line(len(steps), everybody, hidden=as_json) as progress:
            for step in steps:
                progress.begin(step.label)
                before = _made(paces)
                run = flow.Run(warehouse, settings, run_id, crms[step.stage == "push"], full, progress.tell)
                result = step.do(run)
                calls = _made(paces) - before
                results[step.name] = {**counts(result), **({"calls": calls} if step.calls else {})}
                made = [wording.counted(calls, "call")] if calls else []
                progress.end(", ".join([*made, words(result)]), done=not unread(result))
    if as_json:
        click.echo(json.dumps({"run_id": run_id, "steps": results}, ensure_ascii=False, default=str))
    else:
        _say_what_waits(warehouse)


def _clients(settings: Settings, steps: Sequence[Step], paces: Mapping[System, Pace]) -> dict[bool, dict[System, Crm]]:
    """Whether it writes -> the clients of the CRMs that are called so."""
    return {
        writes: environment.clients(
            settings,
            sorted({system for step in steps if (step.stage == "push") is writes for system in step.calls}),
            read_only=not writes,
            paces=paces,
        )
        for writes in (False, True)
    }


def _made(paces: Mapping[System, Pace]) -> int:
    """Calls of all CRMs since the run began."""
    return sum(pace.calls.usage.total for pace in paces.values())


def _say_what_waits(warehouse: Warehouse) -> None:
    """The next command to type, where a person has to do something."""
    from crm_pipeline.match.review import review
    from crm_pipeline.report import plan as plans

    with warehouse.read() as connection:
        plan = plans.plan(connection)
        pairs = len(review.waiting(connection))
    if plan.waits:
        click.echo(f"Plan {plan.hash} is held, nothing of it was sent, because of")
        for reason in plan.why.split("; "):
            click.echo(f"  {reason}")
        click.echo(
            f"Look at it: crm-pipeline plan show\n"
            f"Approve it: crm-pipeline approve {plan.hash} --by YOUR_NAME\n"
            f"Then write: crm-pipeline push"
        )
    if pairs:
        waits = wording.counted(pairs, "pair waits", "pairs wait")
        click.echo(f"{waits} for a person: crm-pipeline review list")
