"""What holds now, read from the warehouse: each kind of finding is a query.

Belongs here: when something is worth telling. Not here: whether somebody was told already (news.py), the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from crm_pipeline.alerts.finding import Finding, Kind
from crm_pipeline.config import Settings
from crm_pipeline.errors import NotFoundError
from crm_pipeline.extract.completeness.reconcile import Method
from crm_pipeline.model import System
from crm_pipeline.report import plan as plans
from crm_pipeline.warehouse import Connection

#: Of the calls that the settings allow on a day, from which on they are nearly used.
_NEARLY = 0.9
#: Records too many, more than the run before: at least so many, and so much of those before.
_JUMP, _JUMP_SHARE = 10, 0.2
#: What a CRM says of a day's calls holds for that day.
_DAY = timedelta(hours=24)
_NUMBERS = re.compile(r"\d[\d,.]*")


def look(connection: Connection, settings: Settings, now: datetime) -> list[Finding]:
    """Everything that holds while no run is at work."""
    return [
        *_failed(connection),
        *_late(connection, settings, now),
        *_incomplete(connection, settings),
        *_plan_waits(connection),
        *_refused(connection),
        *_unreadable(connection, settings),
        *_unexplained(connection),
        *_budget(connection, settings, now),
        *_duplicates(connection),
    ]


def failure(sentence: str | None, run_id: int | None = None, step: str | None = None) -> Finding:
    """A run that failed with a sentence; None: its process was killed, or its machine went down.

    It is told again when another sentence comes, not when the same one has other numbers in it.
    """
    facts = {"failed": sentence, "step": step}
    return Finding(Kind.RUN_FAILED, "", _NUMBERS.sub("#", sentence or "killed"), run_id=run_id, facts=facts)


def _failed(connection: Connection) -> Iterator[Finding]:
    """The newest run, unless a person stopped it; one without an end had steps, and nobody is at work."""
    row = connection.execute(
        """
        select r.run_id, r.outcome, r.failed,
            (select step from state.step s where s.run_id = r.run_id order by started_at desc limit 1)
        from state.run r
        where r.outcome in ('done', 'failed') or (r.outcome is null and r.run_id in (select run_id from state.step))
        order by r.run_id desc limit 1
        """
    ).fetchone()
    if row and row[1] != "done":
        yield failure(row[2] if row[1] else None, row[0], row[3])


def _late(connection: Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    """The object that was read longest ago, by the CRM's clock; nothing is late before everything was read once."""
    rows = connection.execute("select system, object, read_until from raw.watermark").fetchall()
    read = {
        (System(system), object_): until for system, object_, until in rows if (system, object_) in _mapped(settings)
    }
    if len(read) < len(settings.mapping.objects) or not read:
        return
    (system, object_), until = min(read.items(), key=lambda item: item[1])
    hours = (now - until).total_seconds() / 3600
    if hours > settings.alerts.late_hours:
        facts = {"object": _place(system, object_), "until": until, "hours": int(hours)}
        yield Finding(Kind.LATE, facts=facts)


def _mapped(settings: Settings) -> set[tuple[str, str]]:
    return {(system.value, object_) for system, object_ in settings.mapping.objects}


def _incomplete(connection: Connection, settings: Settings) -> Iterator[Finding]:
    """Synced objects that could not be read, or whose numbers were refused: nothing is planned on them."""
    rows = connection.execute(
        """
        select run_id, system, object, here, there, explained, method from raw.reconciliation
        qualify row_number() over (partition by system, object order by run_id desc) = 1
        order by system, object
        """
    ).fetchall()
    for run_id, system, object_, here, there, explained, method in rows:
        unread = method == Method.UNREAD
        if (system, object_) in _mapped(settings) and (unread or (here != there and not explained)):
            place = _place(System(system), object_)
            facts = {"object": place, "here": here, "there": None if unread else there, "why": explained}
            yield Finding(Kind.INCOMPLETE, place, run_id=run_id, facts=facts)


def _plan_waits(connection: Connection) -> Iterator[Finding]:
    """The newest plan, while it waits for a person: which guards hold it."""
    try:
        plan = plans.plan(connection)
    except NotFoundError:
        return
    if plan.waits:
        tripped = [guard for guard in plans.guards(connection, plan.plan_id) if guard.tripped]
        facts: dict[str, Any] = {
            "hash": plan.hash,
            "changes": plan.changes - plan.problems,
            "expires": plan.expires_at,
            "guards": tripped,
            "undoes": plan.undoes,
        }
        cause = "undo" if plan.purpose == "undo" else ""
        yield Finding(Kind.PLAN_WAITS, "", cause, run_id=plan.run_id, plan_id=plan.plan_id, facts=facts)


def _refused(connection: Connection) -> Iterator[Finding]:
    """Writes of the newest plan that a CRM refused, in it or before (quarantine), by CRM and code."""
    rows = connection.execute(
        """
        with newest as (from plan.plan where purpose = 'sync' qualify row_number() over (order by plan_id desc) = 1),
        refused as (
            select c.system, coalesce(q.code, o.code, '') as code, n.run_id, n.plan_id
            from newest n join plan.change c using (plan_id)
            left join push.outbox o on o.plan_id = c.plan_id and o.op_id = c.op_id
            left join state.quarantine q on q.fingerprint = c.fingerprint
            where o.state in ('rejected', 'quarantined') or c.problem_state = 'quarantined'
        )
        select r.system, r.code, count(*), any_value(r.run_id), any_value(r.plan_id), any_value(k.meaning),
            any_value(k.meaning_ja), any_value(k.action)
        from refused r left join push.code k on k.code = r.code and k.system in (r.system, 'ours')
        group by r.system, r.code order by count(*) desc, r.system, r.code
        """
    ).fetchall()
    for system, code, number, run_id, plan_id, meaning, meaning_ja, action in rows:
        place = f"{System(system).label} {code}".strip()
        facts = {"place": place, "code": code, "en": meaning or "", "ja": meaning_ja or "", "action": action or ""}
        yield Finding(Kind.REFUSED, place, number=number, run_id=run_id, plan_id=plan_id, facts=facts)


def _unreadable(connection: Connection, settings: Settings) -> Iterator[Finding]:
    """Records that could not be loaded, by object."""
    rows = connection.execute(
        "select system, object, count(distinct record_id), max(run_id) from raw.quarantine "
        "where released_run is null group by all order by system, object"
    ).fetchall()
    for system, object_, number, run_id in rows:
        if (system, object_) in {(s.value, o) for s, o in settings.mapping.read_objects}:
            place = _place(System(system), object_)
            yield Finding(Kind.UNREADABLE, place, number=number, run_id=run_id, facts={"object": place})


def _unexplained(connection: Connection) -> Iterator[Finding]:
    """Fields in which linked records differ and nothing says why, as of the last publish."""
    rows = connection.execute(
        "select run_id, kind || '.' || field, sum(pairs)::bigint from publish.agreement "
        "where reason = 'unexplained' and run_id = (select max(run_id) from publish.agreement) group by all order by 2"
    ).fetchall()
    for run_id, field, number in rows:
        yield Finding(Kind.UNEXPLAINED, field, number=number, run_id=run_id, facts={"field": field})


def _budget(connection: Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    """CRMs whose calls of the day, everybody's, come near to what the settings leave to us."""
    for system in System:
        row = connection.execute(
            """
            select run_id, (calls -> $system ->> 'today')::bigint, (calls -> $system ->> 'limit')::bigint
            from state.step
            where started_at > $since and (calls -> $system ->> 'limit')::bigint > 0
            order by started_at desc limit 1
            """,
            {"system": system.value, "since": now - _DAY},
        ).fetchone()
        share = settings.budget.organisation_percent
        if row and row[1] >= _NEARLY * row[2] * share / 100:
            facts = {"system": system.label, "today": row[1], "limit": row[2], "percent": share}
            yield Finding(Kind.BUDGET, system.label, run_id=row[0], facts=facts)


def _duplicates(connection: Connection) -> Iterator[Finding]:
    """CRMs in which the newest run found many more records of the same customers than the one before it."""
    rows = connection.execute(
        """
        from (
            select run_id, system, kind, records - customers as now,
                lag(records - customers) over (partition by system, kind order by run_id) as before
            from publish.duplicates
        )
        where run_id = (select max(run_id) from publish.duplicates) and before is not null
        order by system, kind
        """
    ).fetchall()
    for run_id, system, kind, found, before in rows:
        if found - before >= max(_JUMP, _JUMP_SHARE * before):
            subject = f"{System(system).label} {kind}"
            facts = {"before": before, "now": found}
            yield Finding(Kind.DUPLICATES, subject, str(run_id), found, run_id=run_id, facts=facts)


def _place(system: System, object_: str) -> str:
    return f"{system.label} {object_}"
