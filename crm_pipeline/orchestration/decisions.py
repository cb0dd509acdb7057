"""What a person decides, as jobs of one step: approving a plan, and planning to take a run back.

The same functions as `crm-pipeline approve` and `crm-pipeline undo`; neither writes anything into a CRM. Annotations
are evaluated here: Dagster reads them from the functions.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from crm_pipeline import flow
from crm_pipeline.orchestration import plan_preview
from crm_pipeline.orchestration.assets import as_failure
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.orchestration.resources import Pipeline
from crm_pipeline.warehouse import Warehouse

#: Writes that stay as they are, shown of an undo.
_MOST = 100


class Approval(dg.Config):
    """Blank: nothing is approved."""

    plan_hash: str = Field(default="", description="The hash that plan/change shows; its first six characters do.")
    by: str = Field(default="", description="Who approves: your name.")
    why: str = Field(default="", description="Why, for the audit.")


class Undo(dg.Config):
    """Blank: nothing is taken back."""

    run_id: int = Field(
        default=0, description="Take back what this run wrote: sync/run_id of its Dagster run. 0: none."
    )
    record: str = Field(default="", description="Only this record: system/object/id. Without a run: its newest writes.")
    field: str = Field(default="", description="Only this field of the mapping.")
    by: str = Field(default="", description="Who asks for it: your name.")
    why: str = Field(default="", description="Why, for the audit.")


@dg.op(name="approve", description="Approve the newest plan, if it waits and has this hash.")
def approve_op(context: dg.OpExecutionContext, config: Approval, pipeline: Pipeline) -> None:
    as_failure(lambda: _approve(context, config, pipeline))


def _approve(context: dg.OpExecutionContext, config: Approval, pipeline: Pipeline) -> None:
    from crm_pipeline.plan.kept.approval import approve

    warehouse = Warehouse(pipeline.settings().warehouse)
    approved = approve(warehouse, config.plan_hash.strip(), config.by, config.why)
    _show(context, warehouse, {})
    context.log.info(f"plan {approved.hash} is approved by {config.by.strip()}; push_approved writes it")


@dg.op(name="undo", description="Plan to write the old values back where the CRM still holds what we wrote.")
def undo_op(context: dg.OpExecutionContext, config: Undo, pipeline: Pipeline) -> None:
    as_failure(lambda: _undo(context, config, pipeline))


def _undo(context: dg.OpExecutionContext, config: Undo, pipeline: Pipeline) -> None:
    from crm_pipeline.plan.undo import stage

    settings = pipeline.settings()
    target = stage.Target(config.run_id or None, config.record.strip() or None, config.field.strip() or None)
    warehouse = Warehouse(settings.warehouse)
    warehouse.required()
    pipeline.lock(f"the Dagster run {context.run_id[:8]}")
    run_id = flow.begin(warehouse, settings, context.run_id)
    made = stage.run(warehouse, settings, run_id, target, config.by, config.why)
    context.instance.add_run_tags(context.run_id, {"sync/run_id": str(run_id)})
    stays = grid(("record", "field", "why"), list(made.refused[:_MOST])) if made.refused else None
    shown = {"writes": made.operations, "writes that stay": len(made.refused)} | ({"stays": stays} if stays else {})
    if made.plan_id is None:
        context.add_output_metadata(shown)
        context.log.info("nothing can be taken back; no plan was made")
        return
    _show(context, warehouse, shown, anew=True)
    gave_way = f"; {made.explained}" if made.explained else ""
    context.log.info(f"{made.operations:,} writes take it back: plan {made.hash}, {made.state}{gave_way}")


def _show(context: dg.OpExecutionContext, warehouse: Warehouse, more: dict[str, Any], *, anew: bool = False) -> None:
    """Show the newest plan under this step, its tags on the run, and the plan under plan/change if it was made here."""
    with warehouse.read() as connection:
        shown = plan_preview.ids(connection) | plan_preview.state(connection)
        if anew:
            shown |= plan_preview.changes(connection)
    shown |= {"to write": "the job push_approved, or: crm-pipeline push"} | more
    context.add_output_metadata(shown)
    key = dg.AssetKey(["plan", "change"])
    event = dg.AssetMaterialization if anew else dg.AssetObservation
    context.log_event(event(asset_key=key, metadata=shown))
    tags = {"sync/plan_id": str(shown["plan id"]), "sync/plan": f"{shown['plan hash']} {shown['state']}"}
    context.instance.add_run_tags(context.run_id, tags)


@dg.job(
    description="Approve the newest plan by its hash, in your name. Nothing is written: that is push_approved.",
    tags={"sync/mode": "approve"},
)
def approve_plan() -> None:
    approve_op()


@dg.job(
    description="Plan to take back what a run wrote, or our newest writes to a record. Look at the plan, approve it "
    "(approve_plan), then write it (push_approved).",
    tags={"sync/mode": "undo"},
)
def undo_run() -> None:
    undo_op()
