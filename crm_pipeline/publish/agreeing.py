"""Do two linked records hold the same, field by field, and if not, what would deciding anew say about it?

Pure; by the plan's own canonical forms and its own decision. Belongs here: one golden record. Not here: which golden
records are looked at, and the tables (agreement.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.field import FieldType
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.decide import Decision, decide
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.entity import unique_value
from crm_pipeline.plan.member import Agreed, Member, Ruled, raw_parts, states
from crm_pipeline.plan.references.reference import one_by_one
from crm_pipeline.plan.resting import at_rest, in_step


class Cause(StrEnum):
    """Why two linked records differ in a field, as far as the records and the rule tell."""

    DONT_SYNC = "dont_sync"  # the mapping does not sync it
    INCOMPATIBLE = "incompatible"  # it does not fit a CRM
    UNKNOWN = "unknown"  # it is missing from a record's data
    DUE = "due"  # a write is called for
    READ_ONLY = "read_only"  # the record that should get it has it by a path over a relation
    NOT_PRIMARY = "not_primary"  # only each side's primary record is written
    WITHIN_SIDE = "within_side"  # records of one CRM differ among themselves; they stay
    NOT_CLEARED = "not_cleared"  # deleted elsewhere, but this record holds another value
    ASK = "ask"  # a person decides
    LOOSENING = "loosening"  # a protecting value was taken back; a person decides
    REWRITTEN = "rewritten"  # the CRM made it of what we sent, or filled it in by itself, which the plan leaves alone
    ONE_WAY = "one_way"  # the rule passes nothing this way
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Differing:
    """Two linked records that differ in a field, and why."""

    golden_id: str
    field: str
    hubspot_key: str
    salesforce_key: str
    cause: Cause


def differing(
    golden_id: str,
    members: Sequence[Member],
    agreed: Mapping[str, Agreed],
    fields: Sequence[Ruled],
    context: Context,
) -> Iterator[Differing]:
    """Every pair of records, one a side, and every field in which the two differ or cannot be told to agree.

    `fields`: all of the mapping, also those that take no part in the sync.
    """
    settings = context.settings
    for ruled in fields:
        if _alike(ruled, members):
            continue
        pairs: dict[tuple[str, str], Cause] = {}
        for one, view in one_by_one(ruled, members):
            before = agreed.get(one.mapped.name)
            if at_rest(one, view, before, settings, context.users) or in_step(one, view, settings, context.users):
                continue
            found = states(one, view, before, settings, context.users)
            held = _held(one, view, before, context) or {s.key: s.value for s in found}
            decision: Decision | None = None
            for hubspot, salesforce in _pairs(found):
                if hubspot.known and salesforce.known and _same(one, held[hubspot.key], held[salesforce.key]):
                    continue
                if decision is None:
                    decision = decide(found, before.value if before else None, one.policy)
                key = hubspot.key, salesforce.key
                cause = _cause(one, hubspot, salesforce, decision, context, view)
                if cause is Cause.ONE_WAY and _beside(found, hubspot, salesforce):
                    cause = Cause.WITHIN_SIDE
                pairs.setdefault(key, cause)
        for (hubspot_key, salesforce_key), cause in pairs.items():
            yield Differing(golden_id, ruled.mapped.name, hubspot_key, salesforce_key, cause)


def _alike(ruled: Ruled, members: Sequence[Member]) -> bool:
    """Whether all records hold the very same values, so that no canonical form is needed to tell."""
    mapped = ruled.mapped
    if mapped.type in (FieldType.USER, FieldType.REFERENCE) or mapped.values or mapped.default_on_create:
        return False
    held = {raw_parts(mapped, member) for member in members if mapped.has(member.object)}
    return len(held) == 1 and None not in held


def _same(ruled: Ruled, one: Canonical, other: Canonical) -> bool:
    """Whether both say the same. Of a ratchet also two values that protect nothing: a blank and a no."""
    return one == other or (ruled.mapped.rule is Rule.RATCHET and not {one, other} & ruled.policy.tight)


def _beside(found: Sequence[FieldState], hubspot: FieldState, salesforce: FieldState) -> bool:
    """Whether another record of one of the two CRMs holds the value of the other CRM's: only a duplicate differs."""
    pairs = (hubspot, salesforce), (salesforce, hubspot)
    return any(s.side is one.side and s.value == other.value for one, other in pairs for s in found)


def _held(ruled: Ruled, members: Sequence[Member], before: Agreed | None, context: Context) -> dict[str, Canonical]:
    """By record key, what the CRMs really hold: to the plan, what a CRM made of our write is what we sent. Empty where
    that is the same."""
    name = ruled.mapped.name
    if all(name not in m.bases or m.bases[name].observed is None for m in members):
        return {}
    plain = [
        replace(m, bases={**m.bases, name: replace(m.bases[name], observed=None)}) if name in m.bases else m
        for m in members
    ]
    return {s.key: s.value for s in states(ruled, plain, before, context.settings, context.users)}


def _pairs(found: Sequence[FieldState]) -> Iterator[tuple[FieldState, FieldState]]:
    sides = ([s for s in found if s.side is side] for side in (System.HUBSPOT, System.SALESFORCE))
    yield from product(*sides)


def _cause(
    ruled: Ruled,
    hubspot: FieldState,
    salesforce: FieldState,
    decision: Decision,
    context: Context,
    members: Sequence[Member],
) -> Cause:
    pair = (hubspot, salesforce)
    if ruled.mapped.rule is Rule.DONT_SYNC:
        return Cause.DONT_SYNC
    if ruled.mapped.name.split("/")[0] in context.skipped:
        return Cause.INCOMPATIBLE
    if not (hubspot.known and salesforce.known):
        return Cause.UNKNOWN
    if hubspot.value == salesforce.value:
        return Cause.REWRITTEN
    if _secondary(ruled, pair, context, members):
        return Cause.NOT_PRIMARY
    if any(write.key in (hubspot.key, salesforce.key) for write in decision.writes):
        return Cause.DUE
    waiting = {conflict.kind for conflict in decision.conflicts if conflict.winner is None}
    for cause in (Cause.ASK, Cause.LOOSENING, Cause.WITHIN_SIDE, Cause.NOT_CLEARED):
        if cause in waiting:
            return cause
    if decision.agreed is None:
        return Cause.UNKNOWN  # another record of the customer lacks the field: all of them are frozen
    if any(state.read_only for state in pair):
        return Cause.READ_ONLY
    return Cause.ONE_WAY if decision.source is None else Cause.UNEXPLAINED


def _secondary(ruled: Ruled, pair: tuple[FieldState, FieldState], context: Context, members: Sequence[Member]) -> bool:
    """Whether one of the two is no primary, and the field is for primaries only: by the mapping, or as it is unique."""
    if all(state.primary for state in pair):
        return False
    if ruled.policy.primary_only:
        return True
    objects = {m.key: m.object for m in members}
    return any(
        not state.primary and unique_value(ruled.mapped, state.side, objects[state.key], context) is not None
        for state in pair
    )
