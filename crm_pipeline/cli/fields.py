"""`fields`: whether the mapped fields of both CRMs fit each other, and what to do where they do not."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment
from crm_pipeline.cli.busy import busy
from crm_pipeline.model import System

if TYPE_CHECKING:
    from crm_pipeline.report.fields import Row

_COLOURS = {"compatible": "green", "compatible_with_gaps": "yellow", "incompatible": "red"}


@click.command()
@click.option("--live", is_flag=True, help="Ask the CRMs now; without it the schemas of the last extract count.")
@click.option("--ja", "japanese", is_flag=True, help="Reasons and labels in Japanese.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output instead of words.")
def fields(live: bool, japanese: bool, as_json: bool) -> None:
    """Does every mapped field fit both CRMs? Ends with 1 if one does not: it is left out, the others are synced."""
    from crm_pipeline.report import fields as report

    settings, warehouse = environment.opened()
    if live:
        with busy("asking both CRMs for their fields"):
            rows = report.live(environment.clients(settings, System, read_only=True), settings)
    else:
        with warehouse.read() as connection:
            rows = report.stored(connection, settings)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for kind, of in groupby(rows, itemgetter("kind")):
            click.secho(kind, bold=True)
            for row in of:
                _show(row, japanese)
    wrong = sorted({f"{row['kind']} {row['field']}" for row in rows if row["problem"]})
    if not as_json:
        click.echo(f"left out: {', '.join(wrong)}" if wrong else "every mapped field fits")
    if wrong:
        sys.exit(1)


def _show(row: Row, japanese: bool) -> None:
    name = row["field"] if row["part"] == row["field"] else f"{row['field']}.{row['part']}"
    between = f"{row['hubspot_object']}.{row['hubspot_name']} - {row['salesforce_object']}.{row['salesforce_name']}"
    click.echo(f"  {name:<24} {between:<58} ", nl=False)
    click.secho(f"{row['verdict'].replace('_', ' '):<22}", fg=_COLOURS.get(row["verdict"]), nl=False)
    click.echo(f" {row['rule']}")
    language = "_ja" if japanese else ""
    if row["problem"]:
        label = row["label_ja" if japanese else "label_en"]
        click.secho(f"    {label}: {row[f'problem{language}']}", fg="red")
        click.echo(f"    {row['place']}")
    elif row[f"why{language}"] and row["verdict"] == "compatible_with_gaps":
        click.secho(f"    {row[f'why{language}']}; {row[f'to_do{language}']}", fg="yellow")
