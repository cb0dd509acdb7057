"""Associations between records, kept in both directions, with HubSpot's type ids and labels.

A contact's first company becomes its primary company by itself, as in HubSpot's user interface. Association types
defined by users are not emulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid

Pair = tuple[str, str]  # names of the from and the to object type


@dataclass(frozen=True)
class AssociationType:
    """A HubSpot-defined type in one direction; `inverse` is its id in the other; `legacy` its name in v3 answers."""

    type_id: int
    label: str | None
    inverse: int
    legacy: str


#: By direction; the first is the one without a label, which every association has (SDK: AssociationType).
TYPES: dict[Pair, tuple[AssociationType, ...]] = {
    ("contacts", "companies"): (
        AssociationType(279, None, 280, "contact_to_company_unlabeled"),
        AssociationType(1, "Primary", 2, "contact_to_company"),
    ),
    ("companies", "contacts"): (
        AssociationType(280, None, 279, "company_to_contact_unlabeled"),
        AssociationType(2, "Primary", 1, "company_to_contact"),
    ),
}


def types_between(from_object: str, to_object: str) -> dict[int, AssociationType]:
    """Types of a direction by id. Raises HubSpotError 400 when the two cannot be associated here."""
    if (from_object, to_object) not in TYPES:
        raise invalid(f"No association types exist between {from_object} and {to_object}")
    return {kind.type_id: kind for kind in TYPES[from_object, to_object]}


def default_type(from_object: str, to_object: str) -> AssociationType:
    """The type without a label."""
    types_between(from_object, to_object)
    return TYPES[from_object, to_object][0]


def known_type(from_object: str, to_object: str, category: Any, type_id: Any) -> AssociationType:
    """The type that a request names. Raises HubSpotError 400 for one that does not exist in this direction."""
    kind = types_between(from_object, to_object).get(type_id) if isinstance(type_id, int) else None
    if category != "HUBSPOT_DEFINED" or kind is None:
        raise invalid(f"invalid association type: {category} {type_id} between {from_object} and {to_object}")
    return kind


def type_from(from_object: str, category: Any, type_id: Any) -> tuple[str, AssociationType]:
    """The type that a create call names for a new record, and the object type it leads to. Raises HubSpotError 400."""
    for (start, end), kinds in TYPES.items():
        if start == from_object and any(kind.type_id == type_id for kind in kinds):
            return end, known_type(start, end, category, type_id)
    raise invalid(f"invalid association type: {category} {type_id} from {from_object}")


@dataclass
class Associations:
    """All associations of a portal: direction -> from id -> to id -> type ids, in the order they were made."""

    links: dict[Pair, dict[str, dict[str, list[int]]]] = field(default_factory=lambda: {pair: {} for pair in TYPES})

    def of(self, from_object: str, from_id: str, to_object: str) -> dict[str, list[int]]:
        """To id -> type ids of one record's associations."""
        types_between(from_object, to_object)
        return self.links[from_object, to_object].get(from_id, {})

    def add(self, from_object: str, from_id: str, to_object: str, to_id: str, kind: AssociationType) -> None:
        """Associate two records by `kind`, which also gives them the type without a label."""
        self._add_both(from_object, from_id, to_object, to_id, default_type(from_object, to_object))
        contact, company = (from_id, to_id) if from_object == "contacts" else (to_id, from_id)
        has_primary = any(1 in types for types in self.of("contacts", contact, "companies").values())
        if kind.label == "Primary" or not has_primary:
            self._make_primary(contact, company)

    def remove(self, from_object: str, from_id: str, to_object: str, to_id: str) -> None:
        """End all associations between two records; none is not an error."""
        for (start, start_id), (end, end_id) in (
            ((from_object, from_id), (to_object, to_id)),
            ((to_object, to_id), (from_object, from_id)),
        ):
            of_record = self.links[start, end].get(start_id, {})
            of_record.pop(end_id, None)
            if not of_record:
                self.links[start, end].pop(start_id, None)

    def remove_label(self, from_object: str, from_id: str, to_object: str, to_id: str, kind: AssociationType) -> None:
        """Take one label off an association. Raises HubSpotError 400 for the type without a label."""
        if kind.label is None:
            raise invalid(f"Association type {kind.type_id} has no label; archive the association instead")
        self._discard(from_object, from_id, to_object, to_id, kind.type_id)
        self._discard(to_object, to_id, from_object, from_id, kind.inverse)

    def remove_record(self, object_name: str, record_id: str) -> None:
        """End all associations of a record that is gone."""
        for start, end in TYPES:
            if start == object_name:
                for to_id in list(self.of(start, record_id, end)):
                    self.remove(start, record_id, end, to_id)

    def move_record(self, object_name: str, old_ids: Sequence[str], new_id: str) -> None:
        """Give a merged record the associations of those it was made of; the first one's primary stays primary."""
        for start, end in TYPES:
            if start != object_name:
                continue
            moved = [(to_id, list(types)) for old in old_ids for to_id, types in self.of(start, old, end).items()]
            for old in old_ids:
                self.remove_record(start, old)
            types = types_between(start, end)
            for to_id, type_ids in reversed(moved):
                for type_id in type_ids:
                    self.add(start, new_id, end, to_id, types[type_id])

    def _add_both(self, from_object: str, from_id: str, to_object: str, to_id: str, kind: AssociationType) -> None:
        for pair, start, end, type_id in (
            ((from_object, to_object), from_id, to_id, kind.type_id),
            ((to_object, from_object), to_id, from_id, kind.inverse),
        ):
            type_ids = self.links[pair].setdefault(start, {}).setdefault(end, [])
            if type_id not in type_ids:
                type_ids.insert(0 if kind.label else len(type_ids), type_id)

    def _make_primary(self, contact: str, company: str) -> None:
        for other in self.of("contacts", contact, "companies"):
            self._discard("contacts", contact, "companies", other, 1)
            self._discard("companies", other, "contacts", contact, 2)
        primary = types_between("contacts", "companies")[1]
        self._add_both("contacts", contact, "companies", company, primary)

    def _discard(self, from_object: str, from_id: str, to_object: str, to_id: str, type_id: int) -> None:
        type_ids = self.links[from_object, to_object].get(from_id, {}).get(to_id, [])
        if type_id in type_ids:
            type_ids.remove(type_id)


def no_associations(from_singular: str, from_id: str, to_singular: str) -> HubSpotError:
    """The 207 entry for a record without associations: normal, not a failure."""
    return HubSpotError(
        404,
        f"No {to_singular} is associated with {from_singular} {from_id}.",
        "OBJECT_NOT_FOUND",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={
            "fromObjectId": [from_id],
            "fromObjectType": [from_singular],
            "toObjectType": [to_singular],
        },
    )
