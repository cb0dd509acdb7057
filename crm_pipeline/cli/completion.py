"""`completion SHELL`: what a shell needs to complete commands, options, plan hashes and run numbers.

Belongs here: the script, and what is looked up while somebody presses Tab. Looking up reads the published copy only, so
that it never stands in the way of a run, and finds nothing where anything is wrong: a shell shows no errors there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem, get_completion_class

if TYPE_CHECKING:
    from crm_pipeline.warehouse import Connection

_PROGRAM, _VARIABLE = "crm-pipeline", "_CRM_PIPELINE_COMPLETE"
#: Rows that a shell is offered, the newest first.
_MOST = 50

_PLANS = "select hash, state from plan.plan order by plan_id desc"
_RUNS = "select run_id, strftime(started_at, '%Y-%m-%d %H:%M') from state.run order by run_id desc"
_HOLDS = "select hold_id, coalesce(record_key, golden_id) from state.hold where ended_at is null order by 1 desc"

Rows = Iterable[tuple[Any, Any]]
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script with which a SHELL completes what you type."""
    from crm_pipeline.cli import commands

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(commands, {}, _PROGRAM, _VARIABLE).source())


def _completing(rows: Callable[[Connection], Rows]) -> Complete:
    """`rows`: what may be typed, and a few words about it."""

    def complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
        found = [(str(value), str(words)) for value, words in _looked_up(rows)]
        return [CompletionItem(value, help=words) for value, words in found if value.startswith(begun)][:_MOST]

    return complete


def _looked_up(rows: Callable[[Connection], Rows]) -> Rows:
    from crm_pipeline.cli import environment
    from crm_pipeline.config import load_settings

    # whatever is wrong: silence; words would stand in the middle of the line that is typed
    with contextlib.suppress(Exception), environment.published(load_settings()) as connection:
        return list(rows(connection))
    return []


def _of(sql: str) -> Callable[[Connection], Rows]:
    return lambda connection: connection.execute(f"{sql} limit {_MOST}").fetchall()


def _waiting(connection: Connection) -> Rows:
    from crm_pipeline.match.review import review

    return [(pair.pair_id, pair.tier) for pair in review.waiting(connection, _MOST)]


#: What is offered: hashes of plans, numbers of runs, short ids of pairs in review, numbers of holds.
plans, runs, pairs, holds = map(_completing, (_of(_PLANS), _of(_RUNS), _waiting, _of(_HOLDS)))
