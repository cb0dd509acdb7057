"""What an administrator of the organisation can switch, and the state of these switches in a saved file.

Belongs here: rules, features, permissions of the API user, queues. Not here: what a switch does to a record
(duplicates.py, rules.py, state_country.py, validation.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_pipeline.emulator.salesforce import field_history, standard_values, state_country
from crm_pipeline.emulator.salesforce.duplicates import Action, DuplicateRule
from crm_pipeline.emulator.salesforce.records import Records
from crm_pipeline.emulator.salesforce.rules import Condition, ValidationRule

_AUDIT_FIELDS = ("CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate")
_USE_ONE = "Use one of these records?"
_NEVER_HIDDEN = ("Id", "IsDeleted", "Name", "SystemModstamp", *_AUDIT_FIELDS)


class Administered(Records):
    """Records with the switches of their organisation. Every switch can be set at any time, and is saved."""

    def enable_state_country_picklists(self) -> None:
        """Let addresses take only known states and countries, and tell their codes in `…StateCode`, `…CountryCode`.

        Records that there are keep their texts, and get the codes of those that are known.
        """
        if self.state_country_picklists:
            return
        with self.lock:
            self.state_country_picklists = True
            for sobject in self.schema.objects.values():
                added = state_country.code_fields(sobject)
                for entry in added:
                    self.rows.add_field(sobject, self.schema.add_standard_field(sobject.name, entry))
                for row in list(self.rows.tables[sobject.name].values()) if added else ():
                    self.rows.put(sobject.name, row.changed(state_country.known_codes(sobject, row)))

    def allow_audit_fields(self) -> None:
        """Let clients set who created and changed a record and when, on creation only ("Set Audit Fields")."""
        self.audit_fields = True
        for sobject in self.schema.objects.values():
            for name in _AUDIT_FIELDS:
                field = sobject.fields.get(name)
                if field is not None and sobject.described["createable"]:
                    field.createable = field.described["createable"] = True

    def hide_field(self, object_: str, field: str) -> None:
        """Take a field from clients: neither describe nor any answer shows it, and it is unknown in requests.

        Raises KeyError for an unknown field, ValueError for one that everybody sees.
        """
        name = self._permissionable(object_, field)
        self.schema.objects[object_].hidden.add(name)

    def show_field(self, object_: str, field: str) -> None:
        """Let clients see and write a field again."""
        name = self._permissionable(object_, field)
        self.schema.objects[object_].hidden.discard(name)
        self.schema.objects[object_].locked.discard(name)

    def lock_field(self, object_: str, field: str) -> None:
        """Let clients read a field only: writes answer INVALID_FIELD_FOR_INSERT_UPDATE."""
        self.schema.objects[object_].locked.add(self._permissionable(object_, field))

    def set_object_permission(
        self,
        object_: str,
        *,
        create: bool | None = None,
        read: bool | None = None,
        update: bool | None = None,
        delete: bool | None = None,
    ) -> None:
        """Grant or take what clients may do with an object and its history; None leaves it as it is."""
        given = {"create": create, "read": read, "update": update, "delete": delete}
        history = self.schema.objects.get(field_history.HISTORIES.get(object_, ("",))[0])
        for sobject in (self.schema.objects[object_], *([history] if history else [])):
            for action, granted in given.items():
                if granted is not None:
                    (sobject.denied.discard if granted else sobject.denied.add)(action)

    def track_fields(self, object_: str, fields: Sequence[str]) -> None:
        """Keep the field history of these fields and no others: `field_history.track` says which errors it raises."""
        with self.lock:
            field_history.track(self, object_, fields)

    def add_duplicate_rule(
        self,
        object_: str,
        fields: Sequence[str],
        action: Action = "alert",
        *,
        against: str | None = None,
        name: str | None = None,
        message: str = _USE_ONE,
    ) -> None:
        """Refuse records that equal another of `against` (the same object unless given) in all these fields.

        `alert` lets a call pass that allows to save (header Sforce-Duplicate-Rule-Header), `block` none. Raises
        KeyError when one of the objects has no such field.
        """
        other = against or object_
        for known in (self.schema.objects[object_], self.schema.objects[other]):
            for field in fields:
                known.fields[field]  # KeyError for an unknown field
        if action not in ("alert", "block"):
            raise ValueError(f"A duplicate rule alerts or blocks; {action} is neither.")
        rule_name = name or f"Standard_{object_}_Duplicate_Rule"
        self.duplicate_rules.append(DuplicateRule(rule_name, object_, other, tuple(fields), action, message))
        told = {"DeveloperName": rule_name, "MasterLabel": rule_name, "SobjectType": object_, "IsActive": True}
        self.add_setup_record("DuplicateRule", told)

    def add_validation_rule(self, object_: str, condition: Condition, message: str, field: str | None = None) -> None:
        """Refuse records for which the condition holds: clauses (field, operator, value) that must all hold, or a
        function of the record. Operators are those of rules.py. An organisation with a function cannot be saved."""
        self.validation_rules.append(ValidationRule(object_, condition, message, field))

    def add_queue(self, name: str, objects: Sequence[str]) -> str:
        """Add a queue that may own records of these objects (Lead, Case, Task, ...); returns its id."""
        with self.transaction():
            queue = self.add_setup_record(
                "Group", {"Name": name, "DeveloperName": name, "Type": "Queue", "OwnerId": self.admin_user_id}
            )
            for object_ in objects:
                self.add_setup_record("QueueSobject", {"QueueId": queue, "SobjectType": object_})
        return queue

    def add_permission_set(self, name: str, *, assigned: bool = True) -> str:
        """Add a permission set, by default one of the integration user's; returns its id."""
        with self.transaction():
            added = self.add_setup_record("PermissionSet", {"Name": name, "Label": name.replace("_", " ")})
            if assigned:
                link = {"PermissionSetId": added, "AssigneeId": self.integration_user_id}
                self.add_setup_record("PermissionSetAssignment", link)
        return added

    def add_setup_record(self, object_: str, values: Mapping[str, Any]) -> str:
        """Add a record of an object that the API cannot create, without checks; returns its id."""
        row = self.blank_row(self.schema.objects[object_], self.admin_user_id)
        self.replace(object_, row, values, self.admin_user_id)
        return str(values.get("Id", row["Id"]))

    def set_up_standard_values(self) -> None:
        """Add stages, statuses and profiles of a new organisation."""
        for object_, values in standard_values.records():
            self.add_setup_record(object_, values)
        added = {
            name: self.add_setup_record("Profile", {"Name": name, "UserType": "Standard"})
            for name in standard_values.PROFILES
        }
        self.default_profile_id = added["Standard User"]
        for user_id, profile in (
            (self.admin_user_id, "System Administrator"),
            (self.integration_user_id, "Minimum Access - API Only Integrations"),
        ):
            self.replace("User", self.live_row("User", user_id), {"ProfileId": added[profile]}, self.admin_user_id)

    def switches(self) -> dict[str, Any]:
        """The state of all switches as JSON values. ValueError when a validation rule is a function."""
        restrictions = {
            sobject.name: [sorted(sobject.hidden), sorted(sobject.locked), sorted(sobject.denied)]
            for sobject in self.schema.objects.values()
            if sobject.hidden or sobject.locked or sobject.denied
        }
        return {
            "state_country_picklists": self.state_country_picklists,
            "audit_fields": self.audit_fields,
            "restrictions": restrictions,
            "tracked": self.tracked,
            "duplicate_rules": [rule.dump() for rule in self.duplicate_rules],
            "validation_rules": [rule.dump() for rule in self.validation_rules],
        }

    def set_switches(self, saved: Mapping[str, Any]) -> None:
        """Set what `switches` gave; before the records are read, for the fields that a switch adds."""
        if saved.get("state_country_picklists"):
            self.enable_state_country_picklists()
        if saved.get("audit_fields"):
            self.allow_audit_fields()
        for object_, fields in saved.get("tracked", {}).items():
            self.track_fields(object_, fields)
        restrictions = saved.get("restrictions", {})
        for sobject in self.schema.objects.values():  # a new organisation has some, which may have been taken away
            hidden, locked, denied = restrictions.get(sobject.name, ((), (), ()))
            sobject.hidden, sobject.locked, sobject.denied = set(hidden), set(locked), set(denied)
        for rule in saved.get("duplicate_rules", []):
            self.duplicate_rules.append(DuplicateRule(**{**rule, "fields": tuple(rule["fields"])}))
        for rule in saved.get("validation_rules", []):
            condition = [(name, operator, value) for name, operator, value in rule["condition"]]
            self.validation_rules.append(ValidationRule(**{**rule, "condition": condition}))

    def _permissionable(self, object_: str, field: str) -> str:
        known = self.schema.objects[object_].find_any(field)
        if known is None:
            raise KeyError(field)
        if known.name in _NEVER_HIDDEN or known.required_on_create:
            raise ValueError(f"{object_}.{known.name} is a field that everybody sees and may write.")
        return known.name
