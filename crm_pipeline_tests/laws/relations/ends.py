"""Laws of the end, when users have stopped and every write is accepted: who must be there, and whom all lead to.

Belongs here: which things cannot be on a side, from what users did. Not here: a single reference (model.py).
"""

from __future__ import annotations

from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import System
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.relations import tables
from crm_pipeline_tests.laws.relations.crm import leads_to
from crm_pipeline_tests.laws.relations.family import Family
from crm_pipeline_tests.laws.relations.ground import OBJECTS, OWNER, OWNERS, PREFIXES, REFERENCES, H, Reference, S
from crm_pipeline_tests.laws.relations.model import Thing, one

Refused = set[tuple[str, System]]


def check_end(family: Family, refused: Refused) -> None:
    """Laws 11, 14, 15 and 26 of a family."""
    for thing in (t for t in family.things if t.into is None):
        for side in System:
            if thing.live(side.other) and not thing.live(side) and not _why_not_there(family, thing, side, refused):
                family.model.wrong(11, f"{side} has no {thing}")
        if not thing.messy and all(len(thing.live(side)) == 1 for side in System):
            _check_references(family, thing)


def _why_not_there(family: Family, thing: Thing, side: System, refused: Refused) -> str:
    """Why a thing may have no record on a side that the other one has."""
    if tables.deleted(family, thing, side):
        return "deleted"
    kind = next(kind for kind in OBJECTS if kind == thing.kind)
    if not family.climate.creates(kind, side):
        return "only updated"
    if side is H and kind == "person" and not _may_come(family, thing):
        return "only updated"
    if any((golden_id, side) in refused for golden_id in thing.golden):
        return "refused"
    return "its parent is refused" if _waits_for_refused(family, thing, side, refused) else ""


def _waits_for_refused(family: Family, thing: Thing, side: System, refused: Refused) -> bool:
    """Whether a record that a new one would lead to was refused: then it waits with it (law 26)."""
    return any(
        not parent.live(side) and "refused" in _why_not_there(family, parent, side, refused)
        for s, record in thing.live(side.other)
        for reference in REFERENCES
        if record.object in reference.names and not reference.many and reference.to is not thing.kind
        for parent in family.leads(s, record, reference)
    )


def _may_come(family: Family, thing: Thing) -> bool:
    return bool(thing.live(S)) and family.climate.creates(next(k for k in OBJECTS if k == "person"), H)


def _check_references(family: Family, thing: Thing) -> None:
    ((_, hubspot),), ((_, salesforce),) = thing.live(H), thing.live(S)
    for reference in REFERENCES:
        if hubspot.object in reference.names and salesforce.object in reference.names:
            held = {H: _led_to(family, H, hubspot, reference), S: _led_to(family, S, salesforce, reference)}
            if reference.many:
                _check_set(family, thing, reference, held)
            else:
                # Salesforce lets a task with a lead be about nothing else
                if reference.name != "deal" or not str(salesforce.fields.get("WhoId")).startswith(PREFIXES["Lead"]):
                    _check_one(family, thing, reference, held, hubspot)
    if hubspot.object in OWNER:
        users = [
            family.users[OWNERS[side].index(str(record.fields[OWNER[record.object]]))]
            for side, record in ((H, hubspot), (S, salesforce))
        ]
        family.model.ends(family.model.slot(thing, "owner"), users[0], users[1], False)


def _led_to(family: Family, side: System, record: Kept, reference: Reference) -> list[Thing]:
    return family.leads(side, record, reference)


def _check_set(family: Family, thing: Thing, reference: Reference, held: dict[System, list[Thing]]) -> None:
    for member in {*held[H], *held[S]}:
        if all(_can_lead(family, side, reference, member) for side in System):
            slot = family.model.slot(thing, reference.name, member)
            at = {side: member if member in held[side] else None for side in System}
            family.model.ends(slot, at[H], at[S], False)


def _check_one(
    family: Family, thing: Thing, reference: Reference, held: dict[System, list[Thing]], record: Kept
) -> None:
    """Of several that HubSpot relates a record to, the one that Salesforce has as well counts."""
    salesforce = next(iter(held[S]), None)
    hubspot = salesforce if salesforce in held[H] else next(iter(held[H]), None)
    ends = [end for end in (hubspot, salesforce) if end]
    unread = family.leads_to_unread(record, reference)
    if not unread and all(_can_lead(family, side, reference, end) for side in System for end in ends):
        mastered = family.climate.rule(reference) == "always_salesforce"
        family.model.ends(family.model.slot(thing, reference.name), hubspot, salesforce, mastered)


def _can_lead(family: Family, side: System, reference: Reference, end: Thing) -> bool:
    """Whether a record of that side can lead to a thing: it has a record there that the reference can hold."""
    names = [name for object_, name in reference.names.items() if object_ in OBJECTS[reference.of][side]]
    objects = {leads_to(name) for name in names if is_relation(name)} or set(OBJECTS[reference.to][side])
    found = one(end)
    return bool(found) and any(r.object in objects for _, r in (found.live(side) if found else ()))
