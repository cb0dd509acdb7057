"""What an administrator of an organisation looks at and sets up: permissions, rules, custom fields, who sees them.

Belongs here: the calls. Not here: what is wanted (connecting/), records.
Source: facts/salesforce.md 3.11; Object Reference "UserPermissionAccess", "FieldPermissions", "FlowDefinitionView",
"DuplicateRule", "PackageLicense"; Tooling API guide "CustomField", "ValidationRule".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.crm.salesforce import soql
from crm_pipeline.crm.salesforce.answers import expected
from crm_pipeline.crm.salesforce.wire import Row, Wire
from crm_pipeline.errors import DailyLimitError, PermanentError

#: Namespace of the package by which HubSpot's own connector is installed.
CONNECTOR = "HubSpot_Inc"
_CANNOT_SEE = (400, 403, 404)


@dataclass(frozen=True)
class Organisation:
    """`edition` as Salesforce calls it; `calls`: used today, and allowed; None where that cannot be seen."""

    edition: str
    calls: tuple[int, int] | None


def organisation(wire: Wire) -> Organisation:
    """Two calls. Raises CrmError when the login is not accepted."""
    rows = listed(wire, soql.select(["OrganizationType"], "Organization")) or [{}]
    try:
        day = expected(wire.ask("GET", "limits"), "DailyApiRequests")["DailyApiRequests"]
        calls = (day["Max"] - day["Remaining"], day["Max"])
    except DailyLimitError:
        raise
    except PermanentError:
        calls = None
    return Organisation(str(rows[0].get("OrganizationType") or ""), calls)


def permissions(wire: Wire, names: Sequence[str]) -> Mapping[str, bool]:
    """Which of these permissions (`PermissionsViewSetup`) the integration user has; those that Salesforce tells."""
    try:
        there = [name for name in names if name in wire.shape("UserPermissionAccess").fields]
    except DailyLimitError:
        raise
    except PermanentError:
        return {}
    rows = listed(wire, soql.select(there, "UserPermissionAccess")) if there else None
    return {name: bool(rows[0].get(name)) for name in there} if rows else {}


def listed(wire: Wire, query: str, *, tooling: bool = False) -> list[Row] | None:
    """The first rows of a query on the set-up; None if the user may not see it."""
    try:
        if tooling:
            answer = expected(wire.ask("GET", "tooling/query", params={"q": query}), "records")
            return list(answer["records"])
        return next(wire.batches(query)).rows
    except DailyLimitError:
        raise
    except PermanentError as error:
        if error.status not in _CANNOT_SEE:
            raise
        return None


def custom_field(wire: Wire, object_: str, name: str) -> bool | None:
    """Whether the custom field is defined, seen by the integration user or not; None if that cannot be told."""
    conditions = (
        f"DeveloperName = {soql.quoted(name.removesuffix('__c'))}",
        f"TableEnumOrId = {soql.quoted(defined_on(object_))}",
    )
    rows = listed(wire, soql.select(["Id"], "CustomField", conditions), tooling=True)
    return None if rows is None else bool(rows)


def defined_on(object_: str) -> str:
    """The object on which a custom field of `object_` is defined: tasks and events share theirs."""
    return "Activity" if object_ in ("Task", "Event") else object_


def create_field(wire: Wire, object_: str, name: str, metadata: Mapping[str, Any]) -> None:
    """Define a custom field; nobody sees it yet. Raises PermanentError when Salesforce refuses it."""
    body = {"FullName": f"{defined_on(object_)}.{name}", "Metadata": dict(metadata)}
    wire.ask("POST", "tooling/sobjects/CustomField", json=body)


def permission_set(wire: Wire, name: str) -> str | None:
    """The id of a permission set by its API name; "" if there is none, None if that cannot be seen."""
    rows = listed(wire, soql.select(["Id"], "PermissionSet", [f"Name = {soql.quoted(name)}"]))
    return None if rows is None else next((str(row["Id"]) for row in rows), "")


def is_assigned(wire: Wire, permission_set_id: str) -> bool:
    """Whether the user that is logged in has the permission set."""
    user = wire.tokens.current().user_id
    conditions = (f"PermissionSetId = {soql.quoted(permission_set_id)}", f"AssigneeId = {soql.quoted(user)}")
    return bool(listed(wire, soql.select(["Id"], "PermissionSetAssignment", conditions)))


def grant(wire: Wire, permission_set_id: str, object_: str, field: str) -> None:
    """Let the users of a permission set read and edit a field. Raises PermanentError when Salesforce refuses it."""
    conditions = (
        f"ParentId = {soql.quoted(permission_set_id)}",
        f"SobjectType = {soql.quoted(object_)}",
        f"Field = {soql.quoted(f'{object_}.{field}')}",
    )
    rows = listed(wire, soql.select(["Id"], "FieldPermissions", conditions))
    granted = {"PermissionsRead": True, "PermissionsEdit": True}
    if rows:
        wire.ask("PATCH", f"sobjects/FieldPermissions/{rows[0]['Id']}", json=granted)
        return
    where = {"ParentId": permission_set_id, "SobjectType": object_, "Field": f"{object_}.{field}"}
    wire.ask("POST", "sobjects/FieldPermissions", json={**where, **granted})
