"""`crm-pipeline ...`: one thin function a command.

Belongs here: arguments in, words out, exit codes. Not here: what a command does (the stages, flow.py, report/).
Everything heavy is imported when a command runs, so that `--help` answers at once.
"""

from __future__ import annotations

import io
import os
import sys

import click

from crm_pipeline.cli import (
    alerts,
    completion,
    conflicts,
    coverage,
    demo,
    erase,
    explain,
    export,
    failing,
    fields,
    forecast,
    hold,
    init,
    link,
    match,
    match_diff,
    normalise,
    plan,
    preflight,
    proposals,
    query,
    recreate,
    report,
    retry,
    review,
    run,
    setup,
    simulate,
    test_rules,
    train,
    undo,
    why,
)
from crm_pipeline.cli.program import Program


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="crm-pipeline", message="%(prog)s %(version)s")
def commands() -> None:
    """Two CRMs, one customer: HubSpot and Salesforce matched, merged and written back by per-field sync rules."""


commands.add_section("Connect", init.init, preflight.preflight, setup.setup)
commands.add_section("Run", run.run, run.push, retry.retry, undo.undo, forecast.forecast)
commands.add_section(
    "Decide",
    plan.plan,
    plan.approve,
    review.review,
    conflicts.conflicts,
    conflicts.answer,
    hold.hold,
    link.link,
    recreate.recreate,
)
commands.add_section("Look", report.report, alerts.alerts, why.why, query.sql, export.export, proposals.proposals)
commands.add_section("Rules", fields.fields, test_rules.test_rules, simulate.simulate)
commands.add_section(
    "Match", match.match, explain.explain, coverage.coverage, train.train, match_diff.match_diff, normalise.normalise
)
commands.add_section("Personal data", erase.erase)
commands.add_section("Demo and shell", demo.demo, demo.dev, demo.emulator, completion.completion)


def main() -> None:
    """The program."""
    os.umask(0o077)  # whatever a command puts on disk may hold personal data
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character shows its number
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "dumb") == "dumb"
    sys.exit(
        failing.ended(
            lambda: commands.main(prog_name="crm-pipeline", standalone_mode=False, color=False if plain else None)
        )
    )
