"""`match-diff`: which customers another configuration or model would merge, split or take apart."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment
from crm_pipeline.cli.busy import busy
from crm_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from crm_pipeline.match.model.trial import Changed
    from crm_pipeline.model import Kind

_PATH = click.Path(path_type=Path)


@click.command("match-diff")
@click.option("--settings", "settings_file", type=_PATH, help="Settings to compare with those of now.")
@click.option("--model", "model_files", type=_PATH, multiple=True, help="A model to compare with the one of its kind.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0), help="Changes to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output, with every change.")
def match_diff(settings_file: Path | None, model_files: Sequence[Path], limit: int, as_json: bool) -> None:
    """Match copies of the records with this and with another configuration; the warehouse stays as it is."""
    from crm_pipeline.config import load_settings
    from crm_pipeline.match.model.trial import compared

    if settings_file is None and not model_files:
        raise ConfigError("name what to compare with: --settings FILE, --model FILE, or both")
    settings, warehouse = environment.opened()
    other = load_settings(settings_file) if settings_file else settings
    with busy("matching a copy twice"):
        found = compared(warehouse, settings, other, _by_kind(model_files))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        _show(one, limit)


def _by_kind(paths: Sequence[Path]) -> dict[Kind, Path]:
    from crm_pipeline.match.model.file import read
    from crm_pipeline.model import Kind

    found: dict[Kind, Path] = {}
    for path in paths:
        kind = Kind(read(path).kind)
        if kind in found:
            raise ConfigError(f"{found[kind]} and {path} are both models of {kind.value}; name one")
        found[kind] = path
    return found


def _show(changed: Changed, limit: int) -> None:
    changes = Counter(group.change for group in changed.groups)
    tiers = Counter((pair.before, pair.after) for pair in changed.pairs)
    numbers = ", ".join(f"{number:,} {change}" for change, number in sorted(changes.items())) or "no customer changes"
    click.secho(f"{changed.kind.value}: {numbers}", bold=True)
    for group in changed.groups[:limit]:
        before, after = (" | ".join(" + ".join(one) for one in side) for side in (group.before, group.after))
        click.echo(f"  {group.change:<7} {before}  ->  {after}")
    _say_rest(len(changed.groups) - limit)
    for (before, after), number in sorted(tiers.items()):
        click.echo(f"  {number:>6,}  {before} -> {after}")
    for pair in changed.pairs[:limit]:
        click.echo(f"  {pair.before} -> {pair.after}  {pair.left_key}  {pair.right_key}")
    _say_rest(len(changed.pairs) - limit)


def _say_rest(number: int) -> None:
    if number > 0:
        click.echo(f"  {number:,} more; --limit or --json shows them")
