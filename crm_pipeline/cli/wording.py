"""What several commands share: whom a decision is by, numbers with what they count, and answers for programs.

Not here: sentences of one command (its own file), words about what a stage did (report/).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import click

from crm_pipeline.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])


def by(who: str) -> Callable[[Command], Command]:
    """The option `--by`, without blanks around the name. `who`: what that person does, such as `Who approves`."""
    return click.option("--by", required=True, callback=_name, help=f"{who}: your name.")


def _name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not value.strip():
        raise ConfigError("--by is blank; write your name there")
    return value.strip()


#: Of every command that answers a question; docs/reference.md says what the answer holds.
as_json = click.option("--json", "as_json", is_flag=True, help="JSON on standard output instead of words.")


def put_out(answer: object) -> None:
    """An answer for a program, on one line: times as ISO 8601, numbers as numbers, text as it is."""
    click.echo(json.dumps(answer, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)


def counted(number: int, one: str, many: str = "") -> str:
    """`1 pair`, `1,204 pairs`. `many`: the words for several, where they are not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
