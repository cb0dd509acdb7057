"""What accepting a pair in review would write: both golden records planned as one, with nothing changed.

Belongs here: joining two golden records as the next golden stage would. Not here: the plan of a run (stage.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crm_pipeline.config import Settings
from crm_pipeline.golden.entity import number_of
from crm_pipeline.model import MATCHED, Kind, Value
from crm_pipeline.plan import load
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.entity import plan_entity
from crm_pipeline.plan.load import Entity
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.operation import Operation
from crm_pipeline.warehouse import Connection

#: Two record keys, the smaller one first.
KeyPair = tuple[str, str]
#: Pairs whose golden records are read at once.
_PART = 5_000


def if_accepted(
    connection: Connection, settings: Settings, pairs: Iterable[KeyPair]
) -> Iterator[dict[KeyPair, list[Operation]]]:
    """For each pair the writes that a plan would hold if somebody accepted this pair and nothing else, part by part.

    Left out are pairs whose records have no golden record yet or one already, and everything before the first extract.
    An operation with a `problem` would not be sent.
    """
    ids = dict(connection.execute("select record_key, golden_id from golden.link where retired is null").fetchall())
    wanted = [pair for pair in pairs if pair[0] in ids and pair[1] in ids and ids[pair[0]] != ids[pair[1]]]
    contexts = _contexts(connection, settings) if wanted else {}
    if not contexts:
        return
    for start in range(0, len(wanted), _PART):
        part = wanted[start : start + _PART]
        asked = {ids[key] for pair in part for key in pair}
        entities: dict[str, Entity] = {}
        for kind, context in contexts.items():
            mine = [golden_id for golden_id in asked if golden_id.startswith(f"{kind}-")]
            entities |= load.chosen(connection, context.mapping, mine)
        previews = {}
        for pair in part:
            golden_id, members, agreed = joined(entities[ids[pair[0]]], entities[ids[pair[1]]])
            context = contexts[Kind(golden_id.rpartition("-")[0])]
            previews[pair] = plan_entity(golden_id, members, agreed, context).operations
        yield previews


def basis(connection: Connection, settings: Settings) -> str:
    """What previews follow from beside the two golden records; empty before the first extract."""
    return "|".join(context.basis for context in _contexts(connection, settings).values())


def _contexts(connection: Connection, settings: Settings) -> dict[Kind, Context]:
    schemas = load.schemas(connection)
    return {kind: load.context(connection, settings, kind, schemas) for kind in MATCHED} if schemas else {}


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
