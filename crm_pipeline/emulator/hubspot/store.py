"""The state of an emulated HubSpot portal and every way to change it: by the API and, for tests, by its users.

Belongs here: records, owners and property definitions as a whole, and the rules that need them all (uniqueness,
lifecycle stage, merge). Not here: HTTP, the shape of answers.

Choices: `lastmodifieddate` moves on every write that names a property, even if no value changes; the history grows only
when a value changes. A lifecycle stage never moves backwards: such a value is ignored, as HubSpot does, until it was
cleared. An e-mail address that was deleted under the GDPR is refused for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import persistence
from crm_pipeline.emulator.hubspot.associations import Associations, known_type
from crm_pipeline.emulator.hubspot.default_properties import DEFAULT_PROPERTIES, GROUPS, LIFECYCLE_STAGES
from crm_pipeline.emulator.hubspot.errors import (
    HubSpotError,
    already_exists,
    invalid,
    invalid_properties,
    object_not_found,
    property_problem,
)
from crm_pipeline.emulator.hubspot.formats import iso
from crm_pipeline.emulator.hubspot.merging import merged_record
from crm_pipeline.emulator.hubspot.object_types import OBJECT_TYPES, object_type
from crm_pipeline.emulator.hubspot.properties import (
    MOST_UNIQUE_PROPERTIES,
    Definition,
    checked_values,
    complete_definition,
)
from crm_pipeline.emulator.hubspot.rate_limits import RateLimits
from crm_pipeline.emulator.hubspot.records import Record, Source
from crm_pipeline.emulator.hubspot.tables import Table

_STAGES = list(LIFECYCLE_STAGES)
USER_ID = 9_000_001  # the portal's user in tests that do not care who it is


@dataclass(frozen=True)
class Draft:
    """A write that was checked: the record to change, or None to create one, and the texts to store."""

    record: Record | None
    values: dict[str, str]


class HubSpotStore:
    """A portal. Methods may be called from any thread; the server handles requests under the same `lock`."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        portal_id: int = 12345678,
        time_zone: str = "Asia/Tokyo",
        token: str = "demo-token",  # noqa: S107  # the emulator's own, protects nothing
        rate_limits: bool = False,
        app_id: int = 7654321,
    ) -> None:
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.portal_id = portal_id
        self.time_zone = time_zone
        self.token = token
        self.app_id = app_id
        self.limits = RateLimits(enforced=rate_limits, app_id=app_id)
        self.tables = {kind.name: Table(kind) for kind in OBJECT_TYPES}
        self.tables["contacts"].unique.add("email")
        self.definitions: dict[str, dict[str, Definition]] = {kind.name: {} for kind in OBJECT_TYPES}
        self.associations = Associations()
        self.owners: dict[str, dict[str, Any]] = {}
        self.blocked_e_mails: set[str] = set()
        for name, given in DEFAULT_PROPERTIES.items():
            for one in given:
                definition = complete_definition(one, GROUPS[name], self.now(), hubspot_defined=True)
                self.definitions[name][definition["name"]] = definition

    # What a user, an import or HubSpot itself does; tests and the demo call these.

    def create(
        self, object_: str, properties: Mapping[str, Any], *, source: str = "CRM_UI", user_id: int = USER_ID
    ) -> str:
        """Create a record and give its id. Raises HubSpotError where HubSpot would refuse.

        `source` is a HubSpot source type; with INTEGRATION the emulated app itself writes. Read-only properties may be
        set, as HubSpot does itself.
        """
        with self.lock:
            draft = self.draft(object_, None, properties, read_only_allowed=True)
            return self.write(object_, draft, self.source(source, user_id)).id

    def update(
        self,
        object_: str,
        record_id: str,
        properties: Mapping[str, Any],
        *,
        source: str = "CRM_UI",
        user_id: int = USER_ID,
    ) -> None:
        """Change a live record, as `create`."""
        with self.lock:
            draft = self.draft(object_, self.live(object_, record_id), properties, read_only_allowed=True)
            self.write(object_, draft, self.source(source, user_id))

    def read(self, object_: str, record_id: str) -> dict[str, str]:
        """The set properties of a live record (also by an id from before a merge)."""
        with self.lock:
            return dict(self.live(object_, record_id).properties)

    def ids(self, object_: str, *, archived: bool = False) -> list[str]:
        """Ids of all live (or all archived) records, oldest first."""
        with self.lock:
            table = self.table(object_)
            return [str(number) for number in (table.archived if archived else table.live)]

    def objects(self, object_: str) -> dict[str, dict[str, str]]:
        """Set properties of all live records by id."""
        with self.lock:
            return {record.id: dict(record.properties) for record in self.table(object_).live_records()}

    def archive(self, object_: str, record_id: str) -> None:
        """Archive a live record; its associations end."""
        with self.lock:
            table, record = self.table(object_), self.live(object_, record_id)
            table.archive(record, self.now())
            self.associations.remove_record(table.kind.name, record.id)

    def merge(
        self, object_: str, primary_id: str, other_id: str, *, source: str = "CRM_UI", user_id: int = USER_ID
    ) -> str:
        """Merge two live records into a new one, whose id is given back; the primary's values win."""
        with self.lock:
            table = self.table(object_)
            primary, other = self.live(object_, primary_id), self.live(object_, other_id)
            if primary is other:
                raise invalid("Cannot merge an object with itself")
            new = merged_record(primary, other, table.kind, table.new_id(), self.source(source, user_id), self.now())
            table.replace((primary, other), new)
            self.associations.move_record(table.kind.name, (primary.id, other.id), new.id)
            return new.id

    def purge(self, object_: str, record_id: str) -> None:
        """Delete a contact for good (GDPR), live or archived, and block its e-mail addresses."""
        with self.lock:
            table = self.table(object_)
            record = table.find(record_id) or table.find(record_id, archived=True)
            if record is None:
                raise object_not_found(record_id)
            self.blocked_e_mails |= {value for name, value in table.keys(record.properties) if name == "email"}
            self.associations.remove_record(table.kind.name, record.id)
            table.remove(record)

    def associate(self, from_object: str, from_id: str, to_object: str, to_id: str, type_id: int) -> None:
        """Associate two live records by a HubSpot-defined type id."""
        with self.lock:
            start, end = object_type(from_object).name, object_type(to_object).name
            kind = known_type(start, end, "HUBSPOT_DEFINED", type_id)
            from_record, to_record = self.live(start, from_id), self.live(end, to_id)
            self.associations.add(start, from_record.id, end, to_record.id, kind)

    def add_owner(self, email: str, first: str, last: str) -> str:
        """Add a user who can own records; gives the owner id, which is not the user id."""
        with self.lock:
            number = len(self.owners) + 1
            owner = {
                "id": str(80_000 + number),
                "email": email,
                "type": "PERSON",
                "firstName": first,
                "lastName": last,
                "userId": 9_100_000 + number,
                "userIdIncludingInactive": 9_100_000 + number,
                "createdAt": self.now(),
                "updatedAt": self.now(),
                "archived": False,
            }
            self.owners[str(owner["id"])] = owner
            return str(owner["id"])

    def archive_owner(self, owner_id: str) -> None:
        """Deactivate a user: the owner stays on records but is listed as archived and has no user id."""
        with self.lock:
            self.owners[owner_id].update(archived=True, updatedAt=self.now())
            self.owners[owner_id].pop("userId", None)

    def define_property(self, object_: str, definition: Mapping[str, Any]) -> Definition:
        """Create a property from the keys of the API's create call, plus `readOnlyValue` and `calculated`.

        Raises HubSpotError 400 for a wrong definition, 409 for a name that exists.
        """
        with self.lock:
            table = self.table(object_)
            group = GROUPS[table.kind.name]
            complete = complete_definition(definition, group, self.now(), hubspot_defined=False)
            existing = self.definitions[table.kind.name]
            if complete["groupName"] != group:
                raise invalid(f"Property group {complete['groupName']} does not exist")
            if complete["name"] in existing:
                raise HubSpotError(
                    409, f"A property named '{complete['name']}' already exists.", "OBJECT_ALREADY_EXISTS"
                )
            if complete["hasUniqueValue"]:
                if sum(one["hasUniqueValue"] for one in existing.values()) >= MOST_UNIQUE_PROPERTIES:
                    raise invalid(f"{table.kind.name} already have {MOST_UNIQUE_PROPERTIES} unique properties")
                table.unique.add(complete["name"])
            existing[complete["name"]] = complete
            return complete

    def save(self, path: Path | str) -> None:
        """Write the whole portal to a JSON file."""
        with self.lock:
            persistence.save(self, Path(path))

    @classmethod
    def load(cls, path: Path | str, clock: Clock | None = None) -> HubSpotStore:
        """A portal as it was saved."""
        return persistence.load(Path(path), clock, cls)

    # What the API needs; the caller holds the lock.

    def now(self) -> str:
        """The portal's time as HubSpot writes it."""
        return iso(self.clock.now())

    def table(self, object_: str) -> Table:
        """The records of an object type, by any of its names."""
        return self.tables[object_type(object_).name]

    def live(self, object_: str, record_id: str) -> Record:
        """A live record. Raises HubSpotError 404."""
        record = self.table(object_).find(record_id)
        if record is None:
            raise object_not_found(record_id)
        return record

    def source(self, type_: str, user_id: int = USER_ID) -> Source:
        """What the history notes about a writer: the app for INTEGRATION, otherwise a user."""
        if type_ == "INTEGRATION":
            return Source(type_, str(self.app_id))
        return Source(type_, f"userId:{user_id}", user_id)

    def draft(self, object_: str, record: Record | None, properties: Any, *, read_only_allowed: bool = False) -> Draft:
        """Check a write (to `record`, or a new one) without doing it. Raises HubSpotError 400 or 409."""
        table = self.table(object_)
        active = {owner_id for owner_id, owner in self.owners.items() if not owner["archived"]}
        values = checked_values(
            self.definitions[table.kind.name], properties, active, read_only_allowed=read_only_allowed
        )
        blocked = values.get("email", "") in self.blocked_e_mails
        if blocked:
            problem = property_problem("email", "GDPR_BLOCKLISTED", "email has been GDPR blocklisted")
            raise invalid_properties([problem])
        own = record.id if record is not None else None
        for name, value in table.keys(values):
            holder = table.owner_of.get((name, value))
            if holder is None or holder == own:
                continue
            if name == "email":
                raise already_exists(table.kind.singular, holder)
            message = f"Cannot set {name} to {value} on {own or 'a new object'}. {holder} already has that value."
            raise invalid_properties([property_problem(name, "CONFLICTING_UNIQUE_VALUE", message)])
        return Draft(record, values)

    def check_drafts(self, object_: str, drafts: Sequence[Draft]) -> None:
        """Refuse a batch in which two rows write one record (400) or claim one unique value (409)."""
        table = self.table(object_)
        written = [draft.record.id for draft in drafts if draft.record is not None]
        if twice := sorted({record_id for record_id in written if written.count(record_id) > 1}):
            raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique", ids=twice)
        keys = [key for draft in drafts for key in table.keys(draft.values)]
        if len(set(keys)) < len(keys):
            raise HubSpotError(409, f"Two inputs would create the same {table.kind.singular}.", "CONFLICT")

    def write(self, object_: str, draft: Draft, source: Source) -> Record:
        """Do a checked write and give the record."""
        table, now = self.table(object_), self.now()
        record, values = draft.record, dict(draft.values)
        if record is None:
            record = Record(table.new_id())
            record.properties = {"createdate": now, "hs_object_id": record.id, table.kind.modified_property: now}
            table.insert(record)
        if _moves_backwards(record.properties.get("lifecyclestage", ""), values.get("lifecyclestage", "")):
            del values["lifecyclestage"]
        if "email" in values and "hs_email_domain" in self.definitions[table.kind.name]:
            values["hs_email_domain"] = values["email"].partition("@")[2]
        table.change(record, values, source, now)
        if draft.values:
            record.properties[table.kind.modified_property] = now
        return record

    def start_day(self) -> None:
        """Let the daily call counter know the day in the account's time zone."""
        self.limits.start_day(self.clock.now().astimezone(ZoneInfo(self.time_zone)).date())


def _moves_backwards(old: str, new: str) -> bool:
    return old in _STAGES and new in _STAGES and _STAGES.index(new) < _STAGES.index(old)
