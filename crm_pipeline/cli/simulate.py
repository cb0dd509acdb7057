"""`simulate`: what other sync rules would write, planned on a copy of the stored data."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment, wording
from crm_pipeline.cli.busy import busy
from crm_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from crm_pipeline.plan.trial.simulate import Other, Simulated

_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


@click.command()
@click.option("--rule", "rules", multiple=True, metavar="FIELD=RULE", help="As phone=two_way or person.e_mail=ask.")
@click.option("--mapping", "mapping_file", type=click.Path(path_type=Path), help="Another mapping file altogether.")
@click.option("--values", is_flag=True, help="Show values in full; without it only their first character.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0), help="Operations to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, with every operation.")
def simulate(rules: Sequence[str], mapping_file: Path | None, values: bool, limit: int, as_json: bool) -> None:
    """What would be written by other rules? Nothing is changed: neither the warehouse nor a CRM."""
    from crm_pipeline.config import load_mapping
    from crm_pipeline.config.other_rules import parsed, with_rules
    from crm_pipeline.plan.trial.simulate import simulated

    if not rules and mapping_file is None:
        raise ConfigError("name what to try: --rule FIELD=RULE, such as --rule phone=two_way, or --mapping FILE")
    settings, warehouse = environment.opened()
    mapping = load_mapping(mapping_file) if mapping_file else settings.mapping
    other = settings.model_copy(update={"mapping": with_rules(mapping, parsed(rules))})
    with busy("planning on a copy"):
        found = simulated(warehouse, settings, other)
    if as_json:
        click.echo(json.dumps(_as_dict(found, values), ensure_ascii=False))
    else:
        _show(found, values, limit)


def _as_dict(found: Simulated, values: bool) -> dict[str, object]:
    """Everything; values only where they are asked for."""
    shown = dataclasses.asdict(found)
    for difference in () if values else shown["differences"]:
        for name in ("old", "before", "after"):
            difference[name] = None if difference[name] is None else sorted(difference[name])
    return shown


def _show(found: Simulated, values: bool, limit: int) -> None:
    from crm_pipeline.report.plan import guard_words

    before, after = found.operations
    conflicts, other_conflicts = found.conflicts
    operations = wording.counted(after, "operation")
    contradicted = wording.counted(other_conflicts, "conflict")
    click.echo(f"{operations} instead of {before:,}, {contradicted} instead of {conflicts:,}")
    numbers = Counter((one.change, f"{one.system.label} {one.object}", one.field) for one in found.differences)
    for (change, where, field), number in sorted(numbers.items(), key=lambda entry: entry[0][1:]):
        sign, colour = _SIGNS[change]
        click.secho(f"  {sign}{number:>7,}  {where:<24} {field:<16} {change}", fg=colour)
    for guard in found.guards:
        click.secho(f"  would be held by a guard: {guard_words(guard)}", fg="yellow")
    for field, why in found.left_out:
        click.secho(f"  {field} would be left out: {why}", fg="red")
    if found.unread:
        click.echo(f"  never read, so that nothing is planned for them: {', '.join(found.unread)}")
    for one in found.differences[:limit]:
        _show_operation(one, values)
    if len(found.differences) > limit:
        click.echo(f"{limit} of {len(found.differences):,} differences; --limit or --json shows more")


def _show_operation(one: Other, values: bool) -> None:
    from crm_pipeline.report import mask

    sign, colour = _SIGNS[one.change]
    not_sent = f"  not sent: {one.problem}" if one.problem else ""
    click.secho(f"  {sign} {one.system}/{one.object}/{one.target}  {one.operation} {one.field}{not_sent}", fg=colour)
    if one.operation != "create":
        click.echo(f"      holds    {mask.parts(one.old, in_full=values)}")
    for name, new in (("now", one.before), ("instead", one.after)):
        if new:
            click.echo(f"      {name:<8} {mask.parts(new, in_full=values)}")
