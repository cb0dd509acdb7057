"""`plan show` and `approve`: what would be written, and a person's word on it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from crm_pipeline.cli import completion, environment, wording

#: Operations shown as text without --all.
_MOST = 20
#: Of the lines of a diff.
_COLOURS = {"-": "red", "+": "green"}


@click.group(invoke_without_command=True)
@click.pass_context
def plan(context: click.Context) -> None:
    """What would be written, and why it waits."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@plan.command()
@click.argument("hash_", metavar="[HASH]", required=False, shell_complete=completion.plans)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    show_default=True,
    help="html: one page for a browser.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, for your eyes only.")
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--all", "everything", is_flag=True, help="As text: every operation, not only the 20 riskiest.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def show(
    hash_: str | None = None,
    form: str = "text",
    out: Path | None = None,
    values: bool = False,
    everything: bool = False,
    as_json: bool = False,
) -> None:
    """The newest plan, or the one whose hash begins with HASH."""
    from crm_pipeline.config import private
    from crm_pipeline.report.diff import content, data, lines, page

    settings, warehouse = environment.opened()
    with warehouse.read() as connection:
        found = content.content(connection, settings, hash_)
    pieces: Iterable[str]
    if as_json or form == "json":
        pieces = [json.dumps(data.data(found, in_full=values), ensure_ascii=False, default=str) + "\n"]
    elif form == "html":
        pieces = page.page(found, in_full=values)
    elif form == "markdown":
        pieces = (f"{line}\n" for line in lines.markdown(found, in_full=values))
    else:
        most = None if everything else _MOST
        pieces = (f"{line}\n" for line in lines.text(found, in_full=values, most=most))
    if out is not None:
        with private.opened(out) as file:
            file.writelines(pieces)
        click.echo(f"plan {found.plan.hash} is in {out}")
        return
    for piece in pieces:
        colour = _COLOURS.get(piece[:1]) if form == "text" else None
        click.secho(piece, nl=False, fg=colour) if colour else click.echo(piece, nl=False)


@click.command()
@click.argument("hash_", metavar="HASH", shell_complete=completion.plans)
@wording.by("Who approves")
@click.option("--why", default="", help="Why, for the audit.")
def approve(hash_: str, by: str, why: str) -> None:
    """Approve the held plan with this HASH. A plan with other content needs another approval."""
    from crm_pipeline.plan.kept.approval import approve as remember

    _, warehouse = environment.opened()
    approved = remember(warehouse, hash_, by, why)
    click.echo(f"Plan {approved.hash} is approved by {by}. Write it with: crm-pipeline push")
