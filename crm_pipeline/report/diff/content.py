"""What a plan's diff says, whatever the format: operations in groups, what is left out, guards, conflicts, calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crm_pipeline.config import Settings
from crm_pipeline.model import System
from crm_pipeline.report import plan as plans
from crm_pipeline.report.links import Link, links
from crm_pipeline.warehouse import Connection

if TYPE_CHECKING:
    from crm_pipeline.plan.guards import Guard


@dataclass(frozen=True)
class Name:
    """A mapped field as its mapping calls it."""

    name: str
    en: str
    ja: str


@dataclass(frozen=True)
class Group:
    """Operations of one kind on one field of one object, in the order of risk. `field` None: whole records."""

    system: System
    object: str
    operation: str
    field: Name | None
    changes: tuple[plans.Change, ...]


@dataclass(frozen=True)
class Conflict:
    """A field on which the CRMs, or the records of one CRM, disagree. Values: the parts, as the CRM gave them."""

    golden_id: str
    field: Name
    kind: str
    salesforce: Sequence[Any] | None
    hubspot: Sequence[Any] | None
    salesforce_at: datetime | None
    hubspot_at: datetime | None
    certain: bool
    winner: str
    why: str


@dataclass(frozen=True)
class Content:
    """A whole plan. `calls`: CRM -> calls that sending it will take; `link`: record key -> address."""

    plan: plans.Plan
    groups: tuple[Group, ...]
    refused: tuple[tuple[str, tuple[plans.Change, ...]], ...]
    waiting: tuple[tuple[str, tuple[str, ...]], ...]
    guards: tuple[Guard, ...]
    conflicts: tuple[Conflict, ...]
    left_out: tuple[tuple[str, str], ...]
    calls: Mapping[System, int]
    link: Link
    names: Mapping[tuple[str, str], Name] = field(default_factory=dict)

    def name(self, golden_id: str, mapped: str) -> Name:
        """What people call a mapped field of this golden record's kind."""
        mapped, _, _ = mapped.partition("/")  # of a set: the set
        return self.names.get((golden_id.rpartition("-")[0], mapped), Name(mapped, mapped, mapped))


def content(connection: Connection, settings: Settings, hash_: str | None = None) -> Content:
    """The plan whose hash begins like this, else the newest. Raises NotFoundError."""
    from crm_pipeline.push.forecast import forecast  # a stage: not while the code location loads

    plan = plans.plan(connection, hash_)
    changes = plans.changes(connection, plan.plan_id)
    names = names_of(settings)
    return Content(
        plan=plan,
        groups=tuple(_groups([c for c in changes if not c.problem], names)),
        refused=tuple(_refused([c for c in changes if c.problem])),
        waiting=tuple(_waiting(connection, plan.plan_id)),
        guards=tuple(plans.guards(connection, plan.plan_id)),
        conflicts=tuple(_conflicts(connection, plan.plan_id, names)),
        left_out=tuple(
            connection.execute(
                "select distinct field, problem from plan.compatibility "
                "where plan_id = ? and problem <> '' order by all",
                [plan.plan_id],
            ).fetchall()
        ),
        calls=forecast(connection, settings, plan.plan_id),
        link=links(connection),
        names=names,
    )


def names_of(settings: Settings) -> dict[tuple[str, str], Name]:
    """(kind, mapped field) -> what people call it."""
    return {
        (mapping.kind, f.name): Name(f.name, f.label.en, f.label.ja)
        for mapping in settings.mapping.kinds
        for f in mapping.fields
    }


def _groups(changes: Sequence[plans.Change], names: Mapping[tuple[str, str], Name]) -> list[Group]:
    """Groups in the order of the riskiest operation in each, as the changes come."""
    found: dict[tuple[System, str, str, str], list[plans.Change]] = {}
    for change in changes:
        mapped, _, _ = change.field.partition("/")  # of a set: the set
        found.setdefault((change.system, change.object, change.operation, mapped), []).append(change)
    groups = []
    for (system, object_, operation, mapped), mine in found.items():
        kind = mine[0].golden_id.rpartition("-")[0]
        name = None if mapped == "*" else names.get((kind, mapped), Name(mapped, mapped, mapped))
        groups.append(Group(system, object_, operation, name, tuple(mine)))
    return groups


def _refused(changes: Sequence[plans.Change]) -> list[tuple[str, tuple[plans.Change, ...]]]:
    """(why, operations), the commonest reason first; which record holds a value does not make another reason."""
    found: dict[str, list[plans.Change]] = {}
    for change in changes:
        found.setdefault(plans.reason(str(change.problem)), []).append(change)
    return [(why, tuple(mine)) for why, mine in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))]


def _waiting(connection: Connection, plan_id: int) -> list[tuple[str, tuple[str, ...]]]:
    rows = connection.execute(
        "select distinct reason, record_key from plan.waiting where plan_id = ? order by all", [plan_id]
    ).fetchall()
    return [(reason, tuple(key for _, key in mine)) for reason, mine in groupby(rows, key=lambda row: str(row[0]))]


def _conflicts(connection: Connection, plan_id: int, names: Mapping[tuple[str, str], Name]) -> list[Conflict]:
    rows = connection.execute(
        "select golden_id, field, kind, salesforce, hubspot, salesforce_at, hubspot_at, certain, winner, why "
        "from plan.conflict where last_plan = ? order by winner <> 'nobody', field, golden_id",
        [plan_id],
    ).fetchall()
    return [
        Conflict(
            golden_id,
            names.get((golden_id.rpartition("-")[0], mapped), Name(mapped, mapped, mapped)),
            kind,
            json.loads(salesforce) if salesforce else None,
            json.loads(hubspot) if hubspot else None,
            *rest,
        )
        for golden_id, mapped, kind, salesforce, hubspot, *rest in rows
    ]
