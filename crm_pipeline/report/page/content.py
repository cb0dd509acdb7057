"""All that a run's report says, gathered: what the page shows, and what needs a person.

Belongs here: putting together. Not here: the queries (run.py, found.py, outcome.py, changes.py), the page (page.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crm_pipeline.config import Settings
from crm_pipeline.model import PlanState, System
from crm_pipeline.report import plan as plans
from crm_pipeline.report.agreement import Agreement, agreements
from crm_pipeline.report.diff.content import Name, names_of
from crm_pipeline.report.links import Link, links
from crm_pipeline.report.page import changes, found, outcome, run
from crm_pipeline.warehouse import Connection

if TYPE_CHECKING:
    from crm_pipeline.plan.guards import Guard

#: (CRM object's kind, mapped field) -> what people call it.
Names = Mapping[tuple[str, str], Name]


@dataclass(frozen=True)
class Need:
    """Something that a person has to do now: said in both languages, and the command."""

    english: str
    japanese: str
    command: str


@dataclass(frozen=True)
class Report:
    """`made_at`: when it was put together; of a run that is not the newest, what the database knows as of now only
    (matches, conflicts) is None. `calls`: CRM -> (of the run, of everybody today, of a day at most)."""

    run: run.Run
    made_at: datetime
    plan: plans.Plan | None
    needs: tuple[Need, ...]
    reach: tuple[outcome.Reach, ...]
    read: tuple[found.Read, ...]
    matches: found.Matches | None
    guards: tuple[Guard, ...]
    groups: tuple[changes.Group, ...]
    written: tuple[outcome.Written, ...]
    failures: tuple[outcome.Failure, ...]
    conflicts: Mapping[tuple[str, str], int] | None
    waiting: tuple[outcome.Waiting, ...]
    agreement: tuple[Agreement, ...]
    quality: tuple[outcome.Quality, ...]
    duplicates: tuple[outcome.Duplicates, ...]
    calls: Mapping[System, tuple[int, int, int]]
    link: Link
    names: Names

    def name(self, kind: str, field: str) -> Name:
        """What people call a mapped field; a part of one by its own name."""
        return self.names.get((kind, field.partition("/")[0]), Name(field, field, field))


def content(
    connection: Connection, settings: Settings, run_id: int | None = None, ending: run.Step | None = None
) -> Report:
    """The report of a run, else of the newest one. `ending`: as in run.run. Raises NotFoundError."""
    about = run.run(connection, run_id, ending)
    plan = run.plan_of(connection, about)
    read = found.read(connection, about.run_id, is_newest=about.is_newest)
    matches = found.matches(connection, about.run_id) if about.is_newest else None
    conflicts: Mapping[tuple[str, str], int] | None = None
    waiting: tuple[outcome.Waiting, ...] = ()
    failures: tuple[outcome.Failure, ...] = ()
    if plan is not None:
        failures = outcome.failures(connection, plan.plan_id)
        if about.is_newest:
            conflicts, waiting = outcome.conflicts(connection, plan.plan_id)
    return Report(
        run=about,
        made_at=datetime.now(UTC),
        plan=plan,
        needs=tuple(_needs(about, plan, read, matches, _asked(conflicts), failures)),
        reach=outcome.reach(connection, about.run_id),
        read=read,
        matches=matches,
        guards=tuple(plans.guards(connection, plan.plan_id)) if plan else (),
        groups=changes.groups(connection, plan.plan_id) if plan else (),
        written=outcome.written(connection, plan.plan_id) if plan else (),
        failures=failures,
        conflicts=conflicts,
        waiting=waiting,
        agreement=tuple(agreements(connection, about.run_id)),
        quality=outcome.quality(connection, about.run_id),
        duplicates=outcome.duplicates(connection, about.run_id),
        calls=run.calls(about),
        link=links(connection),
        names=names_of(settings),
    )


def _asked(conflicts: Mapping[tuple[str, str], int] | None) -> int:
    """How many conflicts wait for an answer."""
    from crm_pipeline.plan.decision.answered import WAITING  # a stage: not while the code location loads

    return sum(number for (kind, _), number in (conflicts or {}).items() if kind in WAITING)


def _needs(
    about: run.Run,
    plan: plans.Plan | None,
    read: tuple[found.Read, ...],
    matches: found.Matches | None,
    waiting: int,
    failures: tuple[outcome.Failure, ...],
) -> Iterator[Need]:
    """The most urgent first. Of a run that is not the newest only what its plan and writes still tell."""
    from crm_pipeline.push.refusals import Retry, refusal  # a stage: not while the code location loads

    if about.outcome in ("failed", "stopped") and about.is_newest:
        yield Need(
            "The run did not come to its end. Do what its sentence says, then run again: nothing is written twice.",
            "実行が最後まで終わっていません。表示された文のとおりに対処し、もう一度実行してください（二重には書き込みません）。",
            "crm-pipeline run",
        )
    if about.is_newest and plan is not None:
        yield from _for_the_plan(about, plan)
    unread = sum(one.there is None or (one.here != one.there and not one.explained) for one in read)
    if unread:
        yield Need(
            f"{_counted(unread, 'object was', 'objects were')} not read completely.",
            f"読み取りが完全でないオブジェクトが{unread:,}件あります。",
            'crm-pipeline sql "from reconciliation where there is null or difference <> 0"',
        )
    if quarantined := sum(one.quarantined for one in read):
        yield Need(
            f"{_counted(quarantined, 'record', 'records')} could not be loaded; the table says why.",
            f"読み込めないレコードが{quarantined:,}件あります。理由は表にあります。",
            'crm-pipeline sql "from raw.quarantine where released_run is null"',
        )
    if waiting:
        yield Need(
            f"{_counted(waiting, 'conflict waits', 'conflicts wait')} for an answer.",
            f"回答待ちの競合が{waiting:,}件あります。",
            "crm-pipeline conflicts --waiting",
        )
    if matches and (pairs := sum(matches.waiting.values())):
        yield Need(
            f"{_counted(pairs, 'pair waits', 'pairs wait')} for a person's word on whether they are one customer.",
            f"同じ顧客かどうかの確認待ちが{pairs:,}組あります。",
            "crm-pipeline review list",
        )
    refused = sum(
        one.number for one in failures if refusal(one.system, one.code).retry in (Retry.CHANGED, Retry.PERSON)
    )
    if refused:
        yield Need(
            f"{_counted(refused, 'write does', 'writes do')} not go through until somebody corrects something; "
            "the errors below say what.",
            f"修正されるまで書き込めないものが{refused:,}件あります。対処方法は下のエラーの表にあります。",
            "crm-pipeline sql \"from sync_status where state = 'failed'\"",
        )


def _for_the_plan(about: run.Run, plan: plans.Plan) -> Iterator[Need]:
    if plan.waits:
        yield Need(
            f"Plan {plan.hash} is held, nothing of it was sent. Look at it, approve it, then send it.",
            f"計画 {plan.hash} は保留中で、まだ何も送信していません。内容を確認し、承認してから送信してください。",
            f"crm-pipeline plan show\ncrm-pipeline approve {plan.hash} --by YOUR_NAME\ncrm-pipeline push",
        )
    elif plan.state in (PlanState.PROPOSED, PlanState.APPROVED, PlanState.APPLYING) and plan.changes > plan.problems:
        yield Need(
            f"Plan {plan.hash} may be sent and was not sent to the end.",
            f"計画 {plan.hash} は送信できますが、まだ送信が完了していません。",
            "crm-pipeline push",
        )
    elif plan.state is PlanState.EXPIRED:
        yield Need(
            f"Plan {plan.hash} has expired; make a new one.",
            f"計画 {plan.hash} は期限切れです。作り直してください。",
            "crm-pipeline run --preview",
        )
    if plan.incompatible:
        yield Need(
            f"{_counted(plan.incompatible, 'mapped field is', 'mapped fields are')} left out, not fitting both CRMs.",
            f"両方のCRMに適合せず対象外の項目が{plan.incompatible:,}件あります。",
            "crm-pipeline fields",
        )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
