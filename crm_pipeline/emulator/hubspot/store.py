"""An emulated HubSpot portal as tests, imports and the demo see it: what its users and HubSpot itself do to it.

Belongs here: one method for each thing that a user does, under the portal's lock. Not here: the checks and rules of a
write (portal.py), HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import importing, persistence
from crm_pipeline.emulator.hubspot.errors import invalid, object_not_found
from crm_pipeline.emulator.hubspot.merging import merged_record
from crm_pipeline.emulator.hubspot.object_types import object_type
from crm_pipeline.emulator.hubspot.portal import USER_ID, Draft, Portal
from crm_pipeline.emulator.hubspot.properties import Definition
from crm_pipeline.emulator.imported import ImportedRecord

__all__ = ["USER_ID", "Draft", "HubSpotStore"]


class HubSpotStore(Portal):
    """A portal. Methods may be called from any thread; the server handles requests under the same `lock`."""

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

    def import_records(self, object_: str, records: Iterable[ImportedRecord]) -> list[str]:
        """Put records with their past into the portal and give their ids; nothing is checked.

        Values are texts in stored form. The history shows a user who created each record at `created_at` and edited
        it at `modified_at`.
        """
        with self.lock:
            return importing.import_records(self.table(object_), self.pipelines, records, self.source("CRM_UI"))

    def read(self, object_: str, record_id: str) -> dict[str, str]:
        """The set properties of a live record (also by an id from before a merge)."""
        with self.lock:
            return self.live(object_, record_id).properties

    def ids(self, object_: str, *, archived: bool = False) -> list[str]:
        """Ids of all live (or all archived) records, oldest first."""
        with self.lock:
            table = self.table(object_)
            return [str(number) for number in (table.archived if archived else table.live)]

    def objects(self, object_: str) -> dict[str, dict[str, str]]:
        """Set properties of all live records by id."""
        with self.lock:
            return {record.id: record.properties for record in self.table(object_).live_records()}

    def archive(self, object_: str, record_id: str) -> None:
        """Archive a live record; its associations end."""
        with self.lock:
            table, record = self.table(object_), self.live(object_, record_id)
            table.archive(record, self.now())
            self.associations.remove_record(table.kind.name, record.id)

    def restore(self, object_: str, record_id: str) -> None:
        """Put an archived record back, as a user does within 90 days; no way of the API does. Its associations stay
        ended; HubSpot's own knowledge base says that activities come back with it, which is not emulated. Raises
        HubSpotError when there is none, or a live record has one of its unique values by now."""
        with self.lock:
            table = self.table(object_)
            record = table.find(record_id, archived=True)
            if record is None:
                raise object_not_found(record_id)
            for name, value in table.keys(record.properties):
                if table.holders(name, value.lower()):
                    raise invalid(f"another record has this {name} by now")
            table.restore(record, self.now())

    def merge(
        self, object_: str, primary_id: str, other_id: str, *, source: str = "CRM_UI", user_id: int = USER_ID
    ) -> str:
        """Merge two live records into a new one, whose id is given back; the primary's values win."""
        with self.lock:
            table = self.table(object_)
            primary, other = self.live(object_, primary_id), self.live(object_, other_id)
            if primary is other:
                raise invalid("Cannot merge an object with itself")
            new = merged_record(
                primary, other, table.kind, table.new_number(), self.source(source, user_id), self.now()
            )
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
            kind = self.associations.types.known(start, end, "HUBSPOT_DEFINED", type_id)
            from_record, to_record = self.live(start, from_id), self.live(end, to_id)
            self.associations.add(start, from_record.id, end, to_record.id, kind)

    def add_owner(self, email: str, first: str, last: str, *, teams: Sequence[str] = ()) -> str:
        """Add a user who can own records; gives the owner id, which is not the user id.

        `teams` are names of the user's teams; the first is the primary one.
        """
        with self.lock:
            number = len(self.owners) + 1
            owner: dict[str, Any] = {
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
            if teams:
                known = {team["name"]: team["id"] for other in self.owners.values() for team in other.get("teams", ())}
                ids = [known.setdefault(name, str(len(known) + 1)) for name in teams]
                owner["teams"] = [
                    {"id": one, "name": name, "primary": name == teams[0]} for one, name in zip(ids, teams, strict=True)
                ]
            self.owners[str(owner["id"])] = owner
            self.active_owners.add(str(owner["id"]))
            return str(owner["id"])

    def archive_owner(self, owner_id: str) -> None:
        """Deactivate a user: the owner stays on records but is listed as archived and has no user id."""
        with self.lock:
            self.owners[owner_id].update(archived=True, updatedAt=self.now())
            self.owners[owner_id].pop("userId", None)
            self.active_owners.discard(owner_id)

    def define_property(self, object_: str, definition: Mapping[str, Any]) -> Definition:
        """Create a property from the keys of the API's create call, plus `readOnlyValue` and `calculated`.

        Raises HubSpotError 400 for a wrong definition, 409 for a name that exists.
        """
        with self.lock:
            table = self.table(object_)
            complete = self.schema.define(table.kind.name, definition, self.now())
            if complete["hasUniqueValue"]:
                table.unique.add(complete["name"])
            return complete

    def archive_property(self, object_: str, name: str) -> None:
        """Archive a property; its values stay out of sight. Raises HubSpotError 400 or 404."""
        with self.lock:
            table = self.table(object_)
            self.schema.archive(table.kind.name, name, self.now())
            table.unique.discard(name)

    def save(self, path: Path | str) -> None:
        """Write the whole portal to a JSON file."""
        with self.lock:
            persistence.save(self, Path(path))

    @classmethod
    def load(cls, path: Path | str, clock: Clock | None = None) -> HubSpotStore:
        """A portal as it was saved."""
        return persistence.load(Path(path), clock, cls)
