"""Properties whose values HubSpot derives from associations: primary and parent company, numbers of associated records.

Belongs here: deriving them when a record is shown. Not here: their definitions.

Choices: such a value is not part of the history, a search does not filter by it, and associating records moves no
modification time (a real portal does all three after a while).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.hubspot.object_types import OBJECT_TYPES, ObjectType
from crm_pipeline.emulator.hubspot.showing import Show

if TYPE_CHECKING:
    from crm_pipeline.emulator.hubspot.associations.associations import Associations
    from crm_pipeline.emulator.hubspot.records import Record

Derive = Callable[["Associations", str], str | None]
_CHILD, _PARENT = 13, 14  # type ids, from a company to its child and to its parent


def _primary(object_: str) -> Derive:
    return lambda associations, record_id: associations.primary(object_, record_id)


def _number(object_: str, to_object: str) -> Derive:
    return lambda associations, record_id: str(associations.count(object_, record_id, to_object) or "") or None


def _parent(associations: Associations, record_id: str) -> str | None:
    links = associations.of("companies", record_id, "companies")
    return next((company for company, types in links.items() if _PARENT in types), None)


def _children(associations: Associations, record_id: str) -> str | None:
    links = associations.of("companies", record_id, "companies")
    return str(sum(_CHILD in types for types in links.values()) or "") or None


_DERIVED: dict[tuple[str, str], Derive] = {
    ("contacts", "associatedcompanyid"): _primary("contacts"),
    ("contacts", "num_associated_deals"): _number("contacts", "deals"),
    ("companies", "num_associated_contacts"): _number("companies", "contacts"),
    ("companies", "num_associated_deals"): _number("companies", "deals"),
    ("companies", "hs_parent_company_id"): _parent,
    ("companies", "hs_num_child_companies"): _children,
    ("deals", "num_associated_contacts"): _number("deals", "contacts"),
    ("deals", "hs_primary_associated_company"): _primary("deals"),
    ("tickets", "hs_primary_company_id"): _primary("tickets"),
    **{
        (kind.name, f"hs_num_associated_{to}"): _number(kind.name, to)
        for kind in OBJECT_TYPES
        if kind.is_activity
        for to in ("companies", "contacts", "deals", "tickets")
    },
}


def with_derived(show: Show, associations: Associations, kind: ObjectType, names: Iterable[str]) -> Show:
    """`show` with the derived ones among the asked-for properties; as it was when none of them is."""
    derived = {name: _DERIVED[kind.name, name] for name in names if (kind.name, name) in _DERIVED}
    if not derived:
        return show

    def shown(record: Record) -> dict[str, Any]:
        answer = show(record)
        for name, derive in derived.items():
            value = derive(associations, answer["id"])
            if value is not None:
                answer["properties"][name] = value
        return answer

    return shown
