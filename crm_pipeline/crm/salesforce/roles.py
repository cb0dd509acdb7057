"""The people of opportunities (OpportunityContactRole): a relation that is a record of its own.

Belongs here: reading, making and ending it. It has no key of ours, so that whoever makes one must have read before.
Not here: look-up fields, which are written like any other field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_pipeline.crm.protocol import Association, Outcome, Tie, Write, WriteResult
from crm_pipeline.crm.salesforce import reading, writing
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.wire import Wire

OBJECT = "OpportunityContactRole"
ENDS = ("Opportunity", "Contact")
_FIELDS = ("Id", "OpportunityId", "ContactId", "IsPrimary", "Role")


def associations(wire: Wire, ids: Sequence[str]) -> list[Association]:
    """The people of these opportunities; a person with several roles comes once for each."""
    return [
        Association(
            *(ENDS[0], to_18(row["OpportunityId"]), ENDS[1], to_18(row["ContactId"])),
            primary=bool(row["IsPrimary"]),
            label=row["Role"] or "",
        )
        for row in _rows(wire, ids)
    ]


def associate(wire: Wire, ties: Sequence[Tie]) -> list[WriteResult]:
    """Make roles, and end all of a person. A role that is not there has ended."""
    making = [
        Write(tie.token, {"OpportunityId": tie.from_id, "ContactId": tie.to_id}, key=f"{tie.from_id}/{tie.to_id}")
        for tie in ties
        if not tie.ends
    ]
    ending = [tie for tie in ties if tie.ends]
    return [*_ended(wire, ending), *writing.insert(wire, OBJECT, making)]


def _ended(wire: Wire, ties: Sequence[Tie]) -> list[WriteResult]:
    if not ties:
        return []
    roles: dict[tuple[str, str], list[str]] = {}
    for row in _rows(wire, [tie.from_id for tie in ties]):
        roles.setdefault((to_18(row["OpportunityId"]), to_18(row["ContactId"])), []).append(to_18(row["Id"]))
    of = {tie.token: roles.get((to_18(tie.from_id), to_18(tie.to_id)), []) for tie in ties}
    found = {one.token: one for one in writing.delete(wire, OBJECT, [role for mine in of.values() for role in mine])}
    results = []
    for tie in ties:
        bad = [found[role] for role in of[tie.token] if found[role].outcome is not Outcome.LANDED]
        worst = bad[0] if bad else WriteResult("", Outcome.LANDED)
        results.append(WriteResult(tie.token, worst.outcome, tie.from_id, worst.status, worst.code, worst.message))
    return results


def _rows(wire: Wire, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    query = wire.shape(OBJECT).everything(_FIELDS)
    return [*reading.by_value(wire, query, "OpportunityId", [to_18(one) for one in ids])]
