"""The push stage: takes the current plan, refuses it or sends it, and completes its decisions.

Safety lives here and not in the orchestrator: materialising this stage alone meets the same guards.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import OpState, PlanState
from crm_pipeline.plan import load
from crm_pipeline.plan.fit.compatibility import schema_hash
from crm_pipeline.plan.kept.approval import Plan, current_plan, set_state
from crm_pipeline.plan.records.filters import linked_objects
from crm_pipeline.push import refusals
from crm_pipeline.push.batch import Batcher, written
from crm_pipeline.push.batches import batches
from crm_pipeline.push.before import said
from crm_pipeline.push.before.newcomers import Newcomers
from crm_pipeline.push.before.rereading import Crms
from crm_pipeline.push.before.sent_before import sent_before
from crm_pipeline.push.canary import CanaryError
from crm_pipeline.push.conclusion import conclude
from crm_pipeline.push.job import abort_unfinished
from crm_pipeline.push.operation import Group, Way, grouped, unsent
from crm_pipeline.push.outbox import Answers
from crm_pipeline.push.recovery.recover import Recovered, recover
from crm_pipeline.push.relations.references import Filling
from crm_pipeline.push.relations.relating import Relating
from crm_pipeline.warehouse import Connection, Warehouse


@dataclass(frozen=True)
class PushResult:
    """What became of a plan: operations by end state (model.OpState), landed ones by system, why nothing was sent."""

    plan_id: int | None
    state: PlanState | None
    states: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    recovered: Recovered = field(default_factory=Recovered)
    why: str = ""


def run(
    warehouse: Warehouse,
    crms: Crms,
    settings: Settings,
    run_id: int,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> PushResult:
    """Send the current plan, if it may be sent. `progress(done, all)` is told after each batch.

    A held plan sends nothing and moves no base. Raises SafetyError in a dry run, when mapping, rules, settings or
    schema changed since the plan, when it expired, or when the canary shows that a CRM does not keep what it
    acknowledges.
    """
    _refuse_dry(crms)
    recovered = recover(warehouse, crms, settings, run_id)
    with warehouse.connect() as connection:
        plan = current_plan(connection)
        if plan is None:
            return PushResult(None, None, recovered=recovered, why="there is no plan yet")
        if plan.state in (PlanState.APPLIED, PlanState.SUPERSEDED):
            return PushResult(plan.plan_id, plan.state, recovered=recovered, why=f"plan {plan.hash} is {plan.state}")
        _refuse_changed(connection, plan, settings)
        if _held(connection, plan):
            (held,) = connection.execute(
                "select count(*) from plan.change where plan_id = ? and problem is null", [plan.plan_id]
            ).fetchone() or (0,)
            return PushResult(
                plan.plan_id, PlanState.HELD, {OpState.HELD_BY_GUARD: int(held)}, recovered=recovered, why=plan.why
            )
        set_state(connection, plan.plan_id, PlanState.APPLYING)
        refusals.write_down(connection)
        _note_refused(connection, plan, run_id)
        said.leave_out(connection, Answers(settings, plan.plan_id, run_id))
        ops = unsent(connection, plan.plan_id)
        before = sent_before(connection, plan.plan_id)
        linked = linked_objects(connection, settings.mapping, plan.plan_id)
    newcomers = Newcomers(warehouse, crms, settings, plan.plan_id)
    batcher = Batcher(warehouse, crms, settings, plan.plan_id, run_id, before, linked, newcomers)
    relating = Relating(warehouse, crms, settings, plan.plan_id, run_id, linked)
    filling = Filling(warehouse, settings, plan.plan_id, run_id)
    groups = grouped(ops)
    abort_unfinished(warehouse, crms)
    done = 0
    try:
        for batch in batches(groups, settings.salesforce.bulk_from, partial(_by_job, crms)):
            ready = filling.filled(batch.groups)
            if ready and batch.groups[0].way is Way.ASSOCIATE:
                relating.send(ready, canary=batch.canary)
            elif ready:
                batcher.send(replace(batch, groups=tuple(ready)))
            done += len(batch.groups)
            if progress:
                progress(done, len(groups))
    except CanaryError:
        with warehouse.connect() as connection:
            _note_not_sent(connection, plan, run_id)
            conclude(connection, plan.plan_id, run_id)
            set_state(connection, plan.plan_id, PlanState.APPLIED)
        raise
    with warehouse.connect() as connection:
        conclude(connection, plan.plan_id, run_id)
        set_state(connection, plan.plan_id, PlanState.APPLIED)
        return _result(connection, plan, recovered)


def _refuse_dry(crms: Crms) -> None:
    """Before anything is written down: an operation that is noted as sent, and cannot leave, would count as lost."""
    labels = [system.label for system, crm in crms.items() if crm.read_only]
    if labels:
        raise SafetyError(f"this is a dry run: nothing may be written to {' and '.join(labels)}, so no plan is sent")


def _refuse_changed(connection: Connection, plan: Plan, settings: Settings) -> None:
    if plan.state is PlanState.EXPIRED:
        raise SafetyError(f"plan {plan.hash} has expired; make a new one with `crm-pipeline run --preview`")
    if plan.mapping_hash != settings.mapping.hash:
        raise SafetyError(f"mapping or rules changed since plan {plan.hash} was made; run again to plan anew")
    if plan.settings not in (None, settings.deciding):
        raise SafetyError(
            f"settings that decide about values changed since plan {plan.hash} was made (sync, time_zone or "
            "phone_region); run again to plan anew"
        )
    if plan.schema_hash != schema_hash(load.schemas(connection)):
        raise SafetyError(f"a CRM's fields changed since plan {plan.hash} was made; run again to plan anew")


def _held(connection: Connection, plan: Plan) -> bool:
    """The guards once more, from the plan's own rows: a state alone is not trusted."""
    if plan.approved_by is not None:
        return False
    tripped = connection.execute(
        "select count(*) from plan.guard where plan_id = ? and tripped", [plan.plan_id]
    ).fetchone()
    return plan.state is PlanState.HELD or bool(tripped and tripped[0])


def _by_job(crms: Crms, group: Group) -> bool:
    """Whether a bulk job of its CRM can carry the group."""
    jobs = crms[group.first.system].jobs
    return jobs is not None and jobs.takes(written(group))


def _note_refused(connection: Connection, plan: Plan, run_id: int) -> None:
    """Operations that the plan itself refused get their end state, so that the accounts add up (law 25). What stood
    already (plan.standing) has its own."""
    problems = connection.execute(
        "select distinct problem from plan.change where plan_id = ? and problem is not null", [plan.plan_id]
    ).fetchall()
    codes = {problem: refusals.code_of(problem) for (problem,) in problems}
    _note(connection, plan, run_id, "c.problem is not null", "c.problem_state", "c.problem", codes)


def _note_not_sent(connection: Connection, plan: Plan, run_id: int) -> None:
    why = "the canary stopped the push"
    _note(connection, plan, run_id, "c.problem is null", "'not_sent'", f"'{why}'", {why: "canary"})


def _note(
    connection: Connection, plan: Plan, run_id: int, which: str, state: str, message: str, codes: Mapping[str, str]
) -> None:
    """`codes`: by message."""
    connection.execute(
        f"""
        insert into push.outbox (op_id, plan_id, run_id, request_id, state, system, object, record_id, create_key,
                                 golden_id, field, operation, old, new, message, code, ended_at)
        select c.op_id, c.plan_id, ?, c.op_id, {state}, c.system, c.object, c.record_id, c.create_key, c.golden_id,
               c.field, c.operation, c.old, c.new, {message}, ?::json ->> ({message}), now()
        from plan.change c
        where c.plan_id = ? and {which}
          and not exists (from push.outbox o where o.plan_id = c.plan_id and o.op_id = c.op_id)
        """,
        [run_id, json.dumps(codes), plan.plan_id],
    )


def _result(connection: Connection, plan: Plan, recovered: Recovered) -> PushResult:
    rows = connection.execute(
        "select state, system, count(*) from push.operation_end where plan_id = ? and state is not null group by all",
        [plan.plan_id],
    ).fetchall()
    states: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    for state, system, number in rows:
        states[state] += number
        if state == OpState.LANDED:
            sent[system] += number
    return PushResult(plan.plan_id, PlanState.APPLIED, dict(states), dict(sent), recovered)
