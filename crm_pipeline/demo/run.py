"""`make demo`: the first nights of the product against two emulated CRMs, told as they happen.

Belongs here: the sequence. What a person would type is run as the documented command; the nights are the Dagster job
that the schedule runs. Not here: the CRMs (world.py), the figures and words at the end (figures.py, story.py).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.demo import figures, story
from crm_pipeline.demo.day import pass_day
from crm_pipeline.demo.home import dagster_home
from crm_pipeline.demo.world import World, running
from crm_pipeline.errors import SafetyError
from crm_pipeline.match.model.file import place
from crm_pipeline.match.review import review
from crm_pipeline.model import Kind
from crm_pipeline.report import plan as plans
from crm_pipeline.warehouse import Warehouse

#: Nights after the approval in which nothing must be left: one for what the review brings, one that finds nothing.
_NIGHTS = 4
_WIDTH_OF_A_FILE = 200


def main() -> int:
    """The whole demo in the folder data/. Raises CrmPipelineError for what stops it."""
    console = wide_console()
    started = time.monotonic()
    play(Path("data"), console)
    console.print(f"[dim]{time.monotonic() - started:.0f} seconds. The same in the Dagster UI: make dev[/]")
    return 0


def wide_console() -> Console:
    """As wide as the terminal; a file or a pipe has no width, so that no line of it is broken at 80 columns."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE
    return console


def play(data: Path, console: Console, *, size: float = 1.0) -> figures.Figures:
    """Run the demo anew and print it; gives the figures at the end. `data` and `size` as in world.running.

    The settings in the folder name the databases, relative to the folder in which the process runs. Raises
    CrmPipelineError for what stops it, also when the last night still finds something to write.
    """
    with running(data, fresh=True, size=size) as world:
        os.environ.pop("CRM_PIPELINE_MAPPING", None)
        os.environ.update(world.environment, DAGSTER_HOME=str(dagster_home(data, fresh=True)))
        settings = load_settings()
        _remove(settings)
        scene = _Scene(console, settings)
        scene.introduce(world)
        scene.first_night()
        scene.review(*world.example_pairs[-1])
        scene.day(world)
        scene.nights_until_nothing_is_left()
        with Warehouse(settings.published).read() as connection:
            found = figures.read(connection, settings.mapping.person, world.example_pairs)
    console.print(story.tell(found, settings.published))
    return found


class _Scene:
    """What happens, in the order in which it is called, printed while it happens."""

    def __init__(self, console: Console, settings: Settings) -> None:
        from crm_pipeline.orchestration.build import build_definitions

        self._console = console
        self._warehouse = Warehouse(settings.warehouse)
        self._definitions = build_definitions()

    def introduce(self, world: World) -> None:
        self._title("Two CRMs of one organisation, emulated")
        names = ("contacts", "companies", "deals", "tickets")
        hubspot = ", ".join(f"{len(world.hubspot.ids(name)):,} {name}" for name in names)
        objects = ("leads", "Lead"), ("contacts", "Contact"), ("accounts", "Account"), ("opportunities", "Opportunity")
        salesforce = ", ".join(
            f"{len(world.salesforce.ids(name)):,} {words}" for words, name in (*objects, ("cases", "Case"))
        )
        self._say(f"HubSpot     {world.environment['HUBSPOT_BASE_URL']}  {hubspot}")
        self._say(f"Salesforce  {world.environment['SALESFORCE_LOGIN_URL']}  {salesforce}")

    def first_night(self) -> None:
        """The nightly job, the held plan, its approval, and the writing."""
        self._title("The first night")
        self._job("nightly_sync")
        self._approve_if_held()

    def review(self, one: str, other: str) -> None:
        """A person says that two records of the guide are one customer."""
        with self._warehouse.read() as connection:
            pair = review.find(connection, (one, other))
        self._title("A person looks at a pair that the pipeline does not dare to link: 松本 and 松本次郎")
        self._command("review", "show", pair.pair_id)
        self._command("review", "accept", pair.pair_id, "--by", "demo", "--why", "the guide says so")

    def day(self, world: World) -> None:
        """New deals and tasks, which the next night brings to the other CRM."""
        self._title("The day after: people go on working in both CRMs")
        self._say(escape(pass_day(world)))

    def nights_until_nothing_is_left(self) -> None:
        for night in range(2, 2 + _NIGHTS):
            self._title(f"Night {night}")
            self._job("nightly_sync")
            with self._warehouse.read() as connection:
                plan = plans.plan(connection)
            if plan.changes == plan.problems:
                return
            self._approve_if_held()
        raise SafetyError(f"after {1 + _NIGHTS} nights there is still something to write; see `crm-pipeline plan show`")

    def _approve_if_held(self) -> None:
        with self._warehouse.read() as connection:
            plan = plans.plan(connection)
        if not plan.waits:
            return
        self._say(f"[yellow]Held:[/] a plan of {plan.changes:,} writes waits for a person, nothing was sent. Why:")
        for reason in plan.why.split("; "):
            self._say(f"  [dim]{escape(reason)}[/]")
        self._title("A person approves the plan, with the documented command")
        self._command("approve", plan.hash, "--by", "demo")
        self._job("push_approved")

    def _job(self, name: str) -> None:
        """Run a Dagster job in this process; each step says what it did."""
        from crm_pipeline.orchestration.in_process import run_job

        started = time.monotonic()
        self._say(f"[bold]Dagster job {name}[/]")
        with self._console.status(f"{name} …") as status:
            run_job(self._definitions, name, self._step_teller(status.update, name))
        self._say(f"[dim]{name}: {time.monotonic() - started:.1f} s[/]")

    def _step_teller(self, update: Callable[[str], None], name: str) -> Callable[[str], None]:
        started = time.monotonic()

        def tell(words: str) -> None:
            self._say(f"[green]✓[/] {escape(words)}")
            update(f"{name} … {time.monotonic() - started:.0f} s")

        return tell

    def _command(self, *words: str) -> None:
        """What a person types, run as typed."""
        from crm_pipeline.cli import commands

        typed = " ".join(f'"{word}"' if " " in word else word for word in words)
        self._say(f"[bold]$ crm-pipeline {escape(typed)}[/]")
        commands.main(list(words), prog_name="crm-pipeline", standalone_mode=False)

    def _title(self, text: str) -> None:
        self._console.print(f"\n[bold cyan]{escape(text)}[/]")

    def _say(self, text: str) -> None:
        self._console.print(f"  {text}")


def _remove(settings: Settings) -> None:
    """The databases and reports of an earlier demo: its CRMs are gone, so would be the truth of what they say."""
    for path in (settings.warehouse, settings.published):
        for name in (path, path.with_suffix(path.suffix + ".wal")):
            name.unlink(missing_ok=True)
    for folder in (place(settings.warehouse, Kind.PERSON).parent, settings.reports):
        if folder.exists():
            shutil.rmtree(folder)
