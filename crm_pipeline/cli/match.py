"""`match FILE [FILE2]`: which rows of files are the same customer, without a CRM (docs/matching.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_pipeline.cli import wording

if TYPE_CHECKING:
    from crm_pipeline.match.file.run import Meant


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("file2", type=click.Path(path_type=Path), required=False)
@click.option(
    "--columns", "mapping", type=click.Path(path_type=Path), help="YAML file that says what the columns mean."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object on standard output.")
def match(file: Path, file2: Path | None, mapping: Path | None, out: Path, as_json: bool) -> None:
    """Find the rows of FILE (CSV or Parquet) that are the same customer; with FILE2, also across both.

    Without --columns the columns' meaning is guessed and printed. docs/matching.md says what the results hold.
    """
    from crm_pipeline.cli.progress import line
    from crm_pipeline.config import load_settings
    from crm_pipeline.match.file.run import STEPS, match_files

    paths = [file] if file2 is None else [file, file2]
    with line(STEPS, [], hidden=as_json) as progress:
        summary = match_files(
            paths, mapping, out, load_settings(), progress, lambda meant: None if as_json else _say_columns(meant)
        )
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _say_results(summary, out)


def _say_columns(meant: Sequence[Meant]) -> None:
    for one in meant:
        if one.guessed:
            click.echo(f"# {one.file.source}: guessed; keep it as a file, correct it, and name it with --columns")
            click.echo(one.mapping.as_yaml(), nl=False)
        for name, why in one.left_out.items():
            click.echo(f"# {one.file.source}: '{name}' is not used{f': {why}' if why else ''}")
        if one.file.strangers:
            number = wording.counted(one.file.strangers, "line is", "lines are")
            click.echo(f"# {one.file.source}: {number} not {one.file.encoding}, and were read as another encoding")


def _say_results(summary: dict[str, Any], out: Path) -> None:
    pairs = summary["pairs"]
    click.echo(
        f"{wording.counted(summary['records'], 'record is', 'records are')} "
        f"{wording.counted(summary['clusters'], 'customer')}. Pairs: {pairs['auto']:,} linked, "
        f"{pairs['recommended']:,} recommended for a look, {pairs['possible']:,} possible."
    )
    if summary["quarantined"]:
        number = wording.counted(summary["quarantined"], "line was", "lines were")
        click.echo(f"{number} damaged: {out / 'quarantined.csv'}")
    click.echo(f"Results: {out / 'pairs.parquet'}, {out / 'clusters.parquet'}, {out / 'summary.json'}")
