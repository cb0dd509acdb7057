"""The administrator's switches as operations of the control.

Belongs here: names and arguments of the operations. Not here: what a switch does (administration.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_pipeline.emulator.control import operation
from crm_pipeline.emulator.salesforce.duplicates import Action
from crm_pipeline.emulator.salesforce.store import SalesforceStore


class Switches:
    """Operations that set up how the organisation refuses and hides."""

    store: SalesforceStore

    @operation
    def enable_state_country_picklists(self) -> None:
        """Let addresses take only known states and countries."""
        self.store.enable_state_country_picklists()

    @operation
    def allow_audit_fields(self) -> None:
        """Let clients set who created a record and when, on creation."""
        self.store.allow_audit_fields()

    @operation
    def set_field_access(self, object: str, field: str, access: str) -> None:
        """`hidden`, `read` or `edit`: what the integration user may do with a field."""
        change = {"hidden": self.store.hide_field, "read": self.store.lock_field, "edit": self.store.show_field}
        if access not in change:
            raise ValueError(f"access is hidden, read or edit, not {access}")
        change[access](object, field)

    @operation
    def set_object_permission(
        self,
        object: str,
        create: bool | None = None,
        read: bool | None = None,
        update: bool | None = None,
        delete: bool | None = None,
    ) -> None:
        """Grant or take what the integration user may do with an object; null leaves it as it is."""
        self.store.set_object_permission(object, create=create, read=read, update=update, delete=delete)

    @operation
    def add_duplicate_rule(
        self, object: str, fields: Sequence[str], action: Action = "alert", against: str | None = None
    ) -> None:
        """Refuse records that equal another in all these fields; `alert` lets a call pass that allows it."""
        self.store.add_duplicate_rule(object, fields, action, against=against)

    @operation
    def add_validation_rule(
        self, object: str, condition: Sequence[tuple[str, str, Any]], message: str, field: str | None = None
    ) -> None:
        """Refuse records for which all clauses [field, operator, value] hold."""
        self.store.add_validation_rule(object, condition, message, field)

    @operation
    def track_fields(self, object: str, fields: Sequence[str]) -> None:
        """Keep the history of these fields and no others of an object, in ContactHistory and the like."""
        self.store.track_fields(object, fields)

    @operation
    def add_permission_set(self, name: str, assigned: bool = True) -> str:
        """Add a permission set, of the integration user or not; gives its id."""
        return self.store.add_permission_set(name, assigned=assigned)

    @operation
    def add_setup_record(self, object: str, fields: Mapping[str, Any]) -> str:
        """Add what only Setup makes, without checks: a FlowDefinitionView, a PackageLicense; gives its id."""
        return self.store.add_setup_record(object, fields)

    @operation
    def add_queue(self, name: str, objects: Sequence[str]) -> str:
        """Add a queue that may own records of these objects; gives its id."""
        return self.store.add_queue(name, objects)
