"""Steps of flow.py as assets: one multi-asset a step, so that a step's tables are always written together.

Not here: which tables (tables.py), what is shown of them (metadata.py). Annotations are evaluated here: Dagster reads
them from the functions.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import dagster as dg
from pydantic import Field

from crm_pipeline import flow
from crm_pipeline.config import Settings
from crm_pipeline.defect import defect
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.model import System
from crm_pipeline.orchestration import contract, freshness, metadata, tables
from crm_pipeline.orchestration.resources import HubSpot, Pipeline, Salesforce
from crm_pipeline.report.result import words
from crm_pipeline.warehouse import Warehouse

T = TypeVar("T")


class Extract(dg.Config):
    """How records are read."""

    full: bool = Field(default=False, description="Read every record, not only what changed since the last run.")


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One definition for each step, in the order of the flow."""
    steps = flow.steps(settings)
    fresh = freshness.policy(settings)
    return [_asset(step, tables.deps_of(step, steps, settings), settings, fresh) for step in steps]


def _asset(
    step: flow.Step, deps: list[dg.AssetKey], settings: Settings, fresh: dg.FreshnessPolicy
) -> dg.AssetsDefinition:
    written = tables.of_step(step, settings)
    specs = [
        dg.AssetSpec(
            table.key,
            deps=deps,
            group_name=step.stage,
            description=table.description,
            kinds=tables.kinds_of(step),
            owners=tables.owners_of(step, settings),
            tags=tables.tags_of(step),
            metadata=contract.metadata(table, settings),
            freshness_policy=fresh,
        )
        for table in written
    ]
    decorate = dg.multi_asset(
        name=f"{step.stage}_{step.name}" if step.stage == "extract" else step.name,
        description=f"{step.label.capitalize()}.",
        specs=specs,
        check_specs=[contract.spec(table) for table in written],
        required_resource_keys={"pipeline", *(system.value for system in step.calls)},
    )
    # The Launchpad shows the switch only where it has an effect.
    if tables.is_of_records(step):

        def extract(context: dg.AssetExecutionContext, config: Extract) -> Iterator[dg.MaterializeResult[Any]]:
            yield from _materialize(context, step, full=config.full)

        return decorate(extract)

    def work(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        yield from _materialize(context, step)

    return decorate(work)


def _materialize(
    context: dg.AssetExecutionContext, step: flow.Step, *, full: bool = False
) -> Iterator[dg.MaterializeResult[Any]]:
    pipeline: Pipeline = context.resources.pipeline
    result, found = as_failure(lambda: _do(context, pipeline, step, full))
    for table, (shown, check) in found.items():
        yield dg.MaterializeResult(asset_key=table.key, metadata=shown, check_results=[check])
    context.log.info(f"{step.label}: {words(result)}")


def _do(
    context: dg.AssetExecutionContext, pipeline: Pipeline, step: flow.Step, full: bool
) -> tuple[Any, dict[tables.Table, tuple[dict[str, Any], dg.AssetCheckResult]]]:
    pipeline.lock(f"the Dagster run {context.run.run_id[:8]}")
    settings = pipeline.settings()
    warehouse = Warehouse(settings.warehouse, told=context.log.info)
    run_id = flow.begin(warehouse, settings, context.run.run_id)
    access: dict[System, HubSpot | Salesforce] = {
        system: getattr(context.resources, system.value) for system in sorted(step.calls)
    }
    read_only = step.stage != "push"
    crms = {system: resource.client(settings, read_only=read_only) for system, resource in access.items()}
    result = step.do(flow.Run(warehouse, settings, run_id, crms, full))
    with warehouse.read() as connection:
        found = metadata.of_step(connection, step, settings, result, metadata.Moment(run_id, datetime.now(UTC)))
        tags = metadata.run_tags(connection, step, run_id)
        kept = contract.results(connection, settings, list(found))
    context.instance.add_run_tags(context.run.run_id, tags)
    return result, {table: ({**shown, **kept[table].columns}, kept[table].check) for table, shown in found.items()}


def as_failure(do: Callable[[], T]) -> T:
    """What `do` returns; an error of ours becomes a failed step that says the sentence and is not tried again.

    The error's cause is left out, and so is the text of an error that nobody foresaw: both may quote a value (law 45).
    """
    try:
        return do()
    except CrmPipelineError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
    except Exception as error:
        raise dg.Failure(description=defect(error), allow_retries=False) from None
