"""`proposals`: duplicates inside a CRM, for a person who merges them there."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import click

from crm_pipeline.cli import environment


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
        # with the mark by which Excel knows UTF-8; names and addresses are in it, so nobody else may read it
        with open(
            file, "w", encoding="utf-8-sig", newline="", opener=lambda path, flags: os.open(path, flags, 0o600)
        ) as out:
            table = csv.DictWriter(out, report.COLUMNS)
            table.writeheader()
            table.writerows(row for one in found for row in report.rows(one))
        click.echo(f"{len(found):,} proposals in {file}; merge the records in their CRM, the next run follows it")
        return
    for one in found:
        for line in report.words(one, in_full=values):
            click.echo(line)
    if not found:
        click.echo("There are no duplicates inside a CRM.")
