"""Fields that nothing happened to: every record holds its base, and all of them what was agreed under this mapping.

No rule writes, reports or moves anything then (crm_pipeline_tests/plan/test_resting.py), so that planning passes over
them: most fields of a changed record. Belongs here: telling so from raw values. Not here: the decision (decision/).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.config.settings import Settings
from crm_pipeline.plan.member import Agreed, Member, Ruled, Users, meaning, raw_parts


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
        if held is None or raw is None or raw != held.value or any(map(_other_type, raw, held.value)):
            return False
        if meaning(mapped, member, raw, settings, users) != agreed.value:
            return False
    return True


def _other_type(one: object, other: object) -> bool:
    """True equals 1 in Python, and is another value in a CRM."""
    return type(one) is not type(other)
