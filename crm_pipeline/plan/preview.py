"""What accepting a pair in review would write: both golden records planned as one, with nothing changed.

Belongs here: joining two golden records as the next golden stage would. Not here: the plan of a run (stage.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crm_pipeline.config import Settings
from crm_pipeline.golden.entity import number_of
from crm_pipeline.model import Kind, Value
from crm_pipeline.plan import load
from crm_pipeline.plan.entity import plan_entity
from crm_pipeline.plan.load import Entity
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.operation import Operation
from crm_pipeline.warehouse import Connection

#: Two record keys, the smaller one first.
KeyPair = tuple[str, str]


def if_accepted(connection: Connection, settings: Settings, pairs: Iterable[KeyPair]) -> dict[KeyPair, list[Operation]]:
    """For each pair the writes that a plan would hold if somebody accepted this pair and nothing else.

    Left out are pairs whose records have no golden record yet or one already, and everything before the first extract.
    An operation with a `problem` would not be sent.
    """
    schemas = load.schemas(connection)
    ids = dict(connection.execute("select record_key, golden_id from golden.link where retired is null").fetchall())
    wanted = [pair for pair in pairs if pair[0] in ids and pair[1] in ids and ids[pair[0]] != ids[pair[1]]]
    if not schemas or not wanted:
        return {}
    entities = load.chosen(connection, {ids[key] for pair in wanted for key in pair})
    contexts = {kind: load.context(connection, settings, kind, schemas) for kind in Kind}
    previews = {}
    for pair in wanted:
        golden_id, members, agreed = joined(entities[ids[pair[0]]], entities[ids[pair[1]]])
        kind = Kind(golden_id.rpartition("-")[0])
        previews[pair] = plan_entity(golden_id, members, agreed, contexts[kind]).operations
    return previews


def in_words(operations: Iterable[Operation]) -> list[str]:
    """`Salesforce Lead 00Q1, phone: (blank) -> 000-111-2222 (prefer_salesforce)`, one a write that would be sent."""
    return [
        f"{o.system.label} {o.object} {o.record_id}, {o.field}: "
        f"{_text(o.old.get(name) for name in o.new)} -> {_text(o.new.values())} ({o.rule})"
        for o in operations
        if o.problem is None
    ]


def _text(values: Iterable[Value]) -> str:
    """The parts of a value on one line."""
    return " ".join(" ".join(str(value).split()) for value in values if value not in (None, "")) or "(blank)"


def joined(left: Entity, right: Entity) -> Entity:
    """Two golden records as one: the older id stays, with its agreed values, bases and primaries (spec identity.md)."""
    stays, goes = sorted((left, right), key=lambda entity: number_of(entity[0]))
    taken = {member.system for member in stays[1]}

    def moved(member: Member) -> Member:
        return replace(member, bases={}, primary=member.primary and member.system not in taken)

    members = sorted([*stays[1], *(moved(member) for member in goes[1])], key=lambda member: member.key)
    return stays[0], members, stays[2]
