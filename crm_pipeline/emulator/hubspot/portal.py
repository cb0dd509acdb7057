"""The state of an emulated HubSpot portal, and the checked writes that all changes of records go through.

Belongs here: records, owners and property definitions as a whole, and the rules that need them all (uniqueness,
lifecycle stage). Not here: what users and imports do (store.py), HTTP, the shape of answers.

Choices: `lastmodifieddate` moves on every write that names a property, even if no value changes; the history grows only
when a value changes. A lifecycle stage never moves backwards: such a value is ignored, as HubSpot does, until it was
cleared. An e-mail address that was deleted under the GDPR is refused for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot.associations.associations import Associations
from crm_pipeline.emulator.hubspot.default_properties import LIFECYCLE_STAGES
from crm_pipeline.emulator.hubspot.errors import (
    HubSpotError,
    already_exists,
    invalid,
    invalid_properties,
    object_not_found,
    property_problem,
)
from crm_pipeline.emulator.hubspot.formats import iso
from crm_pipeline.emulator.hubspot.oauth import OAuth
from crm_pipeline.emulator.hubspot.object_rules import computed, creation, require, settled
from crm_pipeline.emulator.hubspot.object_types import ALL_TYPES, object_type
from crm_pipeline.emulator.hubspot.past import Past
from crm_pipeline.emulator.hubspot.pipelines import Pipelines
from crm_pipeline.emulator.hubspot.properties import Definition
from crm_pipeline.emulator.hubspot.rate_limits import TIERS, RateLimits
from crm_pipeline.emulator.hubspot.records import Record, Source, inherited_past
from crm_pipeline.emulator.hubspot.schema import Schema
from crm_pipeline.emulator.hubspot.scopes import SCOPES
from crm_pipeline.emulator.hubspot.search.selection import Selection
from crm_pipeline.emulator.hubspot.tables import Table
from crm_pipeline.emulator.hubspot.values import checked_values

_STAGES = list(LIFECYCLE_STAGES)
_CALCULATED = Source("CALCULATED", "")
USER_ID = 9_000_001  # the portal's user in tests that do not care who it is


@dataclass(frozen=True)
class Draft:
    """A write that was checked: the record to change, or None to create one, and the texts to store."""

    record: Record | None
    values: dict[str, str]


class Portal:
    """A portal. Methods may be called from any thread; the server handles requests under the same `lock`."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        portal_id: int = 12345678,
        time_zone: str = "Asia/Tokyo",
        token: str = "demo-token",  # noqa: S107  # the emulator's own, protects nothing
        rate_limits: bool = False,
        tier: str = "professional",
        app_id: int = 7654321,
    ) -> None:
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.portal_id = portal_id
        self.time_zone = time_zone
        self.token = token
        self.app_id = app_id
        self.account_type = "STANDARD"  # or SANDBOX, DEVELOPER_TEST, APP_DEVELOPER
        self.more_currencies: tuple[str, ...] = ()
        self.tier = tier  # one of rate_limits.TIERS
        self.limits = RateLimits(rate_limits, app_id, per_ten_seconds=TIERS[tier][0], per_day=TIERS[tier][1])
        self.tables = {kind.name: Table(kind, before_change=self._note_past) for kind in ALL_TYPES}
        self.pasts = {kind.name: Past() for kind in ALL_TYPES}
        self.selections = {name: Selection(table) for name, table in self.tables.items()}
        self.tables["contacts"].unique.add("email")
        self.schema = Schema(self.now())
        self.associations = Associations()
        self.scopes = set(SCOPES)  # what the app may do; taking one away is a permission lost at run time
        self.oauth = OAuth(self.clock)
        self.owners: dict[str, dict[str, Any]] = {}
        self.active_owners: set[str] = set()
        self.blocked_e_mails: set[str] = set()
        self.search_lag: float = 0  # seconds by the emulated clock until the search endpoint sees a write
        self.before_write: Callable[[str, str | None], None] | None = None

    @property
    def definitions(self) -> dict[str, dict[str, Definition]]:
        """Live property definitions by object type and name."""
        return self.schema.definitions

    @property
    def pipelines(self) -> Pipelines:
        """Pipelines of deals and tickets."""
        return self.schema.pipelines

    # The caller of these holds the lock.

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
        before = record.properties if record is not None else {}
        values = checked_values(
            self.definitions[table.kind.name],
            properties,
            self.active_owners,
            before,
            read_only_allowed=read_only_allowed,
        )
        if record is None and not read_only_allowed:
            require(table.kind, properties)
        values = settled(table.kind, self.pipelines, before, values, new=record is None)
        blocked = values.get("email", "") in self.blocked_e_mails
        if blocked:
            problem = property_problem("email", "GDPR_BLOCKLISTED", "email has been GDPR blocklisted")
            raise invalid_properties([problem])
        own = record.id if record is not None else None
        for name, value in table.keys(values):
            holder = table.find_unique(name, value)
            if holder is None or holder is record:
                continue
            if name == "email":
                raise already_exists(table.kind.singular, holder.id)
            message = f"Cannot set {name} to {value} on {own or 'a new object'}. {holder.id} already has that value."
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
        table, now, record = self.table(object_), self.now(), draft.record
        if record is None:
            times = {table.kind.created_property: now, table.kind.modified_property: now, "hs_createdate": now}
            before = {**times, **creation(source)}
        else:
            before = record.properties
        values = dict(draft.values)
        if _moves_backwards(before.get("lifecyclestage", ""), values.get("lifecyclestage", "")):
            del values["lifecyclestage"]
        results = computed(table.kind, self.pipelines, before, values, now)
        if record is None:
            return self._create(table, before | values | results, source, now)
        if draft.values:
            table.change(record, [(values, source), (results, _CALCULATED)], now)
        return record

    def _create(self, table: Table, values: dict[str, str], source: Source, now: str) -> Record:
        properties = {name: value for name, value in values.items() if value}
        past = b""
        if properties[table.kind.created_property] != now:  # a creation time of the past has its history begin today
            past = inherited_past({name: [source.version(value, now)] for name, value in properties.items()})
        record = Record(table.new_number(), properties, source, past)
        table.insert(record)
        return record

    def _note_past(self, table: Table, number: int) -> None:
        """Keep what a record was, as long as searches may lag behind."""
        if self.search_lag > 0:
            record = table.records.get(number)
            self.pasts[table.kind.name].note(self.clock.now(), number, record and record.copy())

    def admit(self, object_: str, record_id: str | None) -> None:
        """Let `before_write` refuse a write through the API: the endpoints call it once for each record, before it."""
        if self.before_write is not None:
            self.before_write(object_type(object_).name, record_id)

    def start_day(self) -> None:
        """Let the daily call counter know the day in the account's time zone."""
        self.limits.start_day(self.clock.now().astimezone(ZoneInfo(self.time_zone)).date())


def _moves_backwards(old: str, new: str) -> bool:
    return old in _STAGES and new in _STAGES and _STAGES.index(new) < _STAGES.index(old)
