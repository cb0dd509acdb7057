"""Salesforce behind `protocol.Crm`: which queries answer which question.

Converted leads are gone for every question but `tombstones`: the person is a Contact from then on.
Not here: sending, batches of writes, JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from crm_pipeline.crm.calls import Calls
from crm_pipeline.crm.protocol import (
    Account,
    Association,
    FieldSchema,
    FieldVersion,
    Page,
    Span,
    Stage,
    Tombstone,
    User,
    Write,
    WriteResult,
)
from crm_pipeline.crm.salesforce import soql, writing
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.records import ALWAYS, field_schema, source_record, time
from crm_pipeline.crm.salesforce.wire import Row, Wire
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import SourceRecord, System

_LISTED = timedelta(days=15) - timedelta(hours=1)  # deletions are listed for 15 days; an hour for clocks that differ
_SHORTEST_SPAN = timedelta(minutes=2)  # a list of deletions must span more than a minute
_LIVE = {"Lead": "IsConverted = false"}


class SalesforceCrm:
    """An organisation. `calls` is what has been used of its limits so far."""

    system = System.SALESFORCE

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._account: Account | None = None
        self._remembered: dict[str, datetime] = {}

    @property
    def calls(self) -> Calls:
        return self._wire.gateway.calls

    def server_time(self) -> datetime:
        if self._wire.gateway.server_time is None:
            self.account()
        at = self._wire.gateway.server_time
        assert at is not None  # every answer has a Date
        return at

    def account(self) -> Account:
        if self._account is None:
            query = soql.select(("Id", "Name", "IsSandbox", "TimeZoneSidKey"), "Organization")
            (row,) = next(self._wire.query(query))
            self._account = Account(
                system=self.system,
                account_id=to_18(row["Id"]),
                name=row["Name"],
                time_zone=row["TimeZoneSidKey"],
                sandbox=row["IsSandbox"],
                integration_user=self._wire.tokens.current().user_id,
            )
        return self._account

    def schema(self, object_: str) -> list[FieldSchema]:
        return [field_schema(field) for field in self._wire.describe(object_)["fields"]]

    def count(self, object_: str, span: Span | None = None) -> int:
        conditions = (_LIVE.get(object_, ""), *soql.between(span or Span()))
        return self._wire.total(soql.select(("COUNT()",), object_, conditions))

    def ids(self, object_: str, span: Span | None = None) -> Iterator[list[str]]:
        conditions = (_LIVE.get(object_, ""), *soql.between(span or Span()))
        for rows in self._wire.query(soql.select(("Id",), object_, conditions, ordered=True)):
            yield [to_18(row["Id"]) for row in rows]

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
        """In the order of ids. Fields that the integration user cannot see are left out; `history` is not kept here."""
        visible = self._wire.visible(object_, fields)
        conditions = [_LIVE.get(object_, ""), *soql.window(since, until)]
        last = ""
        while True:
            beyond = f"Id > {soql.quoted(last)}" if last else ""
            query = soql.select((*ALWAYS, *visible), object_, (*conditions, beyond), ordered=True)
            try:
                for rows in self._wire.query(query):
                    yield Page([source_record(object_, row, visible) for row in rows])
                    last = rows[-1]["Id"]
            except PermanentError as error:
                if error.code != "INVALID_QUERY_LOCATOR" or not last:
                    raise
                continue  # the cursor expired: go on behind the last record
            return

    def tombstones(self, object_: str, *, since: datetime | None = None) -> Iterator[list[Tombstone]]:
        """The recycle bin, what was purged from it, and converted leads; Salesforce forgets after 15 days."""
        merges = self._wire.visible(object_, ["MasterRecordId"])
        conditions = ["IsDeleted = true", *soql.window(since, None)]
        gone = soql.select(("Id", "SystemModstamp", *merges), object_, conditions, ordered=True)
        seen: set[str] = set()
        for rows in self._wire.query(gone, deleted=True):
            stones = [_deleted(object_, row) for row in rows]
            seen.update(stone.record_id for stone in stones)
            yield stones
        purged = [stone for stone in self._deletions(object_, since) if stone.record_id not in seen]
        if purged:
            yield purged
        if object_ == "Lead":
            conditions = ["IsConverted = true", *soql.window(since, None)]
            converted = soql.select(("Id", "SystemModstamp", "ConvertedContactId"), object_, conditions, ordered=True)
            for rows in self._wire.query(converted):
                yield [_converted(row) for row in rows]

    def remembers_since(self, object_: str) -> datetime | None:
        return self._remembered.get(object_)

    def _deletions(self, object_: str, since: datetime | None) -> list[Tombstone]:
        """The list of deletions, which outlives the recycle bin but does not tell merges."""
        until = self.server_time()
        start = max(since or until - _LISTED, until - _LISTED)
        self._remembered[object_] = start
        rows = self._wire.deleted(object_, min(start, until - _SHORTEST_SPAN), until)
        return [Tombstone(object_, to_18(row["id"]), "deleted", time(row["deletedDate"])) for row in rows]

    def fates(self, object_: str, ids: Sequence[str]) -> list[Tombstone]:
        wanted = {to_18(one) for one in ids}
        return [stone for stones in self.tombstones(object_) for stone in stones if stone.record_id in wanted]

    def versions(
        self, object_: str, fields: Sequence[str], *, since: datetime | None = None
    ) -> Iterator[list[FieldVersion]]:
        return iter(())

    def stages(self, object_: str) -> list[Stage]:
        return []

    def users(self) -> list[User]:
        pages = self._wire.query(soql.select(("Id", "Email", "Name", "IsActive"), "User", ordered=True))
        return [
            User(to_18(row["Id"]), row["Email"] or "", row["Name"] or "", row["IsActive"])
            for rows in pages
            for row in rows
        ]

    def associations(self, from_object: str, to_object: str, ids: Sequence[str]) -> list[Association]:
        """Contact and Account, either way; a lead's company is a text, so it has none."""
        if {from_object, to_object} != {"Contact", "Account"}:
            return []
        field = "Id" if from_object == "Contact" else "AccountId"
        found = []
        for row in self._any_of("Contact", ("Id", "AccountId"), field, [to_18(one) for one in ids]):
            if row["AccountId"]:
                pair = (to_18(row["Id"]), to_18(row["AccountId"]))
                from_id, to_id = pair if from_object == "Contact" else pair[::-1]
                found.append(Association(from_object, from_id, to_object, to_id, primary=True))
        return found

    def read(self, object_: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, SourceRecord]:
        """By the id asked for, 15 or 18 characters; a merged record is gone here, its tombstone names the survivor."""
        visible = self._wire.visible(object_, fields)
        rows = self._any_of(object_, (*ALWAYS, *visible), "Id", [to_18(one) for one in ids])
        found = {record.record_id: record for record in (source_record(object_, row, visible) for row in rows)}
        return {one: found[to_18(one)] for one in ids if to_18(one) in found}

    def read_by_key(
        self, object_: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, SourceRecord]:
        visible = self._wire.visible(object_, fields)
        rows = self._any_of(object_, (*ALWAYS, key_field, *visible), key_field, keys)
        return {row[key_field]: source_record(object_, row, visible) for row in rows}

    def _any_of(self, object_: str, fields: Sequence[str], field: str, values: Sequence[str]) -> Iterator[Row]:
        live = _LIVE.get(object_, "")
        for condition in soql.any_of(field, values, soql.select(fields, object_, (live,))):
            for rows in self._wire.query(soql.select(fields, object_, (live, condition))):
                yield from rows

    def update(self, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.update(self._wire, object_, writes)

    def create(self, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.create(self._wire, object_, key_field, writes)

    def archive(self, object_: str, ids: Sequence[str]) -> list[WriteResult]:
        return writing.delete(self._wire, object_, ids)


def _deleted(object_: str, row: Row) -> Tombstone:
    survivor, at = to_18(row.get("MasterRecordId") or ""), time(row["SystemModstamp"])
    if not survivor:
        return Tombstone(object_, to_18(row["Id"]), "deleted", at)
    return Tombstone(object_, to_18(row["Id"]), "merged", at, object_, survivor)


def _converted(row: Row) -> Tombstone:
    survivor = to_18(row["ConvertedContactId"] or "")
    return Tombstone("Lead", to_18(row["Id"]), "converted", time(row["SystemModstamp"]), "Contact", survivor)
