"""A golden record planned whole: its fields, what it gives back, the record that it lacks, those to archive.

Pure. Belongs here: the order in which these speak, and what waits. Not here: each of them (entity.py, undo/restore.py,
records/), what is written down (stage.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_pipeline.plan.context import Context
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.member import Agreed, Member
from crm_pipeline.plan.records import torn
from crm_pipeline.plan.records.create import (
    Obstacles,
    missing_side,
    object_to_create,
    plan_create,
    source_of_create,
)
from crm_pipeline.plan.records.deletions import Deletions, plan_archive
from crm_pipeline.plan.records.newer import Since
from crm_pipeline.plan.undo.restore import Foreign


@dataclass(frozen=True)
class Ground:
    """What a kind's golden records are planned on, beside their own records.

    `apart`: golden ids that nothing is decided about, because a merge and a person contradict each other.
    """

    context: Context
    obstacles: Obstacles
    since: Since
    deletions: Deletions
    foreign: Foreign
    apart: frozenset[str]


def plan_whole(golden_id: str, members: Sequence[Member], agreed: Mapping[str, Agreed], ground: Ground) -> EntityPlan:
    """`members`: all live records of a golden record; `agreed`: by field name."""
    if golden_id in ground.apart:
        plan = EntityPlan()
        plan.wait(members, torn.REASON)
        return plan
    given_back = ground.foreign.operations(golden_id, members, agreed, ground.context)
    # A value that the CRM would not let go is still a stranger's: it does not spread until a person chose another one.
    # Without `new` it is not even known whether it is in place: the mapping changed since.
    frozen = {operation.field for operation in given_back if operation.problem is None or operation.new}
    plan = plan_entity(golden_id, members, agreed, ground.context, frozen)
    plan.operations.extend(given_back)
    _add_missing(plan, golden_id, members, agreed, ground, unclear=bool(frozen))
    _add_archives(plan, golden_id, members, ground)
    return plan


def _add_missing(
    plan: EntityPlan,
    golden_id: str,
    members: Sequence[Member],
    agreed: Mapping[str, Agreed],
    ground: Ground,
    *,
    unclear: bool,
) -> None:
    """The record that the other side lacks, if the mapping wants one and nothing stands in its way. `unclear`: the
    members hold values of another customer."""
    side = missing_side(members)
    if side is None or not plan.inside:
        return
    object_ = object_to_create(ground.context.mapping, plan.inside, side, ground.since)
    if object_ is None:
        return
    lead = source_of_create(plan.inside)
    reason = ground.obstacles.of(golden_id, side) or ("values_of_another_customer" if unclear else None)
    if ground.context.holds.holds(golden_id, lead.key):
        plan.pinned.append((lead.key, "*"))
    elif reason:
        plan.wait(members, reason)
    else:
        number = ground.obstacles.number(golden_id, object_)
        asked_by = ground.obstacles.asked.get((golden_id, side), "")
        plan.add_create(plan_create(golden_id, plan.inside, agreed, side, object_, ground.context, number, asked_by))


def _add_archives(plan: EntityPlan, golden_id: str, members: Sequence[Member], ground: Ground) -> None:
    side = missing_side(members)
    if side is not None and (golden_id, side) in ground.obstacles.asked:
        return
    everyone = plan.inside if len(plan.inside) == len(members) else ()
    archives, why_not = plan_archive(golden_id, everyone, ground.context, ground.deletions)
    plan.operations.extend(archives)
    if why_not:
        plan.wait(members, why_not)
