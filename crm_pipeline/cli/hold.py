"""`hold ...`: what a person pins, so that no operation is made for it."""

from __future__ import annotations

import click

from crm_pipeline.cli import completion, environment, wording

#: Columns of state.hold that a person and a program are told.
_SHOWN = (
    "hold_id",
    "golden_id",
    "record_key",
    "field",
    "origin",
    "held_by",
    "held_at",
    "why",
    "ended_at",
    "ended_by",
)


class _SetByDefault(click.Group):
    """What is no command is what to pin: `set` may be left out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["set", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_SetByDefault)
def hold() -> None:
    """Golden records, records and fields that are pinned: nothing is written to them.

    `hold person-12` is short for `hold set person-12`.
    """


@hold.command("set")
@click.argument("what", metavar="GOLDEN_ID|RECORD_KEY")
@click.option("--field", default=None, help="Only this field of the mapping; without it all of them.")
@wording.by("Who pins it")
@click.option("--why", default="", help="Why, for whoever asks later.")
def set_(what: str, field: str | None, by: str, why: str) -> None:
    """Pin a golden record (person-12) or one record (hubspot/contacts/151): the next plan writes nothing there."""
    from crm_pipeline.plan.said import holds, named

    settings, warehouse = environment.opened()
    warehouse.required()
    with warehouse.connect() as connection:
        golden_id, record_key = named.golden_record(connection, what)
        if field is not None:
            named.mapped_field(settings, golden_id, field)
        (number,) = holds.insert(connection, [holds.Hold(golden_id, record_key, field, "pinned", by, why)])
    what_of = f"{field} of {what}" if field else what
    click.echo(f"Hold {number}: {what_of} is pinned, says {by}. End it with: crm-pipeline hold lift {number}")


@hold.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over as well.")
@wording.as_json
def list_(everything: bool, as_json: bool) -> None:
    """What is held, by whom, since when and why."""
    _, warehouse = environment.opened()
    warehouse.required()
    with warehouse.read() as connection:
        rows = connection.execute(
            f"select {', '.join(_SHOWN)} from state.hold where ended_at is null or ? order by hold_id", [everything]
        ).fetchall()
    if as_json:
        wording.put_out([dict(zip(_SHOWN, row, strict=True)) for row in rows])
        return
    for number, golden_id, record_key, field, origin, by, since, why, until, ended_by in rows:
        over = f", until {until:%Y-%m-%d}: {ended_by}" if until else ""
        held = f"{record_key or golden_id}  {field or 'all fields'}"
        reason = f"  ({why})" if why else ""
        click.echo(f"{number:>6}  {held}  {origin} by {by} since {since:%Y-%m-%d}{over}{reason}")
    if not rows:
        click.echo("Nothing is held.")


@hold.command()
@click.argument("number", metavar="NUMBER", type=int, shell_complete=completion.holds)
@wording.by("Who lifts it")
def lift(number: int, by: str) -> None:
    """End the hold with this NUMBER, which `hold list` shows: the next plan decides about the field again."""
    from crm_pipeline.plan.said import holds

    _, warehouse = environment.opened()
    warehouse.required()
    with warehouse.connect() as connection:
        holds.lift(connection, number, by)
    click.echo(f"Hold {number} is over, says {by}.")
