"""`conflicts` and `answer`: where the CRMs disagree, and a person's word on it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from crm_pipeline.cli import environment, wording
from crm_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from crm_pipeline.report.conflicts import Conflict


@click.command()
@click.option("--waiting", is_flag=True, help="Only those for which nothing is written until somebody answers.")
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@wording.as_json
def conflicts(waiting: bool, values: bool, as_json: bool) -> None:
    """Fields on which the CRMs disagree: both values, their times, the rule, who wins, and what waits for an answer."""
    from crm_pipeline.report import conflicts as report

    settings, warehouse = environment.opened()
    warehouse.required()
    with warehouse.read() as connection:
        found = report.conflicts(connection, settings, waiting=waiting)
    if as_json:
        wording.put_out([_as_dict(one, values) for one in found])
        return
    for line in report.words(found, in_full=values):
        click.echo(line)
    if not found:
        click.echo("Nothing waits for an answer." if waiting else "The CRMs disagree on nothing.")


def _as_dict(one: Conflict, values: bool) -> dict[str, Any]:
    """Everything; values only where they are asked for."""
    from crm_pipeline.report import mask

    shown = dataclasses.asdict(one)
    for side in shown["sides"].values():
        if side["value"] is not None and not values:
            side["value"] = [mask.masked(part) for part in side["value"]]
    return shown


@click.command()
@click.argument("golden_id", metavar="GOLDEN_ID")
@click.argument("field", metavar="FIELD")
@click.option("--side", type=click.Choice(["salesforce", "hubspot"]), help="The CRM whose value is right.")
@click.option(
    "--value",
    "values",
    multiple=True,
    help="Another value, as Salesforce holds it; an owner by e-mail. Once for each part of the field, in order.",
)
@click.option("--withdraw", is_flag=True, help="Take back an answer that no plan has completed yet.")
@wording.by("Who answers")
@click.option("--why", default="", help="Why, for whoever asks later.")
def answer(
    golden_id: str, field: str, side: str | None, values: tuple[str, ...], withdraw: bool, by: str, why: str
) -> None:
    """Say which value of a FIELD is right where `conflicts` shows that it waits. The next plan writes it, once."""
    from crm_pipeline.model import System
    from crm_pipeline.plan import load
    from crm_pipeline.plan.references.reference import kind_of
    from crm_pipeline.plan.said import answers, named

    if bool(side) + bool(values) + withdraw != 1:
        raise ConfigError("say one thing: --side salesforce, --side hubspot, --value, or --withdraw")
    settings, warehouse = environment.opened()
    warehouse.required()
    with warehouse.connect() as connection:
        found, _ = named.golden_record(connection, golden_id)
        mapped = named.mapped_field(settings, found, field)
        if withdraw:
            answers.withdraw(connection, found, mapped.name)
        else:
            word = System(side) if side else None
            records = load.chosen(connection, settings.mapping.of(kind_of(found)), [found])
            members = [member for _, of_it, _ in records.values() for member in of_it]
            answers.give(connection, found, mapped, members, side=word, value=values, by=by, why=why)
    click.echo(
        f"The answer about {field} of {found} is taken back."
        if withdraw
        else f"{field} of {found}: answered, says {by}. The next plan takes it up."
    )
