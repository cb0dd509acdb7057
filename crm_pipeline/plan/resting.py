"""Fields about which there is nothing to decide, told from raw values: most fields of most records.

At rest: every record holds its base, and all of them what was agreed under this mapping. In step: all records of both
sides hold one value, and nobody edited it, as on the first night; only the carried state moves. That the decision says
the same is shown by crm_pipeline_tests/plan/test_resting.py. Not here: the decision (decision/).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Rule, System, Value
from crm_pipeline.plan.member import Agreed, Base, Member, Ruled, Users, meaning, raw_parts


def at_rest(ruled: Ruled, members: Sequence[Member], agreed: Agreed | None, settings: Settings, users: Users) -> bool:
    """Whether nothing happened to a field since its last decision. `members`: all that the decision would see."""
    mapped = ruled.mapped
    if agreed is None or agreed.field_hash != ruled.hash:
        return False
    for member in members:
        if not mapped.has(member.object):
            continue
        held = member.bases.get(mapped.name)
        raw = raw_parts(mapped, member)
        if held is None or raw is None or not _holds(raw, held):
            return False
        if meaning(mapped, member, raw, settings, users) != agreed.value:
            return False
    return True


def in_step(
    ruled: Ruled, members: Sequence[Member], settings: Settings, users: Users
) -> tuple[Canonical, dict[str, tuple[Value, ...]]] | None:
    """The one value of all records that have the field, on both sides, and the raw parts of those without a base by
    record key; None where the decision has to be asked. `members`: all that it would see."""
    mapped = ruled.mapped
    if ruled.policy.rule is Rule.RATCHET or ruled.policy.primary_only or mapped.type is FieldType.BOOLEAN:
        return None  # sides without a primary, and checkboxes that nobody ever ticked, are the decision's to judge
    value: Canonical | None = None
    sides = set()
    bases = {}
    for member in members:
        if not mapped.has(member.object):
            continue
        held = member.bases.get(mapped.name)
        raw = raw_parts(mapped, member)
        if raw is None or not (held is None or _holds(raw, held)):
            return None
        mine = meaning(mapped, member, raw, settings, users)
        if value is not None and mine != value:
            return None
        value = mine
        sides.add(member.system)
        if held is None:
            bases[member.key] = raw
    return (value, bases) if value is not None and len(sides) == len(System) else None


def _holds(raw: tuple[Value, ...], base: Base) -> bool:
    """Whether a record holds its very base. True equals 1 in Python, and is another value in a CRM."""
    return raw == base.value and all(type(one) is type(other) for one, other in zip(raw, base.value, strict=True))
