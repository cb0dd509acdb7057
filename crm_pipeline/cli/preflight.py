"""`preflight`: the checklist before connecting, over the API, read-only."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment
from crm_pipeline.cli.wrapped import wrapped

if TYPE_CHECKING:
    from crm_pipeline.connecting.point import Point

_COLOURS = {"ok": "green", "warning": "yellow", "fails": "red", "unseen": "cyan"}
_STATES = {
    "en": {"ok": "ok", "warning": "warning", "fails": "FAILS", "unseen": "not told"},
    "ja": {"ok": "OK", "warning": "注意", "fails": "不可", "unseen": "要確認"},
}
_BETWEEN = {"en": "Both", "ja": "両方"}
_SUMMARY = {
    "en": "{fails} fail, {warning} warnings, {unseen} that the API does not tell, {ok} ok",
    "ja": "不可 {fails}件、注意 {warning}件、要確認 {unseen}件、OK {ok}件",
}


@click.command()
@click.option(
    "--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the answers."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of every point on standard output.")
def preflight(lang: str, as_json: bool) -> None:
    """Can the two CRMs be connected? Asks both, writes nothing; ends with 1 if a point fails."""
    from crm_pipeline.connecting import preflight as checklist

    settings, warehouse = environment.opened()
    points: list[Point] = []

    def found() -> Iterator[Point]:
        """Each point as it is found: a real portal takes its time."""
        clients = environment.clients
        for point in checklist.preflight(
            lambda system: clients(settings, [system], read_only=True)[system], settings, warehouse
        ):
            points.append(point)
            yield point

    if as_json:
        click.echo(json.dumps([_row(point) for point in found()], ensure_ascii=False))
    else:
        for system, of in groupby(found(), lambda point: point.system.label if point.system else _BETWEEN[lang]):
            click.secho(system, bold=True)
            for (topic, state), same in groupby(of, lambda point: (getattr(point.topic, lang), point.state)):
                _show(topic, state, list(same), lang)
        counts = Counter(point.state.value for point in points)
        click.echo(_SUMMARY[lang].format_map({state: counts[state] for state in _COLOURS}))
    if any(point.state == "fails" for point in points):
        sys.exit(1)


def _show(topic: str, state: str, points: Sequence[Point], lang: str) -> None:
    """Points of one topic and state: those that are ok in one line, of the others each what is to be done."""
    start = f"  {_padded(_STATES[lang][state], 9)}"
    lines = [points] if state == "ok" else [[point] for point in points]
    for line in lines:
        click.secho(start, fg=_COLOURS[state], nl=False)
        click.echo(wrapped(f"{topic}: {'; '.join(getattr(point.found, lang) for point in line)}", 11))
        if to_do := getattr(line[0].to_do, lang):
            click.echo(f"           → {wrapped(to_do, 13)}")


def _padded(text: str, width: int) -> str:
    """To so many columns of a terminal, in which a Japanese character takes two."""
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _row(point: Point) -> dict[str, str | None]:
    row: dict[str, str | None] = {"system": point.system, "key": point.key, "state": point.state}
    for name in ("topic", "found", "to_do"):
        words = getattr(point, name)
        row |= {name: words.en, f"{name}_ja": words.ja}
    return row
