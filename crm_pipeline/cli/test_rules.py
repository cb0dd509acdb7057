"""`test-rules`: tests of the user's own mapping, written in YAML, against the real planning."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from crm_pipeline.cli import environment


@click.command("test-rules")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--schemas", "with_schemas", is_flag=True, help="Lengths, options and types of the last extract count.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")
def test_rules(files: Sequence[Path], with_schemas: bool, as_json: bool) -> None:
    """Run tests of the sync rules: given values, bases and times, which writes follow? Ends with 1 if one fails."""
    from crm_pipeline.errors import NotFoundError
    from crm_pipeline.plan.load import schemas
    from crm_pipeline.report.rule_tests import tested

    settings, warehouse = environment.opened()
    known = None
    if with_schemas:
        with warehouse.read() as connection:
            known = schemas(connection)
        if not known:
            raise NotFoundError("no schema was read yet; run the pipeline once, or test without --schemas")
    found = tested(files, settings, known)
    failed = [one for one in found if one.failures]
    if as_json:
        tests = [dataclasses.asdict(one) for one in found]
        click.echo(
            json.dumps({"passed": len(found) - len(failed), "failed": len(failed), "tests": tests}, ensure_ascii=False)
        )
    for one in () if as_json else failed:
        click.secho(f"FAILED  {one.file} line {one.line}: {one.test}", fg="red")
        for failure in one.failures:
            click.echo(f"  line {failure.line}: {failure.place}")
            click.secho(f"  - expected  {failure.expected}", fg="red")
            click.secho(f"  + planned   {failure.got}", fg="green")
    if not as_json:
        click.echo(f"{len(found) - len(failed)} passed, {len(failed)} failed, with {settings.mapping.source}")
    if failed:
        sys.exit(1)
