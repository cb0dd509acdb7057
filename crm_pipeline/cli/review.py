"""`review ...`: the pairs that wait for a person. PAIR is the short id that the list shows, or two record keys."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_pipeline.cli import completion, environment, wording

if TYPE_CHECKING:
    from crm_pipeline.match.review.review import Pair, Verdict

#: In the terminal, what a person says; in the table, the verdict.
_VERDICTS: dict[str, Verdict] = {"accept": "match", "reject": "not_a_match", "unsure": "unsure"}
_HELP = {
    "accept": "These two are the same customer: from the next run on they are one golden record.",
    "reject": "These two are different customers: they are never linked, through any path.",
    "unsure": "Nobody can tell: not shown again until there is new evidence.",
}


@click.group()
def review() -> None:
    """Pairs that may be the same customer and wait for a person."""


@review.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many pairs.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array on standard output, with the evidence.")
def list_(limit: int, as_json: bool) -> None:
    """The pairs, the surest first."""
    from crm_pipeline.match.review import review as queue

    _, warehouse = environment.opened()
    with warehouse.read() as connection:
        pairs = queue.waiting(connection)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(pair) for pair in pairs[:limit]], ensure_ascii=False))
        return
    if pairs:
        click.secho(f"{'pair':<{len(pairs[0].pair_id)}}  {'tier':<11} {'sure':>6}  records", bold=True)
    for pair in pairs[:limit]:
        click.echo(_line(pair))
    if not pairs:
        click.echo("Nothing waits for review.")
    else:
        click.echo(
            f"{min(limit, len(pairs)):,} of {len(pairs):,}; look at one: crm-pipeline review show {pairs[0].pair_id}"
        )


@review.command()
@click.argument("pair", nargs=-1, required=True, shell_complete=completion.pairs)
@wording.as_json
def show(pair: tuple[str, ...], as_json: bool) -> None:
    """Both records side by side, and every reason for and against."""
    from crm_pipeline.match.review import review as queue
    from crm_pipeline.plan.trial import preview
    from crm_pipeline.report import review as words

    settings, warehouse = environment.opened()
    with warehouse.read() as connection:
        found = queue.find(connection, pair)
        raw = queue.records(connection, [found])
        keys = found.left_key, found.right_key
        would_write = next(preview.if_accepted(connection, settings, [keys]), {}).get(keys)
    sides = words.side_by_side(settings, found, raw)
    if as_json:
        fields = [{"field": field, "left": here, "right": there} for field, here, there in sides]
        writes = None if would_write is None else preview.in_words(would_write)
        wording.put_out({**dataclasses.asdict(found), "fields": fields, "would_write": writes})
        return
    click.secho(_line(found), bold=True)
    for reason in found.evidence:
        click.secho(f"  {'+' if reason.supports else '-'} {reason.words}", fg="green" if reason.supports else "red")
    if found.why_not_auto:
        click.echo(f"  not linked automatically: {found.why_not_auto}")
    for field, here, there in sides:
        click.echo(f"  {field:<14} {here:<40} {there}")
    if would_write is not None:
        lines = preview.in_words(would_write)
        click.echo("Accepting it would write:" if lines else "Accepting it would write nothing now.")
        for line in lines:
            click.echo(f"  {line}")


@review.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """All pairs that wait, as a CSV table with a column for your verdict (accept, reject, unsure)."""
    import pandas as pd

    from crm_pipeline.config import private
    from crm_pipeline.match.review import review as queue
    from crm_pipeline.plan.trial import preview
    from crm_pipeline.report import review as words

    settings, warehouse = environment.opened()
    with warehouse.read() as connection:
        pairs = queue.waiting(connection)
        would_write = {
            keys: preview.in_words(operations)
            for part in preview.if_accepted(connection, settings, [(p.left_key, p.right_key) for p in pairs])
            for keys, operations in part.items()
        }
        raw = queue.records(connection, pairs)
    rows = [words.row(settings, pair, raw, would_write.get((pair.left_key, pair.right_key), [])) for pair in pairs]
    with private.opened(file, table=True) as out:
        pd.DataFrame(rows, columns=pd.Index(words.COLUMNS)).to_csv(out, index=False)
    click.echo(
        f"{wording.counted(len(rows), 'pair')} in {file}; fill in the column verdict, then: "
        f"crm-pipeline review import {file} --by NAME"
    )


@review.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@wording.by("Who decided")
def import_(file: Path, by: str) -> None:
    """Take the decisions of a table that `review export` wrote. All of its rows are checked before one is taken."""
    from crm_pipeline.match.review import review as queue
    from crm_pipeline.match.review import review_table

    _, warehouse = environment.opened()
    warehouse.required()
    with warehouse.connect() as connection:
        decided = review_table.read(connection, file)
        for one in decided:
            queue.decide(connection, one.pair, one.verdict, by, one.why)
    number = wording.counted(len(decided), "decision")
    click.echo(f"{number} taken, says {by}. The next run keeps to {'it' if len(decided) == 1 else 'them'}.")


def _decision(command: str) -> Callable[..., Any]:
    @review.command(command, help=_HELP[command])
    @click.argument("pair", nargs=-1, required=True, shell_complete=completion.pairs)
    @wording.by("Who decides")
    @click.option("--why", default="", help="Why, for whoever asks later.")
    def decide(pair: tuple[str, ...], by: str, why: str) -> None:
        from crm_pipeline.match.review import review as queue

        _, warehouse = environment.opened()
        warehouse.required()
        with warehouse.connect() as connection:
            found = queue.find(connection, pair)
            queue.decide(connection, found, _VERDICTS[command], by, why)
        verdict = _VERDICTS[command].replace("_", " ")
        click.echo(f"{found.left_key} and {found.right_key}: {verdict}, says {by}. The next run keeps to it.")

    return decide


for _command in _VERDICTS:
    _decision(_command)


def _line(pair: Pair) -> str:
    others = f", {wording.counted(pair.candidates - 1, 'other candidate')}" if pair.candidates > 1 else ""
    # Never rounded up to certainty.
    sure = f"{min(pair.posterior, 0.999):.1%}"
    return f"{pair.pair_id}  {pair.tier:<11} {sure:>6}  {pair.left_key}  {pair.right_key}{others}"
