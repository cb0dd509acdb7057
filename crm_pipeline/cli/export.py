"""`export`: marts as Parquet or CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment

if TYPE_CHECKING:
    from crm_pipeline.publish.export import Format


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("marts", metavar="[MART]...", nargs=-1)
@click.option("--format", "format_", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
def export(folder: Path, marts: tuple[str, ...], format_: Format) -> None:
    """Write the marts (all, or each MART) into FOLDER, a file each: customer_360.parquet and so on.

    They hold personal data: the files are for you alone, and a later `erase` does not reach them. docs/tables.md says
    what the marts hold.
    """
    from crm_pipeline.publish.export import export as write

    settings, _ = environment.opened()
    with environment.published(settings) as connection:
        for path, rows in write(connection, folder, format_, marts):
            click.echo(f"{path}: {rows:,} rows")
