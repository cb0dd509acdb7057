"""`why`: where a record stands, and why its fields hold what they hold."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

from crm_pipeline.cli import environment

if TYPE_CHECKING:
    from crm_pipeline.report.why import Why


@click.command()
@click.argument("subject", metavar="RECORD_KEY|GOLDEN_ID")
@click.argument("field", metavar="[FIELD]", required=False)
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")
def why(subject: str, field: str | None, values: bool, as_json: bool) -> None:
    """Why a record is not syncing, and why a FIELD holds its value, with every write of ours to it.

    RECORD_KEY: system/object/id. It tells what was so when the last run was published.
    """
    from crm_pipeline.report import why as report

    settings, _ = environment.opened()
    with environment.published(settings) as connection:
        found = report.why(connection, subject, field)
    if as_json:
        click.echo(json.dumps(_as_dict(found, values), ensure_ascii=False, default=str))
        return
    for line in report.words(found, in_full=values):
        click.echo(line)


def _as_dict(found: Why, values: bool) -> dict[str, Any]:
    """Everything; values in full only where they are asked for."""
    from crm_pipeline.report import mask

    shown = dataclasses.asdict(found)
    for write in () if values else shown["writes"]:
        for name in ("old", "new"):
            write[name] = {field: mask.masked(value) for field, value in write[name].items()}
    return shown
