"""`forecast`: what the next run is going to cost in API calls, and whether today's budget carries it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment
from crm_pipeline.cli.busy import busy
from crm_pipeline.model import System

if TYPE_CHECKING:
    from crm_pipeline.extract.forecast import Forecast


@click.command()
@click.option("--full", is_flag=True, help="Of a run that reads every record.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output instead of a table.")
def forecast(full: bool, as_json: bool) -> None:
    """How many API calls the next run takes, object by object. Asks the CRMs a few things, and writes nothing."""
    from crm_pipeline.extract.forecast import forecast as foresee

    settings, warehouse = environment.opened()
    found: list[Forecast] = []
    with busy("asking both CRMs what changed"):
        for crm in environment.clients(settings, System, read_only=True).values():
            crm.account()  # its answer tells what is left of the day
            found.append(foresee(warehouse, crm, settings, full=full))
    if as_json:
        click.echo(json.dumps([_as_dict(one) for one in found], ensure_ascii=False))
    else:
        _show(found)
    for one in found:
        if not one.sufficient:
            raise one.shortage


def _show(found: Sequence[Forecast]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for column in ("CRM", "object"):
        table.add_column(column)
    for column in ("records", "to read"):
        table.add_column(column, justify="right")
    table.add_column("how")
    table.add_column("calls", justify="right")
    for one in found:
        for line in one.lines:
            numbers = (f"{line.live:,}", f"{line.changed:,}") if line.route else ("", "")
            table.add_row(one.system.label, line.object, *numbers, line.route, f"{line.calls:,}")
        table.add_section()
    Console(highlight=False).print(table)
    for one in found:
        click.echo(_sentence(one))


def _sentence(one: Forecast) -> str:
    if one.allowed is None:
        return f"{one.system.label}: about {one.calls:,} calls; it does not say how many a day allows"
    return (
        f"{one.system.label}: about {one.calls:,} calls, {one.percent:.1f} % of the day's {one.daily_limit:,}; "
        f"{one.daily_used:,} are used, this run may make {one.allowed:,}"
    )


def _as_dict(one: Forecast) -> dict[str, object]:
    return dataclasses.asdict(one) | {"calls": one.calls, "sufficient": one.sufficient}
