"""A job run in this process, told step by step; the demo's way to run what the UI and the schedule run.

Belongs here: one call from a program into Dagster. Not here: which jobs there are (jobs.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.orchestration.ending import sentence

_LOGGER = "in_process"

#: Dagster's mark of the code location (definitions.py); without it the UI leaves a run out of its job's page.
_LOCATION = {".dagster/repository": "__repository__@crm_pipeline.definitions"}


def run_job(definitions: dg.Definitions, name: str, tell: Callable[[str], None]) -> None:
    """Run the job of this name and record it in the instance that DAGSTER_HOME names.

    `tell` gets what every step says when it is through. Raises CrmPipelineError with the sentence of a failed step.
    """
    told = dg.Definitions.merge(definitions, dg.Definitions(loggers={_LOGGER: _telling(tell)}))
    with dg.DagsterInstance.get() as instance:
        result = told.resolve_job_def(name).execute_in_process(
            run_config={"loggers": {_LOGGER: {}}}, instance=instance, raise_on_error=False, tags=_LOCATION
        )
    for event in result.filter_events(lambda event: event.is_step_failure):
        raise CrmPipelineError(sentence(event))
    if not result.success:
        raise CrmPipelineError(f"the job {name} did not start; run it from the Dagster UI to see why")


def _telling(tell: Callable[[str], None]) -> dg.LoggerDefinition:
    @dg.logger
    def telling(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("crm_pipeline.in_process")
        logger.addHandler(_Teller(tell))
        return logger

    return telling


class _Teller(logging.Handler):
    """Passes on what our steps say; Dagster's own words (events, problems) are left out."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        about: Mapping[str, Any] = getattr(record, "dagster_meta", {})
        if record.levelno == logging.INFO and about.get("dagster_event") is None and about.get("orig_message"):
            self._tell(about["orig_message"])
