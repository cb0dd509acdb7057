"""`erase`: a person is removed from everything here and kept out; what was erased; the proof of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment, wording
from crm_pipeline.errors import ConfigError, CrmPipelineError

if TYPE_CHECKING:
    from crm_pipeline.config import Settings
    from crm_pipeline.privacy.erase import Found
    from crm_pipeline.privacy.files import Files
    from crm_pipeline.warehouse import Warehouse

_IN_THE_CRMS = """
This does not delete anything in HubSpot or Salesforce. Do that next, in this order, so that no run meets half of it:
 1. Here: done. The next runs leave these records alone, whatever is done in the CRMs.
 2. HubSpot: open the contact, Actions > Delete > "Delete permanently (GDPR)". By the API: POST
    /crm/v3/objects/contacts/gdpr-delete {"objectId": "ID"}. An ordinary delete can be restored for 90 days.
 3. Salesforce: delete the contact or lead with its activities, then delete it from the Recycle Bin as well.
 4. Exports, e-mails and files that people made of them, and copies of this disk: nobody but you knows them."""


@click.command()
@click.argument("who", nargs=-1, metavar="EMAIL|RECORD|GOLDEN_ID")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@click.option("--by", default="", metavar="NAME", help="Who asks for it; needed for --lift.")
@click.option("--list", "listing", is_flag=True, help="What was erased: number, dates, by whom. Not who.")
@click.option("--lift", type=int, metavar="NUMBER", help="Let the person of this erasure be read again.")
@click.option(
    "--proof", is_flag=True, help="Look for the given values everywhere: exit 1 if one is found. -: from stdin."
)
@click.option("--again", is_flag=True, help="Write the database file anew, after an erasure that could not.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of words.")
def erase(
    who: tuple[str, ...], yes: bool, by: str, listing: bool, lift: int | None, proof: bool, again: bool, as_json: bool
) -> None:
    """Remove a person from every table, history, report and copy here, and keep them out of the next reads.

    Shows first what would go, without values. It does not delete in the CRMs: it says how to.
    """
    settings, warehouse = environment.opened()
    warehouse.required()
    if listing:
        _list(warehouse, as_json)
    elif lift is not None:
        _lift(warehouse, lift, by.strip())
    elif proof:
        _proof(settings, who, as_json)
    elif again:
        _again(settings, warehouse)
    elif len(who) != 1:
        raise ConfigError("name one person: an e-mail address, a record such as hubspot/contacts/151, or a golden id")
    else:
        _erase(settings, warehouse, who[0], by.strip(), yes, as_json)


def _erase(settings: Settings, warehouse: Warehouse, name: str, by: str, yes: bool, as_json: bool) -> None:
    from crm_pipeline.privacy import erase as erasing
    from crm_pipeline.privacy import files
    from crm_pipeline.privacy import proof as proving
    from crm_pipeline.warehouse.runs import exclusive

    with exclusive(warehouse, "crm-pipeline erase"):
        with warehouse.connect() as connection:
            found = erasing.preview(connection, settings, name)
        known = files.known(settings)
        files.require_nobody_reads(known)
        if not as_json:
            _show(found, known)
        if not yes and not click.confirm("Erase? It cannot be taken back", default=False):
            raise click.Abort
        removed = files.remove(known)
        with warehouse.connect() as connection:
            erased = erasing.erase(connection, settings, name, by)
        ids = [key for key, _ in found.person.records]
        removed += files.forget_in_models(known, erased.keys)
        removed += files.remove_reports(known, [*filter(_tells, erased.values), *ids])
        _rewrite(settings, warehouse)
        with warehouse.read() as connection:
            texts = erased.contacts
            left = proving.in_database(connection, texts, settings.warehouse.name).hits if texts else ()
    if as_json:
        told = {"erasure": erased.number, "records": ids, "rows": dict(found.rows)}
        click.echo(json.dumps(told | {"files": [str(p) for p in removed], "still": [hit.place for hit in left]}))
        return
    click.echo(f"\nErased, as number {erased.number}. Files removed or written anew: {len(removed) + 2}.")
    for hit in left:
        rows = wording.counted(hit.rows, "row")
        click.secho(f"Others' data hold the same address or number, and stay: {hit.place}, {rows}", fg="yellow")
    click.echo(_IN_THE_CRMS)


def _tells(value: str) -> bool:
    """Whether a text can be told from what stands in any report: `true`, `10` and `OK` are nobody's."""
    return len(value) > 4 or (len(value) > 1 and not value.isascii())


def _show(found: Found, known: Files) -> None:
    records = found.person.records
    click.echo(
        f"{wording.counted(len(records), 'record')} of {', '.join(found.person.golden_ids) or 'no customer yet'}:"
    )
    for key, live in records:
        click.echo(f"  {key}{'' if live else '  (not in its CRM any more)'}")
    click.echo("Rows, by table (those of plan.change, push and raw.quarantine stay, without values):")
    for table, number in sorted(found.rows.items()):
        click.echo(f"  {number:>8,}  {table}")
    for path in [*known.copies, *known.spools]:
        click.echo(f"  {path} is removed: the person may be in it")
    click.echo(f"  {wording.counted(len(known.reports), 'report')}: those that name the person are removed")
    click.echo("The open plan, if there is one, gives way; the published copy is made anew.")


def _again(settings: Settings, warehouse: Warehouse) -> None:
    from crm_pipeline.privacy import files
    from crm_pipeline.warehouse.runs import exclusive

    with exclusive(warehouse, "crm-pipeline erase"):
        known = files.known(settings)
        files.require_nobody_reads(known)
        files.remove(known)
        _rewrite(settings, warehouse)
    click.echo(f"{settings.warehouse} is written anew, and the copy for analysts from it.")


def _rewrite(settings: Settings, warehouse: Warehouse) -> None:
    """The database's file, and the copy for analysts from it."""
    from crm_pipeline.privacy import files
    from crm_pipeline.publish import stage

    files.rewrite(settings.warehouse)
    with warehouse.read() as connection:
        row = connection.execute("select max(run_id) from state.run").fetchone()
    if not settings.published.exists() or row is None or row[0] is None:
        return
    try:
        stage.run(warehouse, settings, int(row[0]))
    except CrmPipelineError as error:
        settings.published.unlink(missing_ok=True)
        click.secho(f"{settings.published} was removed; the next run makes it anew ({error})", fg="yellow", err=True)


def _list(warehouse: Warehouse, as_json: bool) -> None:
    import dataclasses

    from crm_pipeline.privacy.erase import past

    with warehouse.read() as connection:
        rows = past(connection)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        over = f", lifted {row.lifted_at} by {row.lifted_by}" if row.lifted_at else f", {row.hashes} hashes keep it out"
        by = f" by {row.by}" if row.by else ""
        click.echo(f"{row.number:>6}  {row.at}{by}  {wording.counted(row.records, 'record')}{over}")
    if not rows:
        click.echo("Nobody was erased.")


def _lift(warehouse: Warehouse, number: int, by: str) -> None:
    from crm_pipeline.privacy import erase as erasing

    if not by:
        raise ConfigError("--lift needs --by NAME: who lets the person be read again")
    with warehouse.connect() as connection:
        others = [str(other) for other in erasing.lift(connection, number, by)]
    click.echo(f"Suppression {number} is lifted, says {by}. {_read_next(others)}")


def _read_next(others: list[str]) -> str:
    """What the next run reads of somebody whom `others` keep out as well."""
    if not others:
        return "The next run reads what the CRMs still have."
    alone = len(others) == 1
    keep = f"Erasure {others[0]} keeps" if alone else f"Erasures {' and '.join(others)} keep"
    return (
        f"{keep} the same person out as well: the next run does not read everything that the CRMs still have. "
        f"To let the person come back, lift {'it' if alone else 'them'}, too."
    )


def _proof(settings: Settings, values: tuple[str, ...], as_json: bool) -> None:
    """Exit code 1 if one of the values stands anywhere."""
    from crm_pipeline.canonical import compared
    from crm_pipeline.config.field import FieldType
    from crm_pipeline.privacy import files
    from crm_pipeline.privacy import proof as proving

    given = [*(one for one in values if one != "-"), *(sys.stdin.read().splitlines() if "-" in values else ())]
    texts = [one.strip() for one in given if one.strip()]
    if not texts:
        raise ConfigError(
            "name the values to look for: crm-pipeline erase --proof VALUE..., or - to read them as lines"
        )
    forms = [*texts]
    for text in texts:
        forms.append(compared(FieldType.E_MAIL, text))
        if sum(c.isdecimal() for c in text) >= 9:
            forms.append(compared(FieldType.PHONE, text, region=settings.phone_region))
    known = files.known(settings)
    looked = proving.everywhere(known.databases, known.every, sorted(set(forms)))
    if as_json:
        hits = [{"place": hit.place, "rows": hit.rows} for hit in looked.hits]
        click.echo(json.dumps({"columns": looked.columns, "files": looked.files, "hits": hits}))
    else:
        for hit in looked.hits:
            click.echo(f"found: {hit.place}" + (f", {wording.counted(hit.rows, 'row')}" if hit.rows else ""))
        where = f"{looked.tables:,} tables with {looked.columns:,} columns, and the bytes of {looked.files:,} files"
        click.echo(f"Looked for {wording.counted(len(texts), 'value')} in {where}: found in {len(looked.hits)} places.")
    if looked.hits:
        sys.exit(1)
