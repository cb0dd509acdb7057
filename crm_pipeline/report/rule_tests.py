"""What became of files of rule tests, with the lines of what differs.

Belongs here: reading the files, running their tests, finding the lines. Not here: planning (plan/rules/), words on a
terminal (cli/test_rules.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.config.load import line_of, read_as
from crm_pipeline.errors import ConfigError
from crm_pipeline.plan.fit.compatibility import Schemas
from crm_pipeline.plan.rules.case import Cases
from crm_pipeline.plan.rules.run import run
from crm_pipeline.plan.rules.values import BadCaseError


@dataclass(frozen=True)
class Failure:
    """One thing that the plan says otherwise than the test."""

    place: str
    expected: str
    got: str
    line: int


@dataclass(frozen=True)
class Tested:
    """One test that was run; it passed if nothing failed."""

    file: str
    line: int
    test: str
    failures: tuple[Failure, ...]


def tested(files: Iterable[Path], settings: Settings, schemas: Schemas | None) -> list[Tested]:
    """All tests of the files. Raises ConfigError, with file and line, for a test that cannot be run."""
    found: list[Tested] = []
    for path in files:
        for number, case in enumerate(read_as(path, Cases).tests):
            at = ("tests", number)
            try:
                differences = run(case, settings, schemas)
            except BadCaseError as error:
                line = line_of(str(path), (*at, *error.loc))
                raise ConfigError(f"{path} line {line}: {case.test}: {error}") from None
            failures = tuple(
                Failure(one.place, one.expected, one.got, line_of(str(path), (*at, *one.loc))) for one in differences
            )
            found.append(Tested(str(path), line_of(str(path), at) if failures else 0, case.test, failures))
    return found
