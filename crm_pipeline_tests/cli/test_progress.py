"""The line of progress: how far a step is, and whom it waits for instead of silence."""

import time
from dataclasses import dataclass, field
from io import StringIO

import pytest
from rich.console import Console
from rich.progress import Progress

from crm_pipeline.cli.progress import Line, line, waiting
from crm_pipeline.crm.calls import Calls
from crm_pipeline.crm.limits import Limits
from crm_pipeline.model import System


@dataclass
class Client:
    system: System
    calls: Calls = field(init=False)

    def __post_init__(self):
        self.calls = Calls(self.system, Limits())


def test_who_is_waited_for_is_said_with_the_seconds_and_the_reason(monkeypatch):
    hubspot, salesforce = Client(System.HUBSPOT), Client(System.SALESFORCE)
    salesforce.calls.wait_begins("cannot be reached")
    assert waiting([hubspot, salesforce]) == ""  # nobody needs to know of a moment
    now = time.monotonic()
    monkeypatch.setattr("crm_pipeline.cli.progress.time.monotonic", lambda: now + 12)
    assert waiting([hubspot, salesforce]) == "waiting for Salesforce, 12 s: it cannot be reached"
    salesforce.calls.wait_ends()
    assert waiting([hubspot, salesforce]) == ""


@pytest.mark.parametrize(
    ("done", "of", "words"),
    [
        (1_200, 48_000, "reading contacts (1,200 of 48,000 records)"),
        (50_000, 48_000, "reading contacts (50,000 of 50,000 records)"),
        (1_200, 0, "reading contacts (1,200 records)"),
    ],
)
def test_records_read_stand_beside_those_expected(done, of, words):
    progress = Progress(console=Console(file=StringIO()))
    line = Line(progress, 3)
    line.begin("reading contacts")
    line.tell(done, of)
    assert progress.tasks[0].description == words


def test_a_finished_step_leaves_a_line():
    output = StringIO()
    progress = Progress(console=Console(file=output, width=100))
    line = Line(progress, 3)
    line.begin("reading contacts")
    line.end("12 read, 3 calls")
    assert output.getvalue() == "✓ reading contacts: 12 read, 3 calls\n"
    assert progress.tasks[0].completed == 1


@pytest.mark.parametrize("hidden", [True, False])
def test_a_log_gets_the_lines_of_steps_and_nothing_else(capsys, hidden):
    with line(3, [], hidden=hidden) as progress:
        progress.begin("reading contacts")
        progress.end("12 read")
    assert capsys.readouterr().err == "✓ reading contacts: 12 read\n"
