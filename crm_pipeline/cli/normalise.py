"""`normalise KIND`: raw values in, comparison keys out; other programs rely on its keys (docs/extend.md)."""

from __future__ import annotations

import json
import sys

import click

KINDS = ("name", "e-mail", "phone", "company", "address", "date")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
def normalise(kind: str) -> None:
    """Read values from standard input (UTF-8), one a line, and write one JSON object a line."""
    from crm_pipeline.config import load_settings
    from crm_pipeline.normalise.keys import keys

    region = load_settings().phone_region
    damaged = 0
    for line in sys.stdin.buffer:
        try:
            value = line.decode("utf-8")
        except UnicodeDecodeError:
            value = line.decode("utf-8", errors="replace")
            damaged += 1
        click.echo(json.dumps(keys(kind, value.rstrip("\r\n"), region), ensure_ascii=False))
    if damaged:
        click.echo(
            f"crm-pipeline: {damaged:,} {'line was' if damaged == 1 else 'lines were'} not UTF-8; the bytes that "
            "could not be read became U+FFFD. Convert the input (iconv) and run again",
            err=True,
        )
