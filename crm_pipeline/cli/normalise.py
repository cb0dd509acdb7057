"""`normalise KIND`: raw values in, comparison keys out; other programs rely on its keys (docs/extend.md)."""

from __future__ import annotations

import json
import sys

import click

KINDS = ("name", "e-mail", "phone", "company", "address", "date")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
def normalise(kind: str) -> None:
    """Read values from standard input, one a line, and write one JSON object a line."""
    from crm_pipeline.config import load_settings
    from crm_pipeline.normalise.keys import keys

    region = load_settings().phone_region
    for line in sys.stdin:
        click.echo(json.dumps(keys(kind, line.rstrip("\r\n"), region), ensure_ascii=False))
