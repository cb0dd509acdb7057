"""Where the reports are kept: a file a run, for its owner's eyes only, the last few.

Belongs here: writing and pruning. Not here: what a report says (content.py).
"""

from __future__ import annotations

import re
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.config.private import opened
from crm_pipeline.report.page.content import content
from crm_pipeline.report.page.page import Language, page
from crm_pipeline.report.page.run import Step
from crm_pipeline.warehouse import Connection

#: Reports that are kept: two months of nights.
KEPT = 60

_NAME = re.compile(r"run-(\d+)(-values)?\.html")


def path_of(settings: Settings, run_id: int, *, in_full: bool = False) -> Path:
    """The file of a run's report. One with values is another file, so that the masked one stays masked."""
    return settings.reports / f"run-{run_id}{'-values' if in_full else ''}.html"


def write(
    connection: Connection,
    settings: Settings,
    run_id: int | None = None,
    *,
    in_full: bool = False,
    language: Language = "en",
    ending: Step | None = None,
) -> Path:
    """Write the report of a run, else of the newest one, and remove the oldest reports. `ending`: as in run.run.

    Raises NotFoundError for a run that there is not, ConfigError if the file cannot be written.
    """
    found = content(connection, settings, run_id, ending)
    path = path_of(settings, found.run.run_id, in_full=in_full)
    with opened(path) as file:
        file.writelines(page(found, settings.zone, in_full=in_full, language=language))
    prune(settings.reports)
    return path


def prune(folder: Path) -> None:
    """Remove all but the reports of the last KEPT runs; files of other names stay."""
    found = [(int(name[1]), path) for path in folder.iterdir() if (name := _NAME.fullmatch(path.name))]
    kept = set(sorted({run_id for run_id, _ in found})[-KEPT:])
    for run_id, path in found:
        if run_id not in kept:
            path.unlink(missing_ok=True)
