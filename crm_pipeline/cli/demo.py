"""`demo`, `dev` and `emulator`: the product without real CRMs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

#: Where the demo's organisations and databases are; relative to the folder in which the command runs.
DATA = Path("data")


@click.command()
def demo() -> None:
    """Two emulated CRMs, nightly runs until nothing is left to do, and what changed."""
    from crm_pipeline.demo.run import main

    sys.exit(main())


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Of the Dagster UI.")
def dev(port: int) -> None:
    """The Dagster UI on the demo organisation. Ctrl-C stops everything."""
    from crm_pipeline.demo.dev import serve

    sys.exit(serve(DATA, port))


@click.command()
def emulator() -> None:
    """Both emulated CRMs alone, until Ctrl-C; prints the variables that lead a pipeline to them."""
    from crm_pipeline.demo.world import main

    sys.exit(main())
