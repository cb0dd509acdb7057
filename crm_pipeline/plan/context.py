"""What planning a golden record needs to know besides the record itself: mapping, schemas, users, what people said.

Belongs here: the values, as load.py reads them for a kind. Not here: what is decided with them (entity.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Rule, System, Value
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.fit.compatibility import Schemas, schema_hash
from crm_pipeline.plan.fit.translate import Target
from crm_pipeline.plan.member import Member, Ruled
from crm_pipeline.plan.said.answers import Answers
from crm_pipeline.plan.said.holds import Holds


@dataclass(frozen=True)
class Context:
    """What planning needs to know besides the golden record itself.

    `users`: (system, user id) -> e-mail; `user_ids`: (system, e-mail) -> active id; `skipped`: incompatible fields.
    `held_by(system, object, field, canonical value)`: keys of the records of that CRM that hold a unique value.
    `holds`: what people and undos hold; `answers`: what people said about conflicts. `outside`: keys of records that a
    filter left out before.
    """

    mapping: KindMapping
    settings: Settings
    schemas: Schemas
    users: Mapping[tuple[System, str], str]
    user_ids: Mapping[tuple[System, str], str]
    skipped: frozenset[str]
    held_by: Callable[[System, str, str, str], frozenset[str]]
    holds: Holds = field(default_factory=Holds)
    answers: Answers = field(default_factory=Answers)
    outside: frozenset[str] = frozenset()

    def target(self, system: System, object_: str, held: Mapping[str, Value] | None = None) -> Target:
        """Where values go; `held`: what the record holds, None for a new one."""
        return Target(system, object_, self.schemas[system, object_], self.user_ids, held or {}, self.settings.zone)

    def source_only(self, ruled: Ruled, members: Sequence[Member], found: Sequence[FieldState]) -> Sequence[FieldState]:
        """The states of a ratchet, of which a side that cannot be written tells and is not written: HubSpot's opt-out
        from all e-mail. Other rules leave such a field out as a whole (fit/compatibility.py)."""
        if ruled.policy.rule is not Rule.RATCHET:
            return found
        objects = {m.key: (m.system, m.object) for m in members}

        def told(state: FieldState) -> FieldState:
            system, object_ = objects[state.key]
            fields = (self.schemas[system, object_].get(name) for name in ruled.mapped.names(object_))
            locked = any(field is not None and not field.updateable for field in fields)
            return replace(state, read_only=True) if locked else state

        return [told(state) for state in found]

    @property
    def basis(self) -> str:
        """What decides about a golden record beside its own records; unique values that others hold left out."""
        users = sorted(self.users.items()), sorted(self.user_ids.items())
        how = f"{self.settings.mapping.hash}|{self.settings.deciding}"
        return f"{how}|{schema_hash(self.schemas)}|{users}"

    @cached_property
    def fields(self) -> tuple[Ruled, ...]:
        """The fields that take part, each with its policy."""
        return tuple(
            Ruled.of(f, self.settings)
            for f in self.mapping.fields
            if f.name not in self.skipped and f.rule is not Rule.DONT_SYNC
        )
