"""`retry`: what a CRM refused is tried once more, although nothing has changed that we could see."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

import click

from crm_pipeline.cli import completion, environment, wording
from crm_pipeline.errors import ConfigError


@click.command()
@click.option("--run", "run_id", type=int, shell_complete=completion.runs, help="Only what this run met.")
@click.option("--code", help="Only what ended with this code (docs/errors.md).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")
def retry(run_id: int | None, code: str | None, as_json: bool) -> None:
    """Let refused writes out of quarantine: the next run tries them once more."""
    from crm_pipeline.push.quarantine import codes, release
    from crm_pipeline.push.refusals import is_known, refusal
    from crm_pipeline.warehouse import runs

    _, warehouse = environment.opened()
    warehouse.required()
    with warehouse.connect() as connection:
        if run_id is not None:
            runs.require(connection, run_id)
        there = codes(connection)
        if code is not None and code not in there and not is_known(code):
            raise ConfigError(f"there is no code {code}; in quarantine {_named(there)}")
        released = release(connection, run_id, code)
    if as_json:
        click.echo(json.dumps({"released": [dataclasses.asdict(one) for one in released]}))
        return
    for one in released:
        known = refusal(one.system, one.code)
        click.echo(f"  {one.number:>6,}  {one.system.label:<10} {one.code or 'without a code'} ({known.category})")
        click.echo(f"          {known.meaning} {known.action}")
    number = sum(one.number for one in released)
    what = wording.counted(number, "write is", "writes are")
    nothing = f"nothing like that is in quarantine; in it {_named(there)}"
    click.echo(f"{what} tried once more by the next run" if number else nothing)


def _named(there: Mapping[str, int]) -> str:
    """The codes in quarantine with their numbers, in words."""
    named = ", ".join(f"{code or 'without a code'} ({number:,})" for code, number in there.items())
    return f"are: {named}" if named else "is nothing"
