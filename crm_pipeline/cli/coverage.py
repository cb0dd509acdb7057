"""`coverage`: which pairs matching compares, what it leaves out, which records hold too little to be found again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import click

from crm_pipeline.cli import environment, wording


@click.command()
@wording.as_json
def coverage(as_json: bool) -> None:
    """What blocking compares, rule by rule, and records whose copy could not even be linked automatically."""
    from crm_pipeline.match.model import file
    from crm_pipeline.match.review.unlinkable import unlinkable
    from crm_pipeline.model import MATCHED

    settings, warehouse = environment.opened()
    answer: list[dict[str, Any]] = []
    with warehouse.read() as connection:
        for kind in MATCHED:
            rows = connection.execute(
                "select rule, pairs, added, records from match.coverage where kind = ? order by pairs desc, rule",
                [kind],
            ).fetchall()
            path = file.place(settings.warehouse, kind)
            if not rows or not path.exists():
                answer.append({"kind": kind, "rules": [], "unlinkable": []})
                continue
            found = unlinkable(connection, kind, file.read(path, kind), settings.match)
            rules = [dict(zip(("rule", "pairs", "added", "records"), row, strict=True)) for row in rows]
            answer.append({"kind": kind, "rules": rules, "unlinkable": [dataclasses.asdict(one) for one in found]})
    if as_json:
        wording.put_out(answer)
    else:
        _show(answer)


def _show(answer: Sequence[Mapping[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    for of in answer:
        kind = of["kind"]
        if not of["rules"]:
            click.echo(f"{kind}: nothing was matched yet; run the pipeline once first")
            continue
        table = Table(title=f"{kind}: rules", title_justify="left")
        for column in ("rule", "pairs", "by no other rule", "records"):
            table.add_column(column, justify="left" if column == "rule" else "right")
        for rule in of["rules"]:
            table.add_row(rule["rule"], *(f"{rule[name]:,}" for name in ("pairs", "added", "records")))
        Console().print(table)
        for one in of["unlinkable"]:
            lacking = sum(one["reasons"].values())
            click.echo(f"{kind}, {one['source']}: {lacking:,} of {one['records']:,} could not be linked by themselves")
            for why, count in one["reasons"].items():
                click.echo(f"  {count:>9,}  {why}")
