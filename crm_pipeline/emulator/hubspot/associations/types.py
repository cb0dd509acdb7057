"""The association types of a portal: HubSpot's own between all pairs of object types, and labels that users define.

Belongs here: ids, labels, names, inverses, creating and deleting labels. Not here: which records are associated.

Ids and names: SDK `AssociationType` and the table in HubSpot's associations v4 guide. Labels of the company side
("Contact with Primary Company"): answers of real portals in public repositories. Choices where that is not documented:
user-defined types are numbered from 1 in pairs; a label has at most 50 characters and there are at most 50 per pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm_pipeline.emulator.hubspot.associations.errors import unknown_name, unknown_type, wrong_direction
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid
from crm_pipeline.emulator.hubspot.object_types import object_type

Pair = tuple[str, str]  # names of the from and the to object type

HUBSPOT_DEFINED, USER_DEFINED = "HUBSPOT_DEFINED", "USER_DEFINED"
CATEGORIES = (HUBSPOT_DEFINED, USER_DEFINED, "INTEGRATOR_DEFINED", "WORK")
MOST_LABELS, LONGEST_LABEL = 50, 50


@dataclass(frozen=True, slots=True)
class AssociationType:
    """A type in one direction; `inverse` is its id in the other; `legacy` its name in v3 answers."""

    type_id: int
    label: str | None
    inverse: int
    legacy: str
    category: str = HUBSPOT_DEFINED

    @property
    def key(self) -> tuple[str, int]:
        """What a request names a type by; ids alone are unique only within a category."""
        return self.category, self.type_id

    @property
    def primary(self) -> bool:
        """Whether it marks a record's primary company."""
        return self.category == HUBSPOT_DEFINED and self.type_id in _PRIMARY

    def shown(self) -> dict[str, Any]:
        """The type as answers show it."""
        return {"category": self.category, "typeId": self.type_id, "label": self.label}


_PRIMARY = {1, 2, 5, 6, 25, 26}

#: Types without a label, the defaults: from and to object type, id forward, id back.
_UNLABELED = (
    ("deal", "contact", 3, 4),
    ("contact", "ticket", 15, 16),
    ("deal", "ticket", 27, 28),
    ("company", "call", 181, 182),
    ("company", "email", 185, 186),
    ("company", "meeting", 187, 188),
    ("company", "note", 189, 190),
    ("company", "task", 191, 192),
    ("contact", "call", 193, 194),
    ("contact", "email", 197, 198),
    ("contact", "meeting", 199, 200),
    ("contact", "note", 201, 202),
    ("contact", "task", 203, 204),
    ("deal", "call", 205, 206),
    ("deal", "email", 209, 210),
    ("deal", "meeting", 211, 212),
    ("deal", "note", 213, 214),
    ("deal", "task", 215, 216),
    ("ticket", "call", 219, 220),
    ("ticket", "email", 223, 224),
    ("ticket", "meeting", 225, 226),
    ("ticket", "note", 227, 228),
    ("ticket", "task", 229, 230),
    ("call", "meeting", 399, 400),
    ("contact", "contact", 449, 449),
    ("company", "company", 450, 450),
    ("deal", "deal", 451, 451),
    ("ticket", "ticket", 452, 452),
)
#: record with a primary company, its unlabeled ids forward and back, its primary ids forward and back.
_WITH_PRIMARY = (("contact", 279, 280, 1, 2), ("deal", 341, 342, 5, 6), ("ticket", 339, 340, 26, 25))

_PLURAL = {"company": "companies"}


def _plural(singular: str) -> str:
    return _PLURAL.get(singular, singular + "s")


def _hubspot_defined() -> Iterator[tuple[Pair, AssociationType]]:
    for one, other, forward, back in _UNLABELED:
        yield (_plural(one), _plural(other)), AssociationType(forward, None, back, f"{one}_to_{other}")
        if forward != back:
            yield (_plural(other), _plural(one)), AssociationType(back, None, forward, f"{other}_to_{one}")
    for one, forward, back, primary, primary_back in _WITH_PRIMARY:
        to, fro = (_plural(one), "companies"), ("companies", _plural(one))
        yield to, AssociationType(forward, None, back, f"{one}_to_company_unlabeled")
        yield to, AssociationType(primary, "Primary", primary_back, f"{one}_to_company")
        yield fro, AssociationType(back, None, forward, f"company_to_{one}_unlabeled")
        label = f"{one.capitalize()} with Primary Company"
        yield fro, AssociationType(primary_back, label, primary, f"company_to_{one}")
    both = ("companies", "companies")
    yield both, AssociationType(13, "Child Company", 14, "parent_to_child_company")
    yield both, AssociationType(14, "Parent Company", 13, "child_to_parent_company")


def _by_pair() -> dict[Pair, tuple[AssociationType, ...]]:
    pairs: dict[Pair, tuple[AssociationType, ...]] = {}
    for pair, kind in _hubspot_defined():
        pairs[pair] = (*pairs.get(pair, ()), kind)
    return pairs


#: HubSpot's own types by direction; the first is the one without a label, which every association has.
TYPES: dict[Pair, tuple[AssociationType, ...]] = _by_pair()


@dataclass
class AssociationTypes:
    """The types of one portal: HubSpot's, and `defined`, those that its users made."""

    defined: dict[Pair, dict[int, AssociationType]] = field(default_factory=dict)
    next_id: int = 1

    def between(self, from_object: str, to_object: str) -> tuple[AssociationType, ...]:
        """Types of a direction, the one without a label first; empty when the two cannot be associated here."""
        own = TYPES.get((from_object, to_object), ())
        return (*own, *self.defined.get((from_object, to_object), {}).values())

    def default(self, from_object: str, to_object: str) -> AssociationType:
        """The type without a label. Raises HubSpotError 400 when the two cannot be associated."""
        kinds = TYPES.get((from_object, to_object))
        if not kinds:
            raise invalid(f"No association types exist between {from_object} and {to_object}")
        return kinds[0]

    def known(self, from_object: str, to_object: str, category: Any, type_id: Any) -> AssociationType:
        """The type that a request names. Raises HubSpotError 400 for one that does not exist in this direction."""
        for kind in self.between(from_object, to_object):
            if kind.key == (category, type_id) and not isinstance(type_id, bool):
                return kind
        raise unknown_type(category, type_id)

    def named(self, from_object: str, to_object: str, name: str) -> AssociationType:
        """The type that a v3 request names: by name in any capitalisation, or by id. Raises HubSpotError 400."""
        wanted = name.lower()
        for kind in self.between(from_object, to_object):
            if wanted in (kind.legacy, str(kind.type_id)):
                return kind
        raise unknown_name(name, from_object, to_object)

    def leading_from(self, from_object: str, category: Any, type_id: Any) -> tuple[str, AssociationType]:
        """A type named by a create call for a new record, and the object type it leads to. Raises HubSpotError 400."""
        wanted = (category, None if isinstance(type_id, bool) else type_id)
        found = [
            (start, end, kind)
            for start, end in {**TYPES, **self.defined}
            for kind in self.between(start, end)
            if kind.key == wanted
        ]
        for start, end, kind in found:
            if start == from_object:
                return end, kind
        if found:
            raise wrong_direction(object_type(from_object).type_id, object_type(found[0][0]).type_id)
        raise unknown_type(category, type_id)

    def inverse(self, from_object: str, to_object: str, kind: AssociationType) -> AssociationType:
        """The same type seen from the other side."""
        return self.known(to_object, from_object, kind.category, kind.inverse)

    def define(
        self, from_object: str, to_object: str, name: str, label: str, inverse_label: str | None
    ) -> list[AssociationType]:
        """Create a label; its types in both directions, in this order. Raises HubSpotError 400.

        Without `inverse_label` the label reads the same from both sides: one type within one object type, otherwise
        two with the same label.
        """
        self.default(from_object, to_object)
        self._check_label(from_object, to_object, label)
        self._check_label(to_object, from_object, inverse_label or label)
        if any(name == kind.legacy for kind in self.between(from_object, to_object)):
            raise invalid(f"An association definition with the name {name} already exists")
        first, second = self.next_id, self.next_id + 1
        self.next_id += 2
        if from_object == to_object and inverse_label in (None, label):
            kinds = [AssociationType(first, label, first, name, USER_DEFINED)]
        else:
            kinds = [
                AssociationType(first, label, second, name, USER_DEFINED),
                AssociationType(second, inverse_label or label, first, name, USER_DEFINED),
            ]
        for kind, pair in zip(kinds, ((from_object, to_object), (to_object, from_object)), strict=False):
            self.defined.setdefault(pair, {})[kind.type_id] = kind
        return kinds

    def relabel(
        self, from_object: str, to_object: str, type_id: int, label: str, inverse_label: str | None
    ) -> dict[AssociationType, AssociationType]:
        """Change a label; the old types and the new ones. Raises HubSpotError 400."""
        old = self._own(from_object, to_object, type_id)
        other = self.inverse(from_object, to_object, old)
        self._check_label(from_object, to_object, label, old.type_id)
        changed = {old: AssociationType(old.type_id, label, old.inverse, old.legacy, USER_DEFINED)}
        if other is not old:
            text = inverse_label or (label if other.label == old.label else other.label)
            changed[other] = AssociationType(other.type_id, text, other.inverse, other.legacy, USER_DEFINED)
        for kind in changed.values():
            for pair in ((from_object, to_object), (to_object, from_object)):
                if kind.type_id in self.defined.get(pair, {}):
                    self.defined[pair][kind.type_id] = kind
        return changed

    def undefine(self, from_object: str, to_object: str, type_id: int) -> set[AssociationType]:
        """Delete a label in both directions; its types. Raises HubSpotError 400 for one that HubSpot defines."""
        kind = self._own(from_object, to_object, type_id)
        gone = {kind, self.inverse(from_object, to_object, kind)}
        for pair in ((from_object, to_object), (to_object, from_object)):
            for one in gone:
                self.defined.get(pair, {}).pop(one.type_id, None)
        return gone

    def _own(self, from_object: str, to_object: str, type_id: int) -> AssociationType:
        kind = self.defined.get((from_object, to_object), {}).get(type_id)
        if kind is None:
            raise HubSpotError(
                400, f"Association type {type_id} is not a label that this account defined", "VALIDATION_ERROR"
            )
        return kind

    def _check_label(self, from_object: str, to_object: str, label: str, own: int | None = None) -> None:
        others = [kind for kind in self.between(from_object, to_object) if kind.type_id != own]
        if not label or len(label) > LONGEST_LABEL:
            raise invalid(f"A label must have between 1 and {LONGEST_LABEL} characters")
        if any(kind.label == label for kind in others):
            raise invalid(f"A label with the name {label} already exists between {from_object} and {to_object}")
        if sum(kind.category == USER_DEFINED for kind in others) >= MOST_LABELS:
            raise invalid(f"{from_object} and {to_object} already have {MOST_LABELS} labels")
