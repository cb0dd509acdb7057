"""Create, read and update of single records, with the rules that need other records.

Belongs here: references, uniqueness, computed fields, time stamps. Not here: operations on several
records (lifecycle.py), the organisation around them (store.py), HTTP.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.errors import ApiError, not_found
from crm_pipeline.emulator.salesforce.layout import Draft
from crm_pipeline.emulator.salesforce.rows import Deletion, Row, Rows
from crm_pipeline.emulator.salesforce.schema import Schema, SObject
from crm_pipeline.emulator.salesforce.validation import prepared
from crm_pipeline.emulator.salesforce.values import format_datetime, wrong_id

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
        self.admin_user_id = ""
        self.last_name_first = locale.startswith(_LAST_NAME_FIRST)
        self.lock = RLock()

    def create(self, object_: str, fields: Mapping[str, Any], *, user_id: str | None = None) -> str:
        """Create a record; returns its 18-character id."""
        with self.transaction():
            self.check_write(object_, None)
            sobject = self.schema.objects[object_]
            if not sobject.described["createable"]:
                raise ApiError(
                    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                    f"entity type cannot be inserted: {sobject.described['label']}",
                    [],
                )
            values = prepared(sobject, fields, creating=True)
            author = user_id or self.admin_user_id
            row = self.blank_row(sobject, author)
            self._check_references(sobject, values)
            self._check_unique(sobject, row["Id"], values)
            self.replace(object_, row, values, author)
            return str(row["Id"])

    def update(
        self,
        object_: str,
        record_id: str,
        fields: Mapping[str, Any],
        *,
        user_id: str | None = None,
    ) -> None:
        """Set fields of a record; it counts as modified even when no value differs."""
        with self.transaction():
            row = self.live_row(object_, record_id)
            self.check_write(object_, row.id)
            sobject = self.schema.objects[object_]
            values = prepared(sobject, fields, creating=False)
            if row.get("IsConverted"):
                raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
            self._check_references(sobject, values)
            self._check_unique(sobject, row["Id"], values)
            self.replace(object_, row, values, user_id or self.admin_user_id)

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
        self.stamp(draft, {"OwnerId": author, "CreatedById": author, "CreatedDate": self.now_text()})
        return draft.row()

    def replace(
        self, object_: str, row: Row, changes: Mapping[str, Any], author: str, deletion: Deletion | None = None
    ) -> None:
        """Store the row with changes, computed fields and time stamps, and without any check."""
        draft = Draft(row.layout, row)
        draft.update(changes)
        self.compute(draft)
        now = self.now_text()
        self.stamp(draft, {"LastModifiedById": author, "LastModifiedDate": now, "SystemModstamp": now})
        self.rows.put(object_, draft.row(), deletion)

    def compute(self, draft: Draft) -> None:
        """Fill the fields that follow from others of the record; also called for every imported record."""
        if draft.layout.sobject.computes_name:
            names = [draft["FirstName"], draft["LastName"]]
            ordered = reversed(names) if self.last_name_first else names
            draft["Name"] = " ".join(name for name in ordered if name)

    @staticmethod
    def stamp(draft: Draft, values: Mapping[str, Any]) -> None:
        """Set those of the system fields that the object has."""
        for name, value in values.items():
            if name in draft:
                draft[name] = value

    def check_write(self, object_: str, record_id: str | None) -> None:
        """Let `before_write` refuse the write of a record."""
        if self.before_write is not None:
            self.before_write(object_, record_id)

    def _check_references(self, sobject: SObject, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            field = sobject.fields[name]
            if field.type != "reference" or value is None:
                continue
            target = self.schema.by_prefix(value)
            if target is not None and target.name not in field.reference_to:
                raise wrong_id(field, value)
            row = self.rows.get(target.name, value) if target is not None else None
            if row is None:
                raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
            if row.get("IsDeleted"):
                raise ApiError("ENTITY_IS_DELETED", "entity is deleted", [])
            if name == "OwnerId" and row.get("IsActive") is False:
                raise ApiError(
                    "INACTIVE_OWNER_OR_USER",
                    f"operation performed with inactive user [{value[:15]}] as owner of {sobject.name.lower()}",
                    [],
                )

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
