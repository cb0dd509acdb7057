"""Fields on which the CRMs disagree, as a person reads them before answering.

Belongs here: reading plan.conflict of the newest plan, and words. Not here: answering (plan/said/answers.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Kind, System
from crm_pipeline.report import mask
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Side:
    """What a side holds, in the parts of the field, and since when; nothing if it has no part in the conflict."""

    value: Sequence[object] | None
    at: datetime | None


@dataclass(frozen=True)
class Conflict:
    """A row of plan.conflict. `certain`: both times come from the CRMs' own history; `winner` None: nobody.

    `waits`: nothing is written until a person answers; `answered_by`: who has, with the next plan to take it up.
    """

    golden_id: str
    field: str
    rule: str
    kind: str
    sides: dict[System, Side]
    certain: bool
    winner: System | None
    why: str
    waits: bool
    answered_by: str | None


def conflicts(connection: Connection, settings: Settings, *, waiting: bool = False) -> list[Conflict]:
    """The conflicts of the newest plan, those that wait first; only those if `waiting`."""
    from crm_pipeline.plan.decision.answered import WAITING  # a stage: not while the code location loads

    rows = connection.execute(
        """
        select c.golden_id, c.field, c.kind, c.salesforce, c.salesforce_at, c.hubspot, c.hubspot_at, c.certain,
            c.winner, c.why, list_contains($waiting, c.kind) as waits,
            (select max(a.answered_by) from state.answer a
             where a.golden_id = c.golden_id and a.field = c.field and a.used_run is null)
        from plan.conflict c
        where c.last_plan = (select max(plan_id) from plan.plan where purpose = 'sync') and (waits or not $only)
        order by waits desc, c.golden_id, c.field
        """,
        {"waiting": list(WAITING), "only": waiting},
    ).fetchall()
    found = []
    for golden_id, field, kind, salesforce, salesforce_at, hubspot, hubspot_at, certain, winner, *rest in rows:
        mapping = settings.mapping.of(Kind(golden_id.rpartition("-")[0]))
        rule = next((f.rule.value for f in mapping.fields if f.name == field.partition("/")[0]), "")
        sides = {
            System.SALESFORCE: Side(_parts(salesforce), salesforce_at),
            System.HUBSPOT: Side(_parts(hubspot), hubspot_at),
        }
        won = System(winner) if winner in set(System) else None
        found.append(Conflict(golden_id, field, rule, kind, sides, certain, won, *rest))
    return found


def words(of: Sequence[Conflict], *, in_full: bool) -> Iterator[str]:
    """A few lines a conflict: both values (masked unless `in_full`), their times, and who wins or what waits."""
    for one in of:
        yield f"{one.golden_id}  {one.field}  ({one.rule})  {one.kind.replace('_', ' ')}"
        for system, side in one.sides.items():
            if side.value is None:
                continue
            shown = mask.parts({str(n): value for n, value in enumerate(side.value)}, in_full=in_full)
            since = f"since {side.at:%Y-%m-%d %H:%M:%S %Z}".rstrip() if side.at else ""
            yield f"    {system.label:<10} {shown}  {since}{'' if one.certain else ' at the latest'}"
        if one.answered_by:
            yield f"    answered by {one.answered_by}; the next plan takes it up"
        elif one.waits:
            yield f"    waits: {one.why}"
            yield f"    crm-pipeline answer {one.golden_id} {one.field} --side salesforce|hubspot --by YOUR_NAME"
        else:
            yield f"    {one.winner.label if one.winner else 'nobody'} wins: {one.why}"


def _parts(text: str | None) -> Sequence[object] | None:
    return None if text is None else list(json.loads(text))
