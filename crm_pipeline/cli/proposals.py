"""`proposals`: duplicates inside a CRM, for a person who merges them there."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_pipeline.cli import environment, wording

if TYPE_CHECKING:
    from crm_pipeline.report.proposals import Proposal


@click.command()
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it, in full, here.")
@wording.as_json
def proposals(values: bool, file: Path | None, as_json: bool) -> None:
    """Records of one CRM that are one customer: which would stay, and where they differ. Nothing is merged by us."""
    from crm_pipeline.config import private
    from crm_pipeline.report import proposals as report

    settings, warehouse = environment.opened()
    warehouse.required()
    with warehouse.read() as connection:
        found = report.proposals(connection, settings)
    if file is not None:
        with private.opened(file, table=True) as out:
            table = csv.DictWriter(out, report.COLUMNS)
            table.writeheader()
            table.writerows(row for one in found for row in report.rows(one))
        number = wording.counted(len(found), "proposal")
        click.echo(f"{number} in {file}; merge the records in their CRM, the next run follows it")
        return
    if as_json:
        wording.put_out([_as_dict(one, values) for one in found])
        return
    for one in found:
        for line in report.words(one, in_full=values):
            click.echo(line)
    if not found:
        click.echo("There are no duplicates inside a CRM.")


def _as_dict(one: Proposal, values: bool) -> dict[str, Any]:
    """Everything; values only where they are asked for."""
    from crm_pipeline.report import mask

    shown = dataclasses.asdict(one)
    if not values:
        for held in shown["fields"].values():
            for which in ("winner", "loser", "kept"):
                held[which] = [mask.masked(part) for part in held[which]]
    return shown
