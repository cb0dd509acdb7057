"""`proposals`: duplicates inside a CRM, for a person who merges them there."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from crm_pipeline.cli import environment, private, wording


@click.command()
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it, in full, here.")
def proposals(values: bool, file: Path | None) -> None:
    """Records of one CRM that are one customer: which would stay, and where they differ. Nothing is merged by us."""
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
    for one in found:
        for line in report.words(one, in_full=values):
            click.echo(line)
    if not found:
        click.echo("There are no duplicates inside a CRM.")
