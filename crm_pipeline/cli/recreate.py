"""`recreate`: a person asks for a record again that was deleted in its CRM."""

from __future__ import annotations

import click

from crm_pipeline.cli import environment, wording


@click.command()
@click.argument("golden_id", metavar="GOLDEN_ID")
@click.argument("system", metavar="SYSTEM", type=click.Choice(["hubspot", "salesforce"]))
@click.option("--withdraw", is_flag=True, help="Take it back, as long as no run has created the record.")
@wording.by("Who asks")
@click.option("--why", default="", help="Why, for whoever asks later.")
def recreate(golden_id: str, system: str, withdraw: bool, by: str, why: str) -> None:
    """Let the next plan create a customer's record in the CRM in which it was deleted: hubspot or salesforce.

    Without this a deleted record never comes back. The new one is a create like every other: in the plan, guarded,
    audited, and taken back with `undo`.
    """
    from crm_pipeline.model import System
    from crm_pipeline.plan.said import named, recreations

    settings, warehouse = environment.opened()
    warehouse.required()
    crm = System(system)
    with warehouse.connect() as connection:
        found, _ = named.golden_record(connection, golden_id)
        if withdraw:
            recreations.withdraw(connection, found, crm, by)
            click.echo(f"{found} is not created again in {crm.label}, says {by}.")
            return
        object_ = recreations.ask(connection, settings, found, crm, by, why)
    click.echo(f"{found} gets a new {crm.label} {object_}, says {by}: the next plan has it.")
