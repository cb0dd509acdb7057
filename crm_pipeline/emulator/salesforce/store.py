"""The emulated organisation as tests and the demo set it up and look at it.

Belongs here: the organisation's settings, users, custom fields, what people do to records that the
REST API cannot, saving and loading. Not here: single records (records.py), HTTP, SOQL.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.collecting import without_collections
from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.salesforce import conversion, ids, lifecycle, persistence
from crm_pipeline.emulator.salesforce.administration import Administered
from crm_pipeline.emulator.salesforce.bulk.jobs import BulkJobs
from crm_pipeline.emulator.salesforce.bulk.worker import Worker
from crm_pipeline.emulator.salesforce.cursors import Cursors
from crm_pipeline.emulator.salesforce.errors import ApiError, no_access
from crm_pipeline.emulator.salesforce.importing import import_records
from crm_pipeline.emulator.salesforce.login.credentials import Credentials
from crm_pipeline.emulator.salesforce.login.sessions import Sessions, Usage
from crm_pipeline.emulator.salesforce.schema import Field

_GRANTED = ("ApiEnabled", "ViewAllData", "ModifyAllData", "ViewSetup")
_GRANTING = "PermissionsManageProfilesPermissionsets"


class SalesforceStore(Credentials, Administered):
    """An organisation with an administrator, an integration user, and no records.

    `batch_limit` is the largest number of rows in one page of a query's result: the platform may
    answer with fewer than asked. `locale` decides the order of first and last name in Name.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        organisation_id: str = "00D5g0000000001",
        client_id: str = "demo-client",
        client_secret: str = "demo-secret",  # noqa: S107  # of an emulator on the loopback address
        is_sandbox: bool = True,
        time_zone: str = "Asia/Tokyo",
        locale: str = "ja_JP",
        daily_api_limit: int = 100_000,
        batch_limit: int = 2000,
    ) -> None:
        super().__init__(clock or Clock(), zone=ZoneInfo(time_zone), locale=locale)
        self._settings: dict[str, Any] = {
            "organisation_id": organisation_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "is_sandbox": is_sandbox,
            "time_zone": time_zone,
            "locale": locale,
            "daily_api_limit": daily_api_limit,
            "batch_limit": batch_limit,
        }
        complete_id = ids.canonical(organisation_id)
        if complete_id is None:
            raise ValueError(f"{organisation_id} is no Salesforce id of 15 or 18 characters.")
        self.organisation_id = complete_id
        self.client_id, self.client_secret = client_id, client_secret
        self.batch_limit = batch_limit
        self.sessions = Sessions(complete_id)
        self.cursors = Cursors()
        self.bulk = BulkJobs(Worker(self.lock))
        self.usage = Usage(daily_api_limit)
        self.described: dict[str, tuple[str, datetime]] = {}
        self.deletions_known_since: datetime | None = None
        self._set_up()

    def delete(self, object_: str, record_id: str, *, user_id: str | None = None) -> None:
        """Move a record into the recycle bin, with the children that go with it."""
        if not self.schema.objects[object_].described["deletable"]:
            raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "entity type is not deletable", [], status=403)
        with self.transaction():
            row, client = self.live_row(object_, record_id), self.is_client(user_id)
            if client:
                self.check_write(object_, row.id)
            if client and not self.schema.objects[object_].allows("delete"):
                raise no_access()
            lifecycle.delete(self, object_, record_id, user_id or self.admin_user_id)

    def undelete(self, object_: str, record_id: str, *, user_id: str | None = None) -> None:
        """Take a record out of the recycle bin, with the children deleted with it."""
        with self.transaction():
            lifecycle.undelete(self, object_, record_id, user_id or self.admin_user_id)

    def empty_recycle_bin(self) -> None:
        """Remove deleted records for good; only the list of deletions still names them."""
        with self.transaction():
            for object_, table in self.rows.tables.items():
                for record_id in list(table.deletions):
                    self.rows.remove(object_, record_id)

    def purge(self, object_: str, record_id: str) -> None:
        """Remove one record of the recycle bin for good, as a hard delete or a user does."""
        row = self.rows.get(object_, ids.canonical(record_id) or "")
        if row is None or not row.get("IsDeleted"):
            raise ApiError("INVALID_ID_FIELD", "Entity is not in the recycle bin", [])
        with self.transaction():
            self.rows.remove(object_, row.id)

    def purge_deletion_log(self) -> None:
        """Forget which records were deleted before now, as the platform may do at any time."""
        with self.lock:
            self.rows.purged.clear()
            self.deletions_known_since = self.clock.now()

    def merge(
        self,
        winner_id: str,
        loser_id: str,
        fields: Mapping[str, Any] | None = None,
        *,
        user_id: str | None = None,
    ) -> None:
        """Merge the loser into the winner, which keeps its values but for `fields`."""
        with self.transaction():
            author = user_id or self.admin_user_id
            lifecycle.merge(self, winner_id, loser_id, fields or {}, author)

    def convert_lead(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: str | None = None,
        user_id: str | None = None,
    ) -> tuple[str, str]:
        """Convert a lead, into new records where none are given; returns (account, contact) ids.

        `opportunity` is the name of an opportunity to create; ConvertedOpportunityId of the lead tells its id.
        """
        with self.transaction():
            author = user_id or self.admin_user_id
            return conversion.convert_lead(self, lead_id, account_id, contact_id, author, opportunity)

    def add_user(self, email: str, name: str, *, active: bool = True) -> str:
        """Add a user; `name` is `Last First` or a last name alone. Returns the id."""
        last, _, first = name.partition(" ")
        fields = {
            "Username": email,
            "Email": email,
            "LastName": last,
            "FirstName": first,
            "Alias": email[:8],
            "IsActive": active,
            "TimeZoneSidKey": self._settings["time_zone"],
            "LocaleSidKey": self._settings["locale"],
            "LanguageLocaleKey": self._language(),
            "EmailEncodingKey": "UTF-8",
        }
        return self.create("User", fields)

    def define_field(self, object_: str, definition: Mapping[str, Any]) -> Field:
        """Add a custom field, see Schema.define_field; existing records get its default."""
        with self.lock:
            field = self.schema.define_field(object_, definition)
            self.rows.add_field(self.schema.objects[object_], field)
            return field

    def import_records(self, object_: str, records: Iterable[ImportedRecord]) -> list[str]:
        """Add records with their past, without checks, as `importing.import_records` says; returns their ids."""
        with self.lock, without_collections():
            return import_records(self, object_, records)

    def set_permission(self, name: str, granted: bool) -> None:
        """Grant or take a permission of the integration user, e.g. PermissionsViewSetup."""
        with self.lock:
            (row,) = self.rows.tables["UserPermissionAccess"].values()
            self.rows.put("UserPermissionAccess", row.changed({name: granted}))
            if name == _GRANTING:
                self._let_grant(granted)

    def _let_grant(self, allowed: bool) -> None:
        """Let clients grant fields to permission sets, or not."""
        self.set_object_permission("FieldPermissions", create=allowed, update=allowed, delete=allowed)

    @property
    def commit_delay(self) -> float:
        """Seconds of the emulated clock until queries see what is written from now on: Rows.commit_delay."""
        return self.rows.commit_delay

    @commit_delay.setter
    def commit_delay(self, seconds: float) -> None:
        self.rows.commit_delay = seconds

    def expire_sessions(self) -> None:
        """Every access token that was handed out is refused from now on."""
        self.sessions.expire()

    def save(self, path: Path | str) -> None:
        """Write the organisation to a file; sessions and the count of calls are not kept."""
        with self.lock:
            known_since = self.deletions_known_since
            header = {
                "settings": self._settings,
                "custom_fields": self.schema.custom,
                "switches": self.switches(),
                "deletions_known_since": known_since.isoformat() if known_since else None,
            }
            persistence.write(path, header, self.rows)

    @classmethod
    def load(cls, path: Path | str, clock: Clock | None = None) -> "SalesforceStore":
        """The organisation that `save` wrote."""
        header = persistence.read_header(path)
        store = cls(clock, **header["settings"])
        for object_, definition in header["custom_fields"]:
            store.define_field(object_, definition)
        store.set_switches(header["switches"])
        with without_collections():
            persistence.read_rows(path, store.rows)
        known_since = header["deletions_known_since"]
        store.deletions_known_since = datetime.fromisoformat(known_since) if known_since else None
        return store

    def _language(self) -> str:
        return "ja" if self._settings["locale"].startswith("ja") else "en_US"

    def _set_up(self) -> None:
        self.admin_user_id = self.add_user("admin@example.com", "管理者")
        admin = self.live_row("User", self.admin_user_id)
        self.replace("User", admin, {"CreatedById": self.admin_user_id}, self.admin_user_id)
        self.integration_user_id = self.add_user("integration@example.com", "連携ユーザー")
        organisation = {
            "Id": self.organisation_id,
            "Name": "Emulated organisation",
            "Country": "JP",
            "DefaultLocaleSidKey": self._settings["locale"],
            "LanguageLocaleKey": self._language(),
            "TimeZoneSidKey": self._settings["time_zone"],
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "EMU1",
            "IsSandbox": self._settings["is_sandbox"],
        }
        permissions = {f"Permissions{name}": True for name in _GRANTED}
        for object_, values in (
            ("Organization", organisation),
            ("UserPermissionAccess", permissions),
        ):
            row = self.blank_row(self.schema.objects[object_], self.admin_user_id)
            self.replace(object_, row, values, self.admin_user_id)
        self._let_grant(False)
        self.set_up_standard_values()
