"""Answers of people to conflicts that wait: rows of state.answer, taken up by the next plan (sync-rules.md, `ask`).

Belongs here: where answers are kept, and which decision one still fits. An answer counts until its decision is complete
or asks again; then it is used up. Not here: what follows from an answer (decision/answered.py), the commands
(cli/conflicts.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crm_pipeline.canonical import canonical
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import ConfigError, NotFoundError, SafetyError
from crm_pipeline.model import System, Value
from crm_pipeline.plan.decision.answered import WAITING, Spoken, answered, waits
from crm_pipeline.plan.decision.decide import Decision
from crm_pipeline.plan.decision.state import Change, FieldState
from crm_pipeline.plan.member import Agreed, Base, Member, Ruled, Users, raw_parts, states
from crm_pipeline.plan.references.reference import single
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert


@dataclass(frozen=True)
class Answer:
    """A row of state.answer that is not used up: a side, or a value in the parts of the field as Salesforce holds them.

    `seen`: record key -> raw parts of the field when the person answered; None if a program wrote the row without them.
    """

    golden_id: str
    field: str
    side: System | None
    value: tuple[Value, ...] | None
    by: str
    at: datetime
    seen: Mapping[str, tuple[Value, ...]] | None = None


class Answers:
    """The answers that wait to be taken up."""

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self._of: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        for answer in answers:
            self._of[answer.golden_id, answer.field].append(answer)
        self._golden_ids = frozenset(golden_id for golden_id, _ in self._of)

    def about(self, golden_id: str) -> bool:
        """Whether there is one about any field of a golden record."""
        return golden_id in self._golden_ids

    def taken_up(
        self,
        golden_id: str,
        ruled: Ruled,
        members: Sequence[Member],
        found: Sequence[FieldState],
        before: Agreed | None,
        decision: Decision,
        settings: Settings,
        users: Users,
    ) -> tuple[Decision, bool]:
        """The decision with a person's answer to it, and whether the answers about the field are used up.

        `decision`: of the states `found`. Two different answers at once decide nothing: the conflict row names them.
        """
        mine = self._of.get((golden_id, ruled.mapped.name), [])
        if not mine:
            return decision, False
        if not waits(decision):
            return decision, decision.agreed is not None
        if len({(answer.side, answer.value) for answer in mine}) > 1:
            names = ", ".join(sorted({answer.by for answer in mine}))
            return _still_waits(decision, f"several answers wait, of {names}: keep one of them in state.answer"), False
        answer = mine[-1]
        moved = _moved(answer, ruled, members, found, settings, users)
        agreed = before.value if before else None
        made = answered(found, agreed, ruled.policy, _spoken(answer, ruled.mapped, settings), moved)
        if made is None:
            return _still_waits(decision, f"edited since {answer.by} answered; asked again"), True
        return made, False


def _still_waits(decision: Decision, why: str) -> Decision:
    told = tuple(replace(c, why=f"{c.why}; {why}") if c.kind in WAITING else c for c in decision.conflicts)
    return replace(decision, conflicts=told)


def _spoken(answer: Answer, field: FieldMapping, settings: Settings) -> Spoken:
    if answer.value is None:
        return Spoken(answer.by, answer.at, answer.side)
    form = canonical(field, System.SALESFORCE, answer.value, region=settings.phone_region, zone=settings.zone)
    if field.type is FieldType.USER:  # a person is named by e-mail address
        form = tuple(str(value or "").strip().lower() for value in answer.value)
    return Spoken(answer.by, answer.at, None, form, answer.value)


def _moved(
    answer: Answer,
    ruled: Ruled,
    members: Sequence[Member],
    found: Sequence[FieldState],
    settings: Settings,
    users: Users,
) -> frozenset[System]:
    """Sides of which a record no longer holds what the person saw; where that is not noted, by the time of change."""
    if answer.seen is None:
        return frozenset(s.side for s in found if s.changed.at > answer.at)
    seen = [
        replace(m, bases={ruled.mapped.name: Base(answer.seen[m.key])})
        if m.key in answer.seen
        else replace(m, bases={})
        for m in members
    ]
    then = states(ruled, seen, None, settings, users)
    return frozenset(s.side for s in then if s.change in (Change.SET, Change.CLEARED))


def load(connection: Connection) -> Answers:
    """The answers that are not used up; golden ids follow redirects. Raises ConfigError for one that says nothing."""
    rows = connection.execute(
        """
        select coalesce(r.survivor_id, a.golden_id), a.field, a.side, a.value, a.answered_by, a.answered_at, a.seen
        from state.answer a left join golden.redirect r using (golden_id)
        where a.used_run is null
        order by a.answered_at, a.rowid
        """
    ).fetchall()
    return Answers(_answer(*row) for row in rows)


def _answer(
    golden_id: str, field: str, side: str | None, value: str | None, by: str, at: datetime, seen: str | None
) -> Answer:
    parts = None if value is None else json.loads(value)
    if (side is None) == (parts is None) or side not in (None, *System) or not isinstance(parts, list | None):
        raise ConfigError(
            f"the answer to {golden_id} {field} in state.answer must have either a side (salesforce or hubspot) or a "
            "value (the parts of the field as a JSON list); correct the row or delete it"
        )
    known = None if seen is None else {key: tuple(values) for key, values in json.loads(seen).items()}
    return Answer(
        golden_id, field, System(side) if side else None, None if parts is None else tuple(parts), by, at, known
    )


def used_up(connection: Connection, answers: Iterable[tuple[str, str]], run_id: int) -> None:
    """The answers to (golden id, field) count no more."""
    for golden_id, field in answers:
        connection.execute(
            "update state.answer a set used_run = ? where used_run is null and field = ? and (golden_id = ? or "
            "golden_id in (select r.golden_id from golden.redirect r where r.survivor_id = ?))",
            [run_id, field, golden_id, golden_id],
        )


def give(
    connection: Connection,
    golden_id: str,
    field: FieldMapping,
    members: Sequence[Member],
    *,
    side: System | None,
    value: Sequence[str],
    by: str,
    why: str,
) -> None:
    """Store a person's answer to a conflict that waits, with what each of the golden record's `members` holds now.

    `value`: the parts of the field in mapping order, when no `side` is named. Raises NotFoundError when nothing waits,
    SafetyError when it was answered already, ConfigError for a value that the field cannot take.
    """
    waiting = connection.execute(
        "select kind from plan.conflict where golden_id = ? and field = ? "
        "and last_plan = (select max(plan_id) from plan.plan where purpose = 'sync')",
        [golden_id, field.name],
    ).fetchone()
    if waiting is None or waiting[0] not in WAITING:
        raise NotFoundError(
            f"nothing about {field.name} of {golden_id} waits for an answer; `crm-pipeline conflicts` shows what does"
        )
    earlier = connection.execute(
        "select answered_by from state.answer where golden_id = ? and field = ? and used_run is null",
        [golden_id, field.name],
    ).fetchone()
    if earlier is not None:
        raise SafetyError(
            f"{field.name} of {golden_id} was answered by {earlier[0]} already, and the next plan takes that up; "
            f"take it back first: crm-pipeline answer {golden_id} {field.name} --withdraw --by NAME"
        )
    if side is None:
        _require_fitting(field, value)
    insert(
        connection,
        "state.answer",
        [
            {
                "golden_id": golden_id,
                "field": field.name,
                "side": side,
                "value": None if side else list(value),
                "answered_by": by,
                "answered_at": connection.execute("select now()").fetchall()[0][0],
                "why": why,
                "seen": _seen(field, members),
            }
        ],
    )


def withdraw(connection: Connection, golden_id: str, field: str) -> None:
    """Take back an answer that no plan has completed yet. Raises NotFoundError when there is none."""
    gone = connection.execute(
        "delete from state.answer where golden_id = ? and field = ? and used_run is null returning answered_by",
        [golden_id, field],
    ).fetchall()
    if not gone:
        raise NotFoundError(f"no answer about {field} of {golden_id} waits to be taken up")


def _require_fitting(field: FieldMapping, value: Sequence[str]) -> None:
    if field.refers_to is not None:
        raise ConfigError(f"{field.name} refers to another record: answer with --side, or correct it in a CRM")
    if len(value) != len(field.parts):
        parts = ", ".join(part.name for part in field.parts)
        raise ConfigError(f"{field.name} needs --value {len(field.parts)} times, for {parts}; an empty one is a blank")
    if not any(one.strip() for one in value):
        raise ConfigError("an answer cannot be blank: delete the value in one of the CRMs, or answer with a --side")


def _seen(field: FieldMapping, members: Sequence[Member]) -> dict[str, tuple[Value, ...]]:
    """The raw parts by record key, as the next plan is going to read them."""
    view = members if field.refers_to is None else single(field, members)
    return {m.key: raw for m in view if field.has(m.object) and (raw := raw_parts(field, m)) is not None}
