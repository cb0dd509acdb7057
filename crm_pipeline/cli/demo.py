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
@click.option(
    "--own", is_flag=True, help="On your own CRMs, which the environment names, instead of the emulated ones."
)
def dev(port: int, own: bool) -> None:
    """The Dagster UI on the demo organisation. Ctrl-C stops everything."""
    from crm_pipeline.demo.dev import serve
    from crm_pipeline.demo.home import data_folder

    sys.exit(serve(DATA if own else data_folder(Path()), port, own=own))


@click.command()
@click.option(
    "--organisation",
    default="demo",
    show_default=True,
    help="demo (kept in data/emulator), empty, or synthetic:N: N made-up records in each CRM.",
)
@click.option("--seed", default=1, show_default=True, help="Of the synthetic organisation and of random faults.")
@click.option("--hubspot-port", type=click.IntRange(0, 65535), default=0, help="0, the default, takes a free one.")
@click.option("--salesforce-port", type=click.IntRange(0, 65535), default=0, help="0, the default, takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Anybody who reaches it can read and write.")
@click.option("--rate-limits/--no-rate-limits", default=False, show_default=True, help="Refuse calls above the limits.")
@click.option(
    "--lags",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Of searches and bulk jobs: 1 as slow as the platforms, 0.1 ten times faster, 0 none.",
)
@click.option(
    "--https", is_flag=True, help="Serve https, and a proxy for clients that have the platforms' names built in."
)
def emulator(
    organisation: str,
    seed: int,
    hubspot_port: int,
    salesforce_port: int,
    host: str,
    rate_limits: bool,
    lags: float,
    https: bool,
) -> None:
    """Both emulated CRMs alone, until Ctrl-C; prints the variables that lead a client to them."""
    from crm_pipeline.demo.emulators import Wishes, main
    from crm_pipeline.demo.endpoint import Options

    options = Options(host, hubspot_port, salesforce_port, rate_limits, lags)
    sys.exit(main(Wishes(organisation, seed, options, https), DATA))
