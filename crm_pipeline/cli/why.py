"""`why`: where a record stands, and why its fields hold what they hold."""

from __future__ import annotations

import dataclasses
import json

import click

from crm_pipeline.cli import environment


@click.command()
@click.argument("subject", metavar="RECORD_KEY|GOLDEN_ID")
@click.argument("field", metavar="[FIELD]", required=False)
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, values in full.")
def why(subject: str, field: str | None, values: bool, as_json: bool) -> None:
    """Why a record is not syncing, and why a FIELD holds its value, with every write of ours to it.

    RECORD_KEY: system/object/id. It tells what was so when the last run was published.
    """
    from crm_pipeline.report import why as report

    settings, _ = environment.opened()
    with environment.published(settings) as connection:
        found = report.why(connection, subject, field)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, default=str))
        return
    for line in report.words(found, in_full=values):
        click.echo(line)
