"""What a CRM client offers to extract and push: the one small protocol that both clients keep.

Belongs here: the protocol and the values that cross it. Not here: anything that knows one CRM's wire format.
Errors: `errors.TransientError` when trying again later may help, `errors.PermanentError` when it cannot; no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from crm_pipeline.crm.calls import Calls
from crm_pipeline.model import SourceRecord, System, Value, Version

if TYPE_CHECKING:
    from crm_pipeline.crm.jobs import Jobs


@dataclass(frozen=True)
class Account:
    """The portal or organisation behind the credentials. `account_id`: portal id or organisation id; `url`: where
    people look at its records."""

    system: System
    account_id: str
    name: str
    time_zone: str
    sandbox: bool
    integration_user: str
    url: str = ""


@dataclass(frozen=True)
class Option:
    """A value of an enumeration or picklist: the API value, what people see, and whether it can still be chosen.
    `group`: the pipeline that a stage belongs to; a record takes stages of its own pipeline only."""

    value: str
    label: str
    active: bool = True
    group: str = ""


@dataclass(frozen=True)
class FieldSchema:
    """A field as the CRM describes it. `length` in characters (0: unlimited or not text); `digits` before and `scale`
    behind the decimal point (0 and None: not limited).

    `selectable`: False for what a read does not bring as one value: an address or location that is made of other fields
    (which are there as well), and binary data.
    """

    name: str
    label: str
    type: str
    field_type: str = ""
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    calculated: bool = False
    unique: bool = False
    restricted: bool = False
    required_on_create: bool = False
    references: str = ""
    options: tuple[Option, ...] = ()
    selectable: bool = True
    digits: int = 0
    scale: int | None = None


@dataclass(frozen=True)
class User:
    """A HubSpot owner or Salesforce user; only e-mail matters for mapping owners."""

    user_id: str
    e_mail: str
    name: str
    active: bool


@dataclass(frozen=True)
class Tombstone:
    """Evidence that a record is gone: `deleted` (archived in HubSpot), `merged` or `converted` into a survivor."""

    object: str
    record_id: str
    reason: str
    at: datetime | None = None
    survivor_object: str = ""
    survivor_id: str = ""


@dataclass(frozen=True)
class Span:
    """The ids above `after` up to and including `to`, in the CRM's order of ids; `to` None: without end."""

    after: str = ""
    to: str | None = None


@dataclass(frozen=True)
class Page:
    """Some records of a read, and what came with them: it iterates over its records.
    `gone`: tombstones that the page named. `span`: ids of which the page and the ones before it hold every record that
    was asked for, so that a read that was interrupted can go on elsewhere; None where the CRM keeps no order.
    """

    records: Sequence[SourceRecord]
    gone: Sequence[Tombstone] = ()
    span: Span | None = None

    def __iter__(self) -> Iterator[SourceRecord]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


@dataclass(frozen=True)
class FieldVersion:
    """An entry of a CRM's own field history, where it is not part of the record (Salesforce)."""

    record_id: str
    field: str
    version: Version


@dataclass(frozen=True)
class Stage:
    """A step of a deal's or ticket's way: its pipeline (one without a name in Salesforce), and what it means."""

    object: str
    pipeline_id: str
    pipeline: str
    stage_id: str
    label: str
    position: int
    closed: bool
    won: bool
    probability: float | None = None


@dataclass(frozen=True)
class Association:
    """A relation between two records of one CRM; `primary` marks a main one, such as a person's company."""

    from_object: str
    from_id: str
    to_object: str
    to_id: str
    primary: bool
    label: str = ""


@dataclass(frozen=True)
class Write:
    """Fields to set on one record. Update: `record_id` and, for a conditional write, `unmodified_since` (the
    record's modified_at as read a moment ago). Create: `key` holds the create key. `token` comes back in the result."""

    token: str
    fields: Mapping[str, Value]
    record_id: str = ""
    key: str = ""
    unmodified_since: datetime | None = None


@dataclass(frozen=True)
class Tie:
    """Two records of one CRM that are to belong together, or (`ends`) no longer. `primary`: as the main one, such as a
    person's company; the one before stays related. `token` comes back in the result."""

    token: str
    from_id: str
    to_id: str
    primary: bool = False
    ends: bool = False


class Outcome(StrEnum):
    """What became of one write, as far as the CRM's answer tells."""

    LANDED = "landed"
    REJECTED = "rejected"  # for good: validation, permission
    STALE = "stale"  # the record was modified since it was read (412)
    UNKNOWN = "unknown"  # no answer: it may have landed
    RETRY = "retry"  # surely not landed, and may work later (rate limit, lock, 503 before handling)


@dataclass(frozen=True)
class WriteResult:
    """Outcome of the write with that `token`; `observed`: the field values that the CRM answered with, if it did."""

    token: str
    outcome: Outcome
    record_id: str = ""
    status: int = 0
    code: str = ""
    message: str = ""
    observed: Mapping[str, Value] = field(default_factory=dict)


class Crm(Protocol):
    """One CRM. All ids are text; all times are tz-aware UTC."""

    system: System

    @property
    def calls(self) -> Calls:
        """The account book: calls made, what is left of the day, and who waits."""

    @property
    def read_only(self) -> bool:
        """Whether this is a dry run: every writing call raises SafetyError before it leaves."""

    @property
    def jobs(self) -> Jobs | None:
        """Bulk jobs for very many writes, where the CRM has them."""

    def server_time(self) -> datetime:
        """The CRM's clock, from the Date header of its last answer (one cheap call if there was none)."""

    def account(self) -> Account:
        """Which portal or organisation this is, and who we are there (`integration_user`)."""

    def schema(self, object_: str) -> list[FieldSchema]:
        """All fields of an object that this user can see."""

    def count(self, object_: str, span: Span | None = None) -> int:
        """How many live records the CRM says it has: all, or those of a span of ids."""

    def ids(self, object_: str, span: Span | None = None) -> Iterator[list[str]]:
        """The ids of all live records, or of those of a span."""

    def pages(
        self,
        object_: str,
        fields: Sequence[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        history: Sequence[str] = (),
        expected: int = 0,
        done: Sequence[Span] = (),
    ) -> Iterator[Page]:
        """Live records, page by page: all, or those modified in [since, until). `fields` may hold paths over a
        relation in Salesforce (`Account.Industry`). `history`: fields to bring with their versions, where the record
        has them. `expected`: about how many live records the object has, for the choice of the way to read them;
        `done`: spans that need not be read any more. Pages come in no particular order."""

    def tombstones(self, object_: str, *, since: datetime | None = None) -> Iterator[list[Tombstone]]:
        """Deleted, merged and converted records that `pages` does not name, as far back as the CRM remembers."""

    def remembers_since(self, object_: str) -> datetime | None:
        """From when on `tombstones(object_)` has named every deletion, where that is later than a `since` that it was
        given: the CRM has forgotten those before, only comparing all ids finds them. None: all that was asked for."""

    def fates(self, object_: str, ids: Sequence[str]) -> list[Tombstone]:
        """The evidence for records that should be there and are not; a record without evidence is left out."""

    def versions(
        self, object_: str, fields: Sequence[str], *, since: datetime | None = None
    ) -> Iterator[list[FieldVersion]]:
        """Entries of a field history that is kept apart from the records; nothing where there is none."""

    def stages(self, object_: str) -> list[Stage]:
        """Pipelines with their stages; empty for an object without any."""

    def users(self) -> list[User]:
        """Owners or users, inactive ones too."""

    def associations(self, from_object: str, to_object: str, ids: Sequence[str]) -> list[Association]:
        """Relations of the given records."""

    def read(
        self, object_: str, ids: Sequence[str], fields: Sequence[str], *, history: Sequence[str] = ()
    ) -> dict[str, SourceRecord]:
        """Records by the id asked for; a missing id is a record that is gone. `history`: as in `pages`."""

    def read_by_key(
        self, object_: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, SourceRecord]:
        """Records by the value of a unique field of ours."""

    def gone_by_key(self, object_: str, key_field: str, keys: Sequence[str]) -> dict[str, str]:
        """By the value of a unique field of ours, the id of the record that has it in the recycle bin (the archive), or
        that was merged or converted (HubSpot does not tell of merged ones). May read the whole archive: for the few
        records that nothing else tells of."""

    def update(self, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Set fields on existing records (any number; batched inside). Never raises for a single record's failure."""

    def create(self, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Create by the unique `key_field`; a record that has the key already is not doubled."""

    def associate(self, from_object: str, to_object: str, ties: Sequence[Tie]) -> list[WriteResult]:
        """Relate records, or end what relates them. What is so already stays so, but for relations that are records of
        their own: ask `associations` before."""

    def archive(self, object_: str, ids: Sequence[str]) -> list[WriteResult]:
        """Archive (HubSpot) or delete into the recycle bin (Salesforce)."""
