"""What a person sees while steps run: which one, how far, and whom it waits for.

Belongs here: the line of progress. Not here: the steps (run.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from crm_pipeline.crm.protocol import Crm

#: Seconds of waiting that nobody needs to be told of.
_PATIENCE = 3.0


class Line:
    """The progress of a run."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=steps)
        self._label = ""

    def begin(self, label: str) -> None:
        """A step begins."""
        self._label = label
        self._progress.update(self._task, description=label)

    def tell(self, done: int, of: int) -> None:
        """So many records of a step are done; `of` 0: nobody knows how many there are."""
        numbers = f"{done:,} of {max(done, of):,} records" if of else f"{done:,} records"
        self._progress.update(self._task, description=f"{self._label} ({numbers})")

    def end(self, words: str, *, done: bool = True) -> None:
        """A step is over, `done` or not: a line stays."""
        mark = "[green]✓[/]" if done else "[yellow]![/]"
        text = f"{mark} {self._label}: [dim]{escape(words)}[/]"
        self._progress.console.print(text, highlight=False, soft_wrap=True)
        self._progress.advance(self._task)


class Patient(Console):
    """A run goes on when nobody looks at it any more."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


@contextmanager
def line(steps: int, crms: Iterable[Crm], *, hidden: bool) -> Iterator[Line]:
    """The progress of so many steps, while the block runs."""
    columns = SpinnerColumn(), _What(list(crms)), BarColumn(), TimeElapsedColumn()
    console = Patient(stderr=True)
    # rich ends a line that nobody could see with an empty one
    unseen = hidden or not console.is_interactive
    with Progress(*columns, console=console, transient=True, disable=unseen) as progress:
        yield Line(progress, steps)


class _What(ProgressColumn):
    """What is being done, and for whom it waits: asked anew at each refresh, since a wait says nothing by itself."""

    def __init__(self, crms: list[Crm]) -> None:
        super().__init__()
        self._crms = crms

    def render(self, task: Task) -> Text:
        return Text(" · ".join(filter(None, [task.description, waiting(self._crms)])))


def waiting(crms: Iterable[Crm]) -> str:
    """Who is waited for, since when and why: `waiting for Salesforce, 12 s: it cannot be reached`; else empty."""
    now = time.monotonic()
    for crm in crms:
        wait = crm.calls.waiting
        if wait and now - wait.since > _PATIENCE:
            return f"waiting for {crm.system.label}, {now - wait.since:.0f} s: it {wait.reason}"
    return ""
