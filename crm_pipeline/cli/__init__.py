"""`crm-pipeline ...`: one thin function a command.

Belongs here: arguments in, words out, exit codes. Not here: what a command does (the stages, flow.py, report/).
Everything heavy is imported when a command runs, so that `--help` answers at once.
"""

from __future__ import annotations

import io
import sys

import click

from crm_pipeline.cli import (
    conflicts,
    coverage,
    demo,
    explain,
    fields,
    forecast,
    hold,
    link,
    match,
    match_diff,
    normalise,
    plan,
    proposals,
    query,
    retry,
    review,
    run,
    simulate,
    test_rules,
    train,
    undo,
    why,
)
from crm_pipeline.errors import CrmPipelineError


class _InOrder(click.Group):
    """Commands in the order in which a person needs them, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Two CRMs, one customer: HubSpot and Salesforce matched, merged and written back by per-field sync rules."""


for _command in (
    run.run,
    forecast.forecast,
    fields.fields,
    test_rules.test_rules,
    simulate.simulate,
    plan.plan,
    plan.approve,
    run.push,
    retry.retry,
    undo.undo,
    review.review,
    conflicts.conflicts,
    conflicts.answer,
    hold.hold,
    link.link,
    proposals.proposals,
    why.why,
    explain.explain,
    coverage.coverage,
    train.train,
    match_diff.match_diff,
    query.sql,
    normalise.normalise,
    match.match,
    demo.demo,
    demo.dev,
    demo.emulator,
):
    commands.add_command(_command)


def main() -> None:
    """The program. An error of ours is one sentence on standard error, and its own exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character shows its number
    try:
        commands.main(standalone_mode=False)
    except CrmPipelineError as error:
        click.echo(f"crm-pipeline: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(
            f"crm-pipeline: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True
        )
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("crm-pipeline: stopped; what was finished is kept, run it again to go on", err=True)
        sys.exit(130)
