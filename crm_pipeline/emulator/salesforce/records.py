"""Create, read and update of single records, with the rules that need other records.

Belongs here: the order of the rules, uniqueness, time stamps. Not here: the rules themselves (references.py,
completion.py, computed.py, rules.py, duplicates.py), operations on several records (lifecycle.py), the organisation
around them (store.py), HTTP.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import computed, duplicates, field_history, ids, references, rules
from crm_pipeline.emulator.salesforce.completion import completed
from crm_pipeline.emulator.salesforce.consequences import follow
from crm_pipeline.emulator.salesforce.duplicates import DuplicateRule
from crm_pipeline.emulator.salesforce.errors import ApiError, no_access, not_found
from crm_pipeline.emulator.salesforce.layout import Draft
from crm_pipeline.emulator.salesforce.rows import Deletion, Row, Rows
from crm_pipeline.emulator.salesforce.rules import ValidationRule
from crm_pipeline.emulator.salesforce.saving import PLAIN, Saving
from crm_pipeline.emulator.salesforce.schema import Schema, SObject
from crm_pipeline.emulator.salesforce.state_country import known_codes
from crm_pipeline.emulator.salesforce.validation import prepared
from crm_pipeline.emulator.salesforce.values import format_datetime

_LAST_NAME_FIRST = ("ja", "zh", "ko", "hu")


class Records:
    """The records of all objects.

    All methods may be called from any thread; each is one transaction. They act as the
    administrator when `user_id` is None, and raise errors.ApiError when the platform would refuse.
    `before_write` is called with object and record id (None: a new record) before each record is written by a client,
    and may raise the error that the platform would answer.
    """

    def __init__(self, clock: Clock, *, zone: ZoneInfo, locale: str) -> None:
        self.clock = clock
        self.zone = zone
        self.schema = Schema()
        self.rows = Rows(self.schema, clock)
        self.before_write: Callable[[str, str | None], None] | None = None
        self.admin_user_id = self.integration_user_id = self.default_profile_id = ""
        self.duplicate_rules: list[DuplicateRule] = []
        self.validation_rules: list[ValidationRule] = []
        self.tracked: dict[str, list[str]] = {}
        self.state_country_picklists = self.audit_fields = False
        self.last_name_first = locale.startswith(_LAST_NAME_FIRST)
        self.lock = RLock()

    def create(
        self, object_: str, fields: Mapping[str, Any], *, user_id: str | None = None, saving: Saving = PLAIN
    ) -> str:
        """Create a record; returns its 18-character id. `saving`: what the call says about duplicates."""
        with self.transaction():
            sobject, client = self.schema.objects[object_], self.is_client(user_id)
            if client:
                self.check_write(object_, None)
            if not sobject.described["createable"] or (client and not sobject.allows("create")):
                raise _not_for("inserted", sobject)
            named = references.resolved(self, sobject, fields)
            values = completed(self, sobject, None, prepared(sobject, named, creating=True, client=client))
            author = user_id or self.admin_user_id
            row = self.blank_row(sobject, author)
            references.check(self, sobject, row.id, values)
            self._check_unique(sobject, row.id, values)
            self.replace(object_, row, values, author)
            self._check_rules(object_, row.id, None, saving)
            return row.id

    def update(
        self,
        object_: str,
        record_id: str,
        fields: Mapping[str, Any],
        *,
        user_id: str | None = None,
        saving: Saving = PLAIN,
    ) -> None:
        """Set fields of a record; it counts as modified even when no value differs. `saving` as for `create`."""
        with self.transaction():
            row = self.live_row(object_, record_id)
            sobject, client = self.schema.objects[object_], self.is_client(user_id)
            if client:
                self.check_write(object_, row.id)
            if not sobject.described["updateable"]:
                raise _not_for("updated", sobject)
            if client and not sobject.allows("update"):
                raise no_access()
            named = references.resolved(self, sobject, fields)
            values = prepared(sobject, named, creating=False, client=client)
            if row.get("IsConverted"):
                raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
            values = completed(self, sobject, row, values)
            references.check(self, sobject, row.id, values)
            self._check_unique(sobject, row.id, values)
            self.replace(object_, row, values, user_id or self.admin_user_id)
            self._check_rules(object_, row.id, row, saving)

    def read(self, object_: str, record_id: str) -> dict[str, Any]:
        """All fields of a record, also of one in the recycle bin."""
        with self.lock:
            row = self.rows.get(object_, ids.canonical(record_id) or "")
            if row is None:
                raise not_found()
            return dict(row)

    def ids(self, object_: str) -> list[str]:
        """Ids of the live records, in order of creation."""
        with self.lock:
            return [row.id for row in self.rows.tables[object_].live()]

    def touch(self, object_: str, record_id: str) -> None:
        """A system process touches the record: only SystemModstamp moves."""
        with self.transaction():
            row = self.live_row(object_, record_id)
            self.rows.put(object_, row.changed({"SystemModstamp": self.now_text()}))

    # What lifecycle.py and the HTTP handlers build on

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what was done inside is undone when the block raises."""
        with self.lock, self.rows.transaction():
            yield

    def now_text(self) -> str:
        """The time in stored form."""
        return format_datetime(self.clock.now())

    def object_of(self, record_id: str) -> SObject:
        """The object that an id belongs to."""
        sobject = self.schema.by_prefix(record_id)
        if sobject is None:
            raise ApiError("MALFORMED_ID", f"malformed id {record_id}", [])
        return sobject

    def live_row(self, object_: str, record_id: str) -> Row:
        """The row of a record that is not deleted; the id may have 15 characters."""
        row = self.rows.get(object_, ids.canonical(record_id) or "")
        if row is None:
            raise not_found()
        if row.get("IsDeleted"):
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
        return row

    def blank_row(self, sobject: SObject, author: str) -> Row:
        """A new row with its id, defaults, owner and creator; not stored yet."""
        layout = self.rows.tables[sobject.name].layout
        draft = Draft(layout)
        draft["Id"] = self.rows.new_id(sobject)
        draft.stamp({"OwnerId": author, "CreatedById": author, "CreatedDate": self.now_text()})
        return draft.row()

    def replace(
        self, object_: str, row: Row, changes: Mapping[str, Any], author: str, deletion: Deletion | None = None
    ) -> None:
        """Store the row with changes, computed fields and time stamps, and without any check.

        Stamps among the changes (Set Audit Fields) are kept. What the change means for other records follows.
        """
        draft = Draft(row.layout, row)
        draft.update(changes)
        self.compute(draft)
        now = self.now_text()
        stamps = {"LastModifiedById": author, "LastModifiedDate": now, "SystemModstamp": now}
        draft.stamp({name: value for name, value in stamps.items() if changes.get(name) is None})
        before, after = self.rows.get(object_, row.id), draft.row()
        self.rows.put(object_, after, deletion)
        if object_ in self.tracked:
            field_history.note(self, object_, before, after, author)
        follow(self, object_, before, after)

    def compute(self, draft: Draft) -> None:
        """Fill the fields that follow from others of the record; also called for every imported record."""
        if draft.layout.sobject.computes_name:
            names = [draft["FirstName"], draft["LastName"]]
            ordered = reversed(names) if self.last_name_first else names
            draft["Name"] = " ".join(name for name in ordered if name)
        computed.fill(draft, self.rows, self.zone)
        if self.state_country_picklists:
            draft.update(known_codes(draft.layout.sobject, draft))

    def is_client(self, user_id: str | None) -> bool:
        """Whether a write comes by the API, so that the permissions of its user count."""
        return user_id is not None and user_id == self.integration_user_id

    def check_write(self, object_: str, record_id: str | None) -> None:
        """Let `before_write` refuse the write of a record."""
        if self.before_write is not None:
            self.before_write(object_, record_id)

    def _check_rules(self, object_: str, record_id: str, before: Row | None, saving: Saving) -> None:
        after = self.rows.get(object_, record_id) if self.validation_rules or self.duplicate_rules else None
        if after is not None:
            rules.check(self.validation_rules, after)
            duplicates.check(self, self.duplicate_rules, before, after, saving)

    def _check_unique(self, sobject: SObject, record_id: str, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            field = sobject.fields[name]
            if not field.unique or value is None:
                continue
            for other in self.rows.matching(sobject, field, value):
                if other["Id"] != record_id:
                    raise ApiError(
                        "DUPLICATE_VALUE",
                        f"duplicate value found: {name} duplicates value on record with id: {other['Id'][:15]}",
                        [],
                    )


def _not_for(what: str, sobject: SObject) -> ApiError:
    """The object is not there to be written at all, or the user may not create its records."""
    message = f"entity type cannot be {what}: {sobject.described['label']}"
    return ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, [])
