"""How a Dagster run ended, in our words: the sentence of the step that failed first.

Belongs here: reading Dagster's events. Not here: writing it down and telling it (alerts/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg

#: How Dagster names a step that was ended from outside, by its person's name for it.
_STOPPED = frozenset({"DagsterExecutionInterruptedError", "KeyboardInterrupt"})
#: Variables that a run may lack; Dagster's own text about it may be shown no further than that.
_VARIABLES = (
    "HUBSPOT_ACCESS_TOKEN",
    "SALESFORCE_LOGIN_URL",
    "SALESFORCE_CLIENT_ID",
    "SALESFORCE_CLIENT_SECRET",
    "SALESFORCE_USERNAME",
    "SALESFORCE_PRIVATE_KEY",
)


@dataclass(frozen=True)
class Ending:
    """`failed`: the sentence, None if no step failed; `stopped`: by a person."""

    failed: str | None = None
    stopped: bool = False


def ending(instance: dg.DagsterInstance, dagster_run_id: str) -> Ending:
    """What the steps of a run that is about to end came to."""
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    events = [entry.dagster_event for entry in instance.all_logs(dagster_run_id, of_type=kinds) if entry.dagster_event]
    failures = [event for event in events if event.is_step_failure]
    if not failures:
        return Ending()
    error = failures[0].step_failure_data.error
    if error and (error.cause or error).cls_name in _STOPPED:
        return Ending(stopped=True)
    return Ending(next(_refusals(events), None) or sentence(failures[0]))


def sentence(failure: dg.DagsterEvent) -> str:
    """What a failed step says; of an error that is not ours only its type, because its text may quote a value."""
    data = failure.step_failure_data
    described = data.user_failure_data.description if data.user_failure_data else None
    if described:
        return str(described)
    cause = (data.error.cause or data.error) if data.error else None
    kind = cause.cls_name if cause else "unknown reason"
    return f"the step {failure.step_key} failed ({kind}); the Dagster UI shows the run with its log"


def before_its_steps(instance: dg.DagsterInstance, dagster_run_id: str) -> str:
    """Why a run failed that has no failed step: it did not start, or its process is gone."""
    events = instance.all_logs(dagster_run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    text = " ".join(f"{e.dagster_event.message} {_error(e.dagster_event)}" for e in events if e.dagster_event)
    missing = next((name for name in _VARIABLES if name in text), None)
    if missing:
        return f"the environment variable {missing} is not set; docs/connect.md says where its value comes from"
    return "the run did not start, or its process is gone; the Dagster UI shows it with its log"


def _refusals(events: list[dg.DagsterEvent]) -> Iterator[str]:
    """What blocking checks say of the data: the step that failed says only that they did."""
    for event in events:
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking and check.severity is dg.AssetCheckSeverity.ERROR:
                yield f"{check.asset_key.to_user_string()} is not {check.check_name}: {check.description}"


def _error(event: dg.DagsterEvent) -> Any:
    data = getattr(event, "event_specific_data", None)
    return getattr(data, "error", None) or ""
