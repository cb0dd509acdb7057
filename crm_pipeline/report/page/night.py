"""The report that every run gets when it is published. A report that cannot be made stops nothing, and is told.

Belongs here: when and with what the page is written. Not here: the page (page.py), the file (file.py).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from crm_pipeline.config import Settings
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.report.page.file import write
from crm_pipeline.report.page.run import Step
from crm_pipeline.warehouse import Warehouse


class Night:
    """The end of a run, from when its publishing began."""

    def __init__(self) -> None:
        self._began, self._clock = datetime.now(UTC), time.monotonic()

    def report(self, warehouse: Warehouse, settings: Settings, run_id: int) -> tuple[str, str]:
        """(the path of the report, empty if it could not be made; a sentence about it).

        Whatever goes wrong: what the run did is done and published, a page about it is no reason to call it failed.
        """
        ending = Step("publish", "publish", self._began, time.monotonic() - self._clock, {})
        try:
            with warehouse.read() as connection:
                path = write(connection, settings, run_id, ending=ending)
        except CrmPipelineError as error:
            why = str(error)
        except Exception as error:  # a mistake of ours in a page; its text may quote a value (law 45)
            why = f"unexpected: {type(error).__name__}; please report it"
        else:
            return str(path), f"its report is {path}"
        return "", f"the report could not be written ({why}); make it with: crm-pipeline report {run_id}"
