"""`undo`: the plan that takes a run, or the last writes to one record, back."""

from __future__ import annotations

import dataclasses
import json
import uuid

import click

from crm_pipeline.cli import completion, environment, wording
from crm_pipeline.errors import ConfigError

#: Writes that stay as they are, shown one by one.
_MOST = 20


@click.command()
@click.argument("run_id", metavar="[RUN_ID]", type=int, required=False, shell_complete=completion.runs)
@click.option("--record", metavar="KEY", help="Only this record: system/object/id. Without RUN_ID: its newest writes.")
@click.option("--field", metavar="FIELD", help="Only this field of the mapping.")
@wording.by("Who asks for it")
@click.option("--why", default="", help="Why, for the audit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")
def undo(run_id: int | None, record: str | None, field: str | None, by: str, why: str, as_json: bool) -> None:
    """Plan to write the old values back where the CRM still holds what RUN_ID wrote. `push` sends the plan."""
    from crm_pipeline import flow
    from crm_pipeline.alerts.watch import watched
    from crm_pipeline.plan.said import named
    from crm_pipeline.plan.undo import stage as undo_stage
    from crm_pipeline.warehouse import runs

    if run_id is None and record is None:
        raise ConfigError("say what to take back: the number of a run, or --record system/object/id")
    if record is not None:
        named.record_key(record)
    settings, warehouse = environment.opened()
    warehouse.required()
    if run_id is not None:
        with warehouse.read() as connection:
            runs.require(connection, run_id)
    target = undo_stage.Target(run_id, record, field)
    external_id = f"crm-pipeline undo {uuid.uuid4()}"
    with watched(warehouse, settings, "crm-pipeline undo", external_id, environment.say):
        own_run = flow.begin(warehouse, settings, external_id)
        made = undo_stage.run(warehouse, settings, own_run, target, by, why)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(made), ensure_ascii=False))
        return
    for key, name, reason in made.refused[:_MOST]:
        click.echo(f"stays as it is: {key} {name}: {reason}")
    if len(made.refused) > _MOST:
        click.echo(f"and {len(made.refused) - _MOST:,} more; crm-pipeline plan show --all shows them")
    if made.explained:
        click.secho(made.explained, fg="yellow")
    if made.plan_id is None:
        return
    number = wording.counted(made.operations, "write takes", "writes take")
    click.echo(f"{number} back what was written: plan {made.hash}, {made.state}")
    click.echo("Look at it: crm-pipeline plan show")
    if made.why:
        click.echo(f"It is held, because of {made.why}")
        click.echo(f"Approve it: crm-pipeline approve {made.hash} --by YOUR_NAME")
    click.echo("Then write: crm-pipeline push")
