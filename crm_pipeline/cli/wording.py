"""Words that several commands share: whom a decision is by, and numbers with what they count.

Not here: sentences of one command (its own file), words about what a stage did (report/).
"""

from __future__ import annotations

from collections.abc import Callable
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


def counted(number: int, one: str, many: str = "") -> str:
    """`1 pair`, `1,204 pairs`. `many`: the words for several, where they are not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
