"""The code location, put together. Tests and definitions.py use the same assembly."""

from __future__ import annotations

from typing import Any

import dagster as dg

from crm_pipeline.orchestration.assets import build_assets
from crm_pipeline.orchestration.checks import build_checks
from crm_pipeline.orchestration.jobs import build_jobs
from crm_pipeline.orchestration.resources import default_resources
from crm_pipeline.orchestration.schedules import build_schedules
from crm_pipeline.orchestration.sensors import build_sensors


def build_definitions(**resources: Any) -> dg.Definitions:
    """Definitions with the given resources (`pipeline`, `hubspot`, `salesforce`) in place of the default ones.

    One process a run: DuckDB has one writer, and a process a step costs seconds. Raises ConfigError when settings or
    mapping are wrong: assets and schedule follow from them.
    """
    chosen = default_resources() | resources
    settings = chosen["pipeline"].settings()
    return dg.Definitions(
        assets=build_assets(settings),
        asset_checks=build_checks(settings),
        jobs=build_jobs(settings, chosen["pipeline"]),
        schedules=build_schedules(settings),
        sensors=build_sensors(settings),
        resources=chosen,
        executor=dg.in_process_executor,
    )
