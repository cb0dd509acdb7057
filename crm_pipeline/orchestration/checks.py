"""Laws that hold in production as asset checks: completeness, partition, guards, compatibility, accounting,
reconciliation.

A check shows; it does not protect. What must stop a write is enforced where the write is made (push/), since anybody
can materialise `push` alone.
"""

from collections.abc import Callable
from typing import Any

import dagster as dg

from crm_pipeline import flow
from crm_pipeline.config import Settings
from crm_pipeline.model import System
from crm_pipeline.orchestration import plan_preview, worsening
from crm_pipeline.orchestration.assets import as_failure
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.orchestration.resources import Pipeline
from crm_pipeline.report import agreement as agreements
from crm_pipeline.report import plan as plans
from crm_pipeline.report import push as pushes
from crm_pipeline.warehouse import Connection, Warehouse

#: How a check looks at the warehouse; the text of its result is a sentence.
Look = Callable[[Connection], dg.AssetCheckResult]
WARN = dg.AssetCheckSeverity.WARN


def build_checks(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """All checks. Only an incomplete extract of an object that is synced stops a run: nothing may be planned on it."""
    mapped = settings.mapping.objects
    steps = {step.name for step in flow.steps(settings)}
    return [
        *(
            _check("extract", asset, "complete", _complete(system, object_, of in mapped), blocking=of in mapped)
            for of in settings.mapping.read_objects
            for system, object_ in (of,)
            if (asset := f"{system}_{object_.lower()}") in steps
        ),
        _check("golden", "link", "every_record_once", _every_record_once),
        _check("plan", "change", "within_guards", _within_guards),
        _check("plan", "change", "compatible", _compatible),
        _check("push", "outbox", "accounted", _accounted),
        _check("publish", "agreement", "explained", _explained),
        _check("publish", "data_quality", "values_kept", worsening.values_kept),
        _check("publish", "duplicate_rate", "duplicates_kept", worsening.duplicates_kept),
    ]


def _check(stage: str, asset: str, name: str, look: Look, *, blocking: bool = False) -> dg.AssetChecksDefinition:
    description = (look.__doc__ or "").partition("\n")[0]

    @dg.asset_check(asset=[stage, asset], name=name, description=description, blocking=blocking)
    def check(pipeline: Pipeline) -> dg.AssetCheckResult:
        def looked() -> dg.AssetCheckResult:
            with Warehouse(pipeline.settings().warehouse).read() as connection:
                return look(connection)

        return as_failure(looked)

    return check


def _complete(system: System, object_: str, mapped: bool) -> Look:
    def look(connection: Connection) -> dg.AssetCheckResult:
        """As many live records here as the CRM says it has, and a sample is as there; every difference is explained."""
        from crm_pipeline.extract.completeness.reconcile import Method

        row = connection.execute(
            "select here, there, missing, surplus, sampled, sample_wrong, method, explained from raw.reconciliation "
            "where system = ? and object = ? order by run_id desc limit 1",
            [system, object_],
        ).fetchone()
        if row is None:
            return dg.AssetCheckResult(
                passed=False, severity=_severity(mapped), description=f"{system.label} {object_} was never counted"
            )
        here, there, missing, surplus, sampled, wrong, method, explained = row
        (quarantined,) = connection.execute(
            "select count(distinct record_id) from raw.quarantine where system = ? and object = ? "
            "and released_run is null",
            [system, object_],
        ).fetchone() or (0,)
        unread = method == Method.UNREAD
        refused = not unread and here != there and not explained
        counted = f"{here:,} here, there unknown" if unread else f"{here:,} here, {there:,} in {system.label}"
        return dg.AssetCheckResult(
            passed=not (unread or refused or missing or surplus or wrong or quarantined),
            severity=_severity(mapped and (unread or refused)),
            description=counted + (f": {explained}" if explained else ": not loaded, too many differ" * refused),
            metadata={
                "here": here,
                "there": there,
                "missing": missing,
                "surplus": surplus,
                "quarantined": quarantined,
                "sampled": sampled,
                "sample wrong": wrong,
                "compared by": method.replace("_", " "),
            },
        )

    return look


def _severity(stops: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if stops else WARN


def _every_record_once(connection: Connection) -> dg.AssetCheckResult:
    """Each live source record belongs to exactly one golden record (law 32), to none if its kind is not synced."""
    row = connection.execute(
        "select count(*) from (select r.record_key from raw.record r left join golden.link l using (record_key) "
        "where r.retired is null group by r.record_key, r.kind having count(distinct l.golden_id) > 1 "
        "or (count(l.golden_id) = 0 and r.kind in ('person', 'company')))"
    ).fetchone()
    assert row
    return dg.AssetCheckResult(
        passed=row[0] == 0,
        description=f"{row[0]:,} records belong to no golden record or to several" if row[0] else "each record, once",
    )


def _within_guards(connection: Connection) -> dg.AssetCheckResult:
    """The newest plan is within its limits; one that is not waits for a person and sends nothing."""
    plan = plans.plan(connection)
    guards = plans.guards(connection, plan.plan_id)
    tripped = [guard for guard in guards if guard.tripped]
    sentence = f"plan {plan.plan_id} ({plan.hash}) is within its {len(guards)} guards"
    if tripped:
        more = f"; and {len(tripped) - 3} more" if len(tripped) > 3 else ""
        then = f"To approve: {plan_preview.to_approve(plan.hash)}" if plan.waits else f"The plan is {plan.state}"
        sentence = f"{'; '.join(map(plans.guard_words, tripped[:3]))}{more}. {then}"
    return dg.AssetCheckResult(
        passed=not tripped,
        severity=WARN,
        description=sentence,
        metadata={
            "plan id": str(plan.plan_id),
            "tripped": len(tripped),
            "guards": grid(
                ("CRM", "guard", "number", "of", "allowed", "within"),
                [
                    (
                        f"{g.system.label} {g.object}",
                        f"{g.guard} {g.subject}".strip().replace("_", " "),
                        g.number,
                        "unknown" if g.total is None else g.total,
                        g.allowed,
                        "no" if g.tripped else "yes",
                    )
                    for g in guards
                ],
            ),
        },
    )


def _compatible(connection: Connection) -> dg.AssetCheckResult:
    """Every mapped field fits both CRMs' live schemas; one that does not is left out, the others go on."""
    plan = plans.plan(connection)
    rows = connection.execute(
        "select distinct field, problem, problem_ja from plan.compatibility where plan_id = ? and problem <> '' "
        "order by all",
        [plan.plan_id],
    ).fetchall()
    gaps = connection.execute(
        "select distinct field, why, to_do from plan.compatibility where plan_id = ? and problem = '' "
        "and verdict = 'compatible_with_gaps' order by all",
        [plan.plan_id],
    ).fetchall()
    left_out = f"left out: {_names(rows)}" if rows else "every mapped field fits"
    lacking = f"; values without a partner: {_names(gaps)}" if gaps else ""
    found: dict[str, Any] = {
        "plan id": str(plan.plan_id),
        "fields left out": len(rows),
        "fields with gaps": len(gaps),
    }
    if rows:
        found["left out"] = grid(("field", "why", "理由"), rows)
    if gaps:
        found["values without a partner"] = grid(("field", "which", "what to do"), gaps)
    return dg.AssetCheckResult(passed=not rows, severity=WARN, description=left_out + lacking, metadata=found)


def _names(rows: list[tuple[str, ...]]) -> str:
    """The fields of rows that begin with a field."""
    return ", ".join(dict.fromkeys(row[0] for row in rows))


def _accounted(connection: Connection) -> dg.AssetCheckResult:
    """Every operation of every plan that was sent ended in exactly one state (law 25); undos count as well."""
    plan = plans.plan(connection)
    account = pushes.accounting(connection, plan.plan_id)
    ended = ", ".join(f"{number:,} {state.replace('_', ' ')}" for state, number in account.states.items())
    missing = f"; {account.missing:,} without an end" if account.missing else ""
    others = [f"plan {number}" for number, *_ in pushes.unaccounted(connection) if number != plan.plan_id]
    before = f"; {', '.join(others)} does not add up" if others else ""
    return dg.AssetCheckResult(
        passed=account.missing == 0 and not others,
        description=f"{account.planned:,} planned: {ended or 'nothing was sent'}{missing}{before}",
        metadata={"plan id": str(plan.plan_id), "planned": account.planned, "missing": account.missing},
    )


def _explained(connection: Connection) -> dg.AssetCheckResult:
    """Linked pairs that differ in a field are explained; with those that agree they add up to all pairs (law 47)."""
    fields = agreements.agreements(connection)
    unexplained = sum(one.unexplained for one in fields)
    pairs, agree = sum(one.pairs for one in fields), sum(one.agree for one in fields)
    return dg.AssetCheckResult(
        passed=unexplained == 0 and all(one.agree >= 0 for one in fields),
        severity=WARN,
        description=(f"{agree:,} of {pairs:,} values of linked pairs agree" if pairs else "no linked pairs yet")
        + (f"; {unexplained:,} differ without a reason: see the table drift" if unexplained else ""),
        metadata={
            "pairs": pairs,
            "agree": agree,
            "unexplained": unexplained,
            "by field": grid(
                ("field", "rule", "pairs", "agree", "in the way"),
                [(f"{f.kind} {f.field}", f.rule, f.pairs, f"{f.share:.1%}", f.in_the_way) for f in fields],
            ),
        },
    )
