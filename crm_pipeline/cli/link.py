"""`link`: a person says that two deals, tickets, tasks or activities are one record, or are not."""

from __future__ import annotations

import click

from crm_pipeline.cli import environment, wording


@click.command()
@click.argument("one", metavar="RECORD_KEY")
@click.argument("other", metavar="RECORD_KEY")
@click.option("--apart", is_flag=True, help="They are not one: take them apart, and never link them again.")
@wording.by("Who decides")
@click.option("--why", default="", help="Why, for whoever asks later.")
def link(one: str, other: str, apart: bool, by: str, why: str) -> None:
    """Link two deals, tickets, tasks or activities in the next run. A record is named as hubspot/deals/151."""
    from crm_pipeline.golden import by_hand

    settings, warehouse = environment.opened()
    warehouse.required()
    with warehouse.connect() as connection:
        kind = by_hand.say(connection, settings, (one, other), "not_a_match" if apart else "match", by, why)
    what = "are two" if apart else "are one"
    click.echo(f"{one} and {other} {what}, says {by}: the next run follows ({kind}).")
