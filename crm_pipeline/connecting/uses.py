"""What the mapping wants to do with each object of the two CRMs.

Not here: whether it may (the checklist), the fields themselves (config/).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.config import Mapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import System


@dataclass(frozen=True)
class Use:
    """An object that is read. `key`: the unique field of our own, which every object of a synced kind has, "" of those
    that are only read."""

    system: System
    object: str
    update: bool = False
    create: bool = False
    key: str = ""

    @property
    def writes(self) -> bool:
        return self.update or self.create


def uses(mapping: Mapping) -> list[Use]:
    """Every object that is read, in order, with what is written into it."""
    wanted: dict[tuple[System, str], Use] = {at: Use(*at) for at in mapping.read_objects}
    for kind in mapping.kinds:
        for system, object_ in kind.objects:
            before = wanted[system, object_]
            levels = _levels(kind, system, object_)
            create = before.create or "create" in levels
            key = before.key or kind.key.of(system)
            wanted[system, object_] = Use(
                system, object_, before.update or bool(levels & {"update", "create"}), create, key
            )
    return list(wanted.values())


def _levels(kind: KindMapping, system: System, object_: str) -> set[str]:
    """How far the switches of a kind go in an object: off, update, create."""
    pairs = (pair for pair in kind.counterparts if object_ in (pair.hubspot, pair.salesforce))
    return {str(kind.salesforce[pair.salesforce].towards(system)) for pair in pairs}
