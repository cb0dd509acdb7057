"""A CRM in a dictionary, for users and for the push alike: the part of the protocol (crm/protocol.py) that push calls.

Belongs here: records, their times and histories, conditional writes, lost answers and refusals. Not here: what is right
(model.py), who does what when (world.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crm_pipeline.crm.jobs import Jobs
from crm_pipeline.crm.protocol import Account, Outcome, Page, Write, WriteResult
from crm_pipeline.model import SourceRecord, System, Value, Version, record_key
from crm_pipeline_tests.laws.machine.ground import KEYS, US, H, k

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


@dataclass
class Kept:
    """A record as the CRM keeps it. `since`: field -> start of its trailing run of equal values."""

    object: str
    record_id: str
    created: datetime
    modified: datetime
    modified_by: str
    fields: dict[str, Value]
    since: dict[str, datetime]
    history: dict[str, list[Version]] = field(default_factory=dict)
    retired: str | None = None
    survivor: tuple[str, str] | None = None


@dataclass
class DictCrm:
    """`wrote(record, fields, before)` is told of each write of ours that lands; `before_call` of each call.

    `trouble`: record key or create key -> what happens to the next write there; `in_between`: record key -> an edit
    between the re-read and the write.
    """

    system: System
    skew: timedelta = timedelta(0)
    now: datetime = START
    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    in_between: dict[str, Callable[[], None]] = field(default_factory=dict)
    before_call: Callable[[str], None] = lambda _: None
    after_call: Callable[[str], None] = lambda _: None
    wrote: Callable[[Kept, Mapping[str, Value], Mapping[str, Value]], None] = lambda *_: None
    created: Callable[[Kept, str], None] = lambda *_: None
    requests: int = 0
    last_id: int = 1000
    read_only: bool = False
    jobs: Jobs | None = None

    def clock(self) -> datetime:
        return self.now + self.skew

    def id_of(self, object_: str, number: int) -> str:
        """The id of a new record."""
        return str(number)

    # -- users

    def add(self, object_: str, fields: Mapping[str, Value], by: str = "user") -> Kept:
        self.last_id += 1
        at = self.clock()
        record = Kept(object_, self.id_of(object_, self.last_id), at, at, by, {}, {})
        self.kept[object_, record.record_id] = record
        self.save(record, fields, by)
        return record

    def save(self, record: Kept, fields: Mapping[str, Value], by: str = "user") -> None:
        at = self.clock()
        for name, value in fields.items():
            value = None if value == "" else value
            if k(record.fields.get(name)) != k(value) or name not in record.since:
                record.since[name] = at
            if record.fields.get(name) != value or name not in record.history:
                source = US if by == US else "CRM_UI"
                record.history.setdefault(name, []).insert(0, Version(value, at, source))
            record.fields[name] = value
        record.modified = max(at, record.modified)
        record.modified_by = by

    def delete(self, record: Kept, reason: str = "deleted", survivor: Kept | None = None) -> None:
        record.retired = reason
        record.survivor = (survivor.object, survivor.record_id) if survivor else None

    def restore(self, record: Kept) -> None:
        record.retired = None
        record.modified = max(self.clock(), record.modified)
        record.modified_by = "user"

    def merge(self, winner: Kept, loser: Kept) -> Kept:
        """HubSpot makes a new record of both, Salesforce keeps the winner. Blank fields are filled by the loser."""
        fields = {n: v if v is not None else loser.fields.get(n) for n, v in winner.fields.items()}
        if self.system is H:
            new = self.add(winner.object, {**loser.fields, **fields, KEYS[H]: None})
            self.delete(winner, "merged", new)
        else:
            new = winner
            self.save(new, {n: v for n, v in fields.items() if v != winner.fields.get(n)})
        self.delete(loser, "merged", new)
        return new

    def convert(self, lead: Kept, into: Kept | None = None) -> Kept:
        """The lead becomes a new contact, or fills the blank fields of one that is there."""
        company = lead.fields.get("Company")
        fields = {n: v for n, v in lead.fields.items() if n not in ("Company", KEYS[self.system])}
        if into:
            self.save(into, {n: v for n, v in fields.items() if v is not None and into.fields.get(n) is None})
        new = into or self.add("Contact", {**fields, "Account.Name": company})
        self.delete(lead, "converted", new)
        return new

    # -- push

    def account(self) -> Account:
        return Account(self.system, "1", "machine", "UTC", True, US)

    def server_time(self) -> datetime:
        return self.clock()

    def read(
        self, object_: str, ids: Sequence[str], fields: Sequence[str], *, history: Sequence[str] = ()
    ) -> dict[str, SourceRecord]:
        self._called("read")
        found = {i: self.kept[object_, i] for i in ids if (object_, i) in self.kept}
        return {i: self._shown(r, fields, history) for i, r in found.items() if r.retired is None}

    def read_by_key(
        self, object_: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, SourceRecord]:
        self._called("read_by_key")
        live = [r for r in self.kept.values() if r.object == object_ and r.retired is None]
        held = {str(r.fields.get(key_field)): r for r in live if r.fields.get(key_field)}
        return {key: self._shown(held[key], fields, ()) for key in keys if key in held}

    def pages(self, object_: str, fields: Sequence[str], *, since: datetime) -> Iterator[Page]:
        self._called("pages")
        live = [r for r in self.kept.values() if r.object == object_ and r.retired is None]
        yield Page([self._shown(r, fields, ()) for r in live if r.modified >= since])

    def gone_by_key(self, object_: str, key_field: str, keys: Sequence[str]) -> dict[str, str]:
        self._called("gone_by_key")
        gone = [r for r in self.kept.values() if r.object == object_ and r.retired is not None]
        return {str(r.fields[key_field]): r.record_id for r in gone if r.fields.get(key_field) in keys}

    def update(self, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
        self._called("update")
        self.requests += 1
        results = [self.change(object_, write) for write in writes]
        self.after_call("update")
        return results

    def create(self, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        self._called("create")
        self.requests += 1
        results = [self.make(object_, key_field, write) for write in writes]
        self.after_call("create")
        return results

    def archive(self, object_: str, ids: Sequence[str]) -> list[WriteResult]:
        raise AssertionError("nothing archives in these histories")

    def _called(self, what: str) -> None:
        self.now += timedelta(seconds=2)
        self.before_call(what)

    def _shown(self, record: Kept, fields: Sequence[str], history: Sequence[str]) -> SourceRecord:
        shown = {name: record.fields.get(name) for name in fields}
        versions = {n: tuple(record.history.get(n, ())) for n in history} if self.system is H else {}
        return SourceRecord(
            self.system,
            record.object,
            record.record_id,
            record.created,
            record.modified,
            record.modified_by,
            shown,
            versions,
        )

    def change(self, object_: str, write: Write) -> WriteResult:
        """One record's part of an update."""
        record = self.kept[object_, write.record_id]
        key = record_key(self.system, object_, write.record_id)
        edit = self.in_between.pop(key, None)
        if edit:
            edit()
        what = self.trouble.pop(key, "")
        if record.retired:
            return WriteResult(write.token, Outcome.REJECTED, write.record_id, 404, "gone")
        conditional = self.system is not H and write.unmodified_since is not None
        if conditional and write.unmodified_since and record.modified > write.unmodified_since:
            return WriteResult(write.token, Outcome.STALE, write.record_id, 412, "PRECONDITION_FAILED")
        refused = _refused(write, what)
        if refused:
            return refused
        before = {name: record.fields.get(name) for name in write.fields}
        self.wrote(record, write.fields, before)
        self.save(record, write.fields, US)
        if what == "lose_landed":
            return WriteResult(write.token, Outcome.UNKNOWN, write.record_id, 0, "no_answer")
        return WriteResult(write.token, Outcome.LANDED, record.record_id, 200)

    def make(self, object_: str, key_field: str, write: Write) -> WriteResult:
        """One record's part of a create."""
        what = self.trouble.pop(write.key, "")
        refused = _refused(write, what)
        if refused:
            return refused
        record = self.add(object_, {**write.fields, key_field: write.key}, US)
        self.created(record, write.key)
        if what == "lose_landed":
            return WriteResult(write.token, Outcome.UNKNOWN, "", 0, "no_answer")
        return WriteResult(write.token, Outcome.LANDED, record.record_id, 201)


def _refused(write: Write, what: str) -> WriteResult | None:
    if what == "refuse":
        return WriteResult(write.token, Outcome.REJECTED, write.record_id, 400, "VALIDATION_ERROR", "no")
    if what == "later":
        return WriteResult(write.token, Outcome.RETRY, write.record_id, 503, "UNABLE_TO_LOCK_ROW", "locked")
    if what == "lose":
        return WriteResult(write.token, Outcome.UNKNOWN, write.record_id, 0, "no_answer")
    return None
