"""What a write to one record changes in others.

Belongs here: dates of the last activity, open activities of an opportunity, its primary contact, the contact's fields
that a case shows, what a permission set grants. Not here: operations that people start (lifecycle.py).

The changed records move in SystemModstamp and not in LastModifiedDate (facts 3.2). Source: Object Reference
(LastActivityDate: the latest of the dates of events and of closed tasks). Choice: open activities are counted when an
activity is written, not when its time passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce import field_permissions
from crm_pipeline.emulator.salesforce.computed import CASE_FROM_CONTACT
from crm_pipeline.emulator.salesforce.rows import Row

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records

_DATED = ("001", "003", "00Q", "006")
"""Key prefixes of the objects with LastActivityDate."""


def follow(store: Records, object_: str, before: Row | None, after: Row) -> None:
    """Carry the change of a record (`before` None: created) over to the records it touches."""
    handler = _BY_OBJECT.get(object_)
    if handler is not None:
        handler(store, before, after)


def _activity(store: Records, before: Row | None, after: Row) -> None:
    for record_id in dict.fromkeys([*_targets(before), *_targets(after)]):
        sobject = store.schema.by_prefix(record_id)
        row = store.rows.get(sobject.name, record_id) if sobject is not None else None
        if row is None or sobject is None or row.get("IsDeleted"):
            continue
        changes = {"LastActivityDate": _last_activity(store, record_id, row, before, after)}
        if sobject.name == "Opportunity":
            changes |= _open_activities(store, record_id)
        _put(store, sobject.name, row, changes, stamp=True)


def _last_activity(store: Records, record_id: str, row: Row, before: Row | None, after: Row) -> Any:
    known = row["LastActivityDate"]
    old = _counted(before) if record_id in _targets(before) else None
    new = _counted(after) if record_id in _targets(after) else None
    if new is not None and (known is None or new > known):
        return new
    if old is None or old != known or new == old:
        return known
    return max((date for activity in _activities(store, record_id) if (date := _counted(activity))), default=None)


def _open_activities(store: Records, record_id: str) -> dict[str, Any]:
    now, today = store.now_text(), store.clock.now().astimezone(store.zone).date().isoformat()
    related = [activity for activity in _activities(store, record_id) if activity["WhatId"] == record_id]
    tasks = [activity for activity in related if activity.get("IsClosed") is False]
    coming = any((activity.get("EndDateTime") or "") > now for activity in related)
    overdue = any((task["ActivityDate"] or today) < today for task in tasks)
    return {"HasOpenActivity": bool(tasks) or coming, "HasOverdueTask": overdue}


def _activities(store: Records, record_id: str) -> Iterator[Row]:
    return (row for sobject, _, row in store.rows.referring(record_id) if sobject.name in ("Task", "Event"))


def _targets(activity: Row | None) -> list[str]:
    if activity is None:
        return []
    named = (activity["WhoId"], activity["WhatId"], activity["AccountId"])
    return [record_id for record_id in named if record_id is not None and record_id.startswith(_DATED)]


def _counted(activity: Row | None) -> Any:
    """The date that an activity gives to LastActivityDate; None for an open task or a deleted record."""
    if activity is None or activity["IsDeleted"] or activity.get("IsClosed") is False:
        return None
    return activity["ActivityDate"]


def _contact_role(store: Records, before: Row | None, after: Row) -> None:
    """An opportunity has one primary contact at most; its ContactId shows who that is."""
    opportunity = store.rows.get("Opportunity", after["OpportunityId"])
    if opportunity is None or opportunity["IsDeleted"]:
        return
    primary = None
    for sobject, _, role in list(store.rows.referring(opportunity["Id"])):
        if sobject.name != "OpportunityContactRole" or not role["IsPrimary"]:
            continue
        if role["Id"] == after["Id"] or not after["IsPrimary"]:
            primary = role["ContactId"]
        else:
            _put(store, "OpportunityContactRole", role, {"IsPrimary": False}, stamp=True)
    _put(store, "Opportunity", opportunity, {"ContactId": primary}, stamp=False)


def _contact(store: Records, before: Row | None, after: Row) -> None:
    if before is None or all(before[name] == after[name] for name in CASE_FROM_CONTACT.values()):
        return
    shown = {name: after[source] for name, source in CASE_FROM_CONTACT.items()}
    for sobject, _, case in list(store.rows.referring(after["Id"])):
        if sobject.name == "Case":
            _put(store, "Case", case, shown, stamp=False)


def _opportunity(store: Records, before: Row | None, after: Row) -> None:
    """ContactId of a new opportunity makes that contact its primary one."""
    if before is None and after["ContactId"] is not None:
        role = {"OpportunityId": after["Id"], "ContactId": after["ContactId"], "IsPrimary": True}
        store.create("OpportunityContactRole", role, user_id=after["CreatedById"])


def _put(store: Records, object_: str, row: Row, changes: dict[str, Any], *, stamp: bool) -> None:
    if any(row[name] != value for name, value in changes.items()):
        store.rows.put(object_, row.changed(changes | ({"SystemModstamp": store.now_text()} if stamp else {})))


_BY_OBJECT: dict[str, Callable[[Records, Row | None, Row], None]] = {
    "Task": _activity,
    "Event": _activity,
    "OpportunityContactRole": _contact_role,
    "Contact": _contact,
    "Opportunity": _opportunity,
    "FieldPermissions": field_permissions.follow,
}
