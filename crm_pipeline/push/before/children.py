"""What belongs to a record that is about to be archived, as it is now: a plan that waited for approval cannot know it.

Salesforce deletes a record's tasks with it, and an account's contacts; HubSpot ends the associations. Belongs here:
which records have something of other people's by now. Not here: what speaks against an archive when it is planned
(plan/records/deletions.py, plan/undo/take_back.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import PermanentError
from crm_pipeline.extract.schema.visibility import may_not_see
from crm_pipeline.model import System, record_key
from crm_pipeline.plan.undo.take_back import UNDO
from crm_pipeline.push.operation import Group
from crm_pipeline.warehouse import Warehouse

_ACTIVITIES = {
    System.HUBSPOT: ("tasks", "calls", "emails", "meetings", "notes"),
    System.SALESFORCE: ("Task", "Event"),
}
#: Objects whose records belong to records of another one.
_CHILDREN = {
    (System.HUBSPOT, "contacts"): ("deals", "tickets"),
    (System.HUBSPOT, "companies"): ("deals", "tickets", "contacts"),
    (System.HUBSPOT, "deals"): ("tickets",),
    (System.HUBSPOT, "tickets"): (),
    (System.SALESFORCE, "Lead"): (),
    (System.SALESFORCE, "Contact"): ("Case", "OpportunityContactRole"),
    (System.SALESFORCE, "Account"): ("Contact", "Case", "Opportunity"),
    (System.SALESFORCE, "Opportunity"): (),
    (System.SALESFORCE, "Case"): (),
}
#: HubSpot ties contacts to companies by itself, by their e-mail addresses; the contacts stay when a company goes.
_LOOSE = "hubspot/contacts/"

#: (record key of the parent, of the child).
_Tied = tuple[str, str]


def with_children(warehouse: Warehouse, crm: Crm, groups: Sequence[Group]) -> set[str]:
    """Record keys of those records to be archived to which something belongs that speaks against it: for an undo what
    we did not make ourselves, else what the plan could not know. `groups`: archives of one object."""
    first = groups[0].first
    if (first.system, first.object) not in _CHILDREN:
        return set()
    tied = _tied(crm, first.object, sorted({g.first.record_id or "" for g in groups}))
    if not tied:
        return set()
    undone = {g.first.record_key for g in groups if g.first.rule == UNDO}
    fine = _made_by_us(warehouse, tied) | _known(warehouse, {parent for parent, _ in tied} - undone)
    return {parent for parent, child in tied - fine if not (parent in undone and child.startswith(_LOOSE))}


def _tied(crm: Crm, object_: str, ids: Sequence[str]) -> set[_Tied]:
    found: set[_Tied] = set()
    for child in (*_CHILDREN[crm.system, object_], *_ACTIVITIES[crm.system]):
        try:
            there = crm.associations(object_, child, ids)
        except PermanentError as error:
            if not may_not_see(error):
                raise
            continue  # nor could the plan see them; the approval is a person's, who may
        found |= {(record_key(crm.system, object_, o.from_id), record_key(crm.system, child, o.to_id)) for o in there}
    return found


def _made_by_us(warehouse: Warehouse, tied: Collection[_Tied]) -> set[_Tied]:
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select distinct record_key from state.link where origin = 'created' "
            "and record_key in (select unnest(?::varchar[]))",
            [sorted({child for _, child in tied})],
        ).fetchall()
    ours = {key for (key,) in rows}
    return {(parent, child) for parent, child in tied if child in ours}


def _known(warehouse: Warehouse, parents: Collection[str]) -> set[_Tied]:
    """What belonged to these records when they were read for the plan."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            """
            with tied as (
                select system || '/' || from_object || '/' || from_id as parent,
                    system || '/' || to_object || '/' || to_id as child
                from raw.association
                union all
                select system || '/' || to_object || '/' || to_id, system || '/' || from_object || '/' || from_id
                from raw.association
            )
            select distinct parent, child from tied where parent in (select unnest(?::varchar[]))
            """,
            [sorted(parents)],
        ).fetchall()
    return {(parent, child) for parent, child in rows}
