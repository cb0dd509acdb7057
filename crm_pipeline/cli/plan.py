"""`plan show` and `approve`: what would be written, and a person's word on it."""

from __future__ import annotations

import dataclasses
import json

import click

from crm_pipeline.cli import environment


@click.group(invoke_without_command=True)
@click.pass_context
def plan(context: click.Context) -> None:
    """What would be written, and why it waits."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@plan.command()
@click.argument("hash_", metavar="[HASH]", required=False)
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--all", "everything", is_flag=True, help="Every operation, not only the 20 riskiest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")
def show(hash_: str | None = None, values: bool = False, everything: bool = False, as_json: bool = False) -> None:
    """The newest plan, or the one whose hash begins with HASH."""
    from crm_pipeline.report import plan as plans

    _, warehouse = environment.opened()
    with warehouse.read() as connection:
        found = plans.plan(connection, hash_)
        counts = plans.counts(connection, found.plan_id)
        guards = plans.guards(connection, found.plan_id)
        changes = plans.changes(connection, found.plan_id, None if everything else 20)
    if as_json:
        shown = dataclasses.asdict(found)
        shown["counts"] = [dataclasses.asdict(count) for count in counts]
        shown["guards"] = [dataclasses.asdict(guard) for guard in guards]
        if values:
            shown["operations"] = [dataclasses.asdict(change) for change in changes]
        click.echo(json.dumps(shown, ensure_ascii=False, default=str))
        return
    click.secho(f"plan {found.plan_id}  {found.hash}  {found.state}", bold=True)
    for count in counts:
        where = f"{count.system.label} {count.object}"
        click.echo(f"  {count.number:>6,}  {where:<20} {count.operation:<8} {count.field:<14} {count.rule}")
    for guard in guards:
        if guard.tripped:
            click.secho(f"  held by a guard: {plans.guard_words(guard)}", fg="yellow")
    left_out = (
        (found.problems, "operations will not be sent"),
        (found.incompatible, "mapped fields do not fit a CRM"),
        (found.waiting, "records wait before they are created"),
        (found.conflicts, "fields on which the CRMs disagree"),
    )
    for number, what in left_out:
        if number:
            click.echo(f"  {number:>6,}  {what}")
    for line in plans.diff(changes, in_full=values):
        click.secho(line, fg={"-": "red", "+": "green"}.get(line[0]))
    if len(changes) < found.changes:
        click.echo(f"{len(changes)} of {found.changes:,} operations, the riskiest first; --all shows all of them")
    if found.waits:
        click.echo(f"to approve it: crm-pipeline approve {found.hash} --by YOUR_NAME")


@click.command()
@click.argument("hash_", metavar="HASH")
@click.option("--by", required=True, help="Who approves: your name.")
@click.option("--why", default="", help="Why, for the audit.")
def approve(hash_: str, by: str, why: str) -> None:
    """Approve the held plan with this HASH. A plan with other content needs another approval."""
    from crm_pipeline.plan.approval import approve as remember

    _, warehouse = environment.opened()
    approved = remember(warehouse, hash_, by, why)
    click.echo(f"Plan {approved.hash} is approved by {by.strip()}. Write it with: crm-pipeline push")
