"""`coverage`: which pairs matching compares, what it leaves out, which records hold too little to be found again."""

from __future__ import annotations

import click

from crm_pipeline.cli import environment


@click.command()
def coverage() -> None:
    """What blocking compares, rule by rule, and records whose copy could not even be linked automatically."""
    from rich.console import Console
    from rich.table import Table

    from crm_pipeline.match.model import file
    from crm_pipeline.match.review.unlinkable import unlinkable
    from crm_pipeline.model import MATCHED

    settings, warehouse = environment.opened()
    console = Console()
    with warehouse.read() as connection:
        for kind in MATCHED:
            rows = connection.execute(
                "select rule, pairs, added, records from match.coverage where kind = ? order by pairs desc, rule",
                [kind],
            ).fetchall()
            path = file.place(settings.warehouse, kind)
            if not rows or not path.exists():
                click.echo(f"{kind}: nothing was matched yet")
                continue
            table = Table(title=f"{kind}: rules", title_justify="left")
            for column in ("rule", "pairs", "by no other rule", "records"):
                table.add_column(column, justify="left" if column == "rule" else "right")
            for rule, *numbers in rows:
                table.add_row(rule, *(f"{number:,}" for number in numbers))
            console.print(table)
            for found in unlinkable(connection, kind, file.read(path, kind), settings.match):
                lacking = sum(found.reasons.values())
                click.echo(
                    f"{kind}, {found.source}: {lacking:,} of {found.records:,} could not be linked by themselves"
                )
                for why, count in found.reasons.items():
                    click.echo(f"  {count:>9,}  {why}")
