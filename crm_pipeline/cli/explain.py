"""`explain A B`: why two records are, may be or are not one customer."""

from __future__ import annotations

import dataclasses
import json

import click

from crm_pipeline.cli import environment

#: Characters of a bar for a weight of one, which makes a pair ten times as likely; no bar is longer than `_LONGEST`.
_UNIT, _LONGEST = 2, 14


@click.command()
@click.argument("one")
@click.argument("other")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def explain(one: str, other: str, as_json: bool) -> None:
    """Compare two records and show every step from the prior odds to the tier. ONE and OTHER: system/object/id."""
    from crm_pipeline.match.evidence.explain import explain as explained
    from crm_pipeline.match.model import file
    from crm_pipeline.model import MATCHED

    settings, warehouse = environment.opened()
    warehouse.required()
    models = {
        kind: file.read(path, kind) for kind in MATCHED if (path := file.place(settings.warehouse, kind)).exists()
    }
    with warehouse.read() as connection:
        found = explained(connection, models, one, other)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
        return
    sure = f"{min(found.posterior, 0.999):.1%}"
    click.secho(f"{found.left_key}  {found.right_key}: {found.tier}, {sure}", bold=True)
    total = 0.0
    for step in found.steps:
        total += step.weight
        bar = "█" * min(round(abs(step.weight) * _UNIT), _LONGEST)
        color = "green" if step.weight >= 0 else "red"
        click.echo(f"  {step.weight:+6.2f} {total:+7.2f}  {click.style(f'{bar:<{_LONGEST}}', fg=color)}  {step.words}")
    click.echo(f"  {'':6} {total:+7.2f}  = odds of {10**total:,.3g} to 1 before other candidates compete")
    if found.candidates > 1:
        click.echo(f"  {found.candidates} candidates compete for these records")
    if not found.compared:
        click.echo("  The last run did not compare them: they share no blocking rule, or next to nothing agrees.")
    if found.why:
        click.echo(f"  not linked automatically: {found.why}")
    if found.said:
        click.echo(f"  decided: {found.said}")
    together = found.golden[0] == found.golden[1] != ""
    click.echo(f"  golden record{'' if together else 's'}: {' and '.join(dict.fromkeys(found.golden)) or 'none yet'}")
