"""Field permissions of a permission set: what they let the integration user see.

Source: Object Reference "FieldPermissions", "PermissionSetAssignment". Choice: a field is hidden from the integration
user or not as a whole; what one permission set grants no other takes away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records


def follow(store: Records, before: Row | None, after: Row) -> None:
    """Show the field, or lock it, if the permission set is one of the integration user's."""
    object_, _, name = str(after["Field"]).partition(".")
    sobject = store.schema.find(object_)
    known = sobject.find_any(name) if sobject is not None and object_ == after["SobjectType"] else None
    if sobject is None or known is None:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"Field {after['Field']} does not exist", ["Field"])
    if after["PermissionsEdit"] and not after["PermissionsRead"]:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", "Edit needs Read", ["PermissionsEdit"])
    assigned = store.rows.tables["PermissionSetAssignment"].live()
    who = {row["AssigneeId"] for row in assigned if row["PermissionSetId"] == after["ParentId"]}
    if store.integration_user_id in who and after["PermissionsRead"]:
        sobject.hidden.discard(known.name)
        (sobject.locked.discard if after["PermissionsEdit"] else sobject.locked.add)(known.name)
