"""`setup`: the fields that the mapping needs, shown first, then created."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment
from crm_pipeline.cli.wrapped import wrapped
from crm_pipeline.model import System

if TYPE_CHECKING:
    from crm_pipeline.connecting.setup import Step
    from crm_pipeline.crm.protocol import Crm

_COLOURS = {"there": "green", "create": "yellow", "grant": "yellow", "by hand": "red"}
_WORDS = {
    "en": {"there": "there", "create": "create", "grant": "grant", "by hand": "by hand"},
    "ja": {"there": "あり", "create": "作成", "grant": "権限付与", "by hand": "手作業"},
}
_DONE = {"en": {"create": "created", "grant": "granted"}, "ja": {"create": "作成済", "grant": "付与済"}}
_LAST = {
    "en": {
        "nothing": "Everything is there.",
        "dry": "Nothing was changed. crm-pipeline setup --apply does what is not by hand.",
        "hand": "What is by hand is left to do; then run it again.",
        "done": "Done. crm-pipeline preflight checks the rest.",
    },
    "ja": {
        "nothing": "すべて揃っています。",
        "dry": "まだ何も変更していません。crm-pipeline setup --apply で手作業以外を実行します。",
        "hand": "手作業の項目が残っています。実施後に再実行してください。",
        "done": "完了しました。crm-pipeline preflight で残りを確認してください。",
    },
}


@click.command()
@click.option("--apply", "applying", is_flag=True, help="Create and grant; without it only show what would be done.")
@click.option(
    "--permission-set",
    default="CRM_Pipeline",
    show_default=True,
    metavar="NAME",
    help="API name of the Salesforce permission set that may see the new fields.",
)
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of the words.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of the steps on standard output.")
def setup(applying: bool, permission_set: str, lang: str, as_json: bool) -> None:
    """Create the unique key field of every synced object, and mapped fields that one CRM lacks. Ends with 1 if
    something is left to do by hand."""
    from crm_pipeline.connecting import setup as connecting

    settings, _ = environment.opened()

    def crms(*, read_only: bool) -> Mapping[System, Crm]:
        return environment.clients(settings, System, read_only=read_only)

    reading = crms(read_only=True)
    connecting.refuse_other_accounts(reading, settings, applying=applying)
    found = connecting.steps(reading, settings, permission_set)
    if applying:
        found = list(connecting.applied(crms(read_only=False), found, permission_set))
    left = any(step.doing == "by hand" for step in found)
    if as_json:
        click.echo(json.dumps([_row(step) for step in found], ensure_ascii=False))
    else:
        _show(found, reading, lang, applying=applying)
        doing = any(step.doing in ("create", "grant") for step in found)
        if left and (applying or not doing):
            last = "hand"
        elif doing:
            last = "done" if applying else "dry"
        else:
            last = "nothing"
        click.echo(_LAST[lang][last])
    if left:
        sys.exit(1)


def _show(steps: Sequence[Step], crms: Mapping[System, Crm], lang: str, *, applying: bool) -> None:
    from rich.cells import cell_len

    for system, of in groupby(steps, lambda step: step.system):
        click.secho(f"{system.label}: {crms[system].account().name}", bold=True)
        for step in of:
            word = _WORDS[lang][step.doing]
            colour = _COLOURS[step.doing]
            if applying and step.doing in _DONE[lang]:
                word, colour = _DONE[lang][step.doing], "green"
            click.secho(f"  {word}{' ' * (10 - cell_len(word))}", fg=colour, nl=False)
            words = getattr(step.words, lang)
            if step.doing == "by hand":
                click.echo(f"{step.place}\n            → {wrapped(words, 14)}")
            else:
                click.echo(f"{step.place}{f': {words}' if words else ''}")


def _row(step: Step) -> dict[str, str]:
    row = {"system": step.system, "object": step.object, "name": step.name, "doing": step.doing}
    return {**row, "words": step.words.en, "words_ja": step.words.ja}
