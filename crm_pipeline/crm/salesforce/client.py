"""Salesforce behind `protocol.Crm`: which queries answer which question.

Converted leads are gone: the person is a Contact from then on.
Not here: sending, batches of writes, JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from crm_pipeline.crm.calls import Calls
from crm_pipeline.crm.protocol import (
    Account,
    Association,
    FieldSchema,
    FieldVersion,
    Page,
    Span,
    Stage,
    Tie,
    Tombstone,
    User,
    Write,
    WriteResult,
)
from crm_pipeline.crm.salesforce import children, history, reading, roles, soql, stages, writing
from crm_pipeline.crm.salesforce.bulk_writing import BulkWriting
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.records import field_schema, source_record
from crm_pipeline.crm.salesforce.wire import Wire
from crm_pipeline.model import SourceRecord, System

_ANCIENT = datetime.min.replace(tzinfo=UTC)


class SalesforceCrm:
    """An organisation. `calls` is what has been used of its limits so far."""

    system = System.SALESFORCE

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._account: Account | None = None
        self._forgotten: dict[str, datetime] = {}

    @property
    def wire(self) -> Wire:
        """For what is no part of the protocol: looking at the organisation, and setting it up (administration.py)."""
        return self._wire

    @property
    def calls(self) -> Calls:
        return self._wire.gateway.calls

    @property
    def read_only(self) -> bool:
        return self._wire.gateway.read_only

    @property
    def jobs(self) -> BulkWriting:
        return BulkWriting(self._wire)

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
                url=self._wire.tokens.current().instance_url,
            )
        return self._account

    def schema(self, object_: str) -> list[FieldSchema]:
        return [field_schema(field) for field in self._wire.describe(object_)["fields"]]

    def count(self, object_: str, span: Span | None = None) -> int:
        return reading.count(self._wire, object_, span)

    def ids(self, object_: str, span: Span | None = None) -> Iterator[list[str]]:
        return reading.ids(self._wire, object_, span)

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
        """In the order of ids, but for very many records. Fields that the integration user cannot see are left out;
        `history` is not kept here (`versions`). In a window deleted, merged and converted records come as well."""
        return reading.pages(self._wire, object_, fields, since=since, until=until, expected=expected, done=done)

    def tombstones(self, object_: str, *, since: datetime | None = None) -> Iterator[list[Tombstone]]:
        """What Salesforce lists as deleted, for 15 days; without `since` also the recycle bin and converted leads."""
        named: set[str] = set()
        for stones in reading.binned(self._wire, object_, since):
            named.update(stone.record_id for stone in stones)
            yield stones
        until = self.server_time()
        listed, complete_from = reading.deletions(self._wire, object_, since or _ANCIENT, until, named)
        if since is not None and complete_from > since:
            self._forgotten[object_] = complete_from
        if listed:
            yield listed

    def remembers_since(self, object_: str) -> datetime | None:
        return self._forgotten.get(object_)

    def fates(self, object_: str, ids: Sequence[str]) -> list[Tombstone]:
        return reading.fates(self._wire, object_, ids, self.server_time()) if ids else []

    def versions(
        self, object_: str, fields: Sequence[str], *, since: datetime | None = None
    ) -> Iterator[list[FieldVersion]]:
        return history.versions(self._wire, object_, fields, since)

    def stages(self, object_: str) -> list[Stage]:
        return stages.stages(self._wire, object_)

    def users(self) -> list[User]:
        pages = self._wire.query(soql.select(("Id", "Email", "Name", "IsActive"), "User", ordered=True))
        return [
            User(to_18(row["Id"]), row["Email"] or "", row["Name"] or "", row["IsActive"])
            for rows in pages
            for row in rows
        ]

    def associations(self, from_object: str, to_object: str, ids: Sequence[str]) -> list[Association]:
        """Contact and Account, either way, the people of opportunities, and what belongs to a record by a look-up
        (children.py). A lead's company is a text, so it has none."""
        if (from_object, to_object) == roles.ENDS:
            return roles.associations(self._wire, ids)
        if (from_object, to_object) in children.LOOK_UPS:
            return children.associations(self._wire, from_object, to_object, ids)
        if {from_object, to_object} != {"Contact", "Account"}:
            return []
        field = "Id" if from_object == "Contact" else "AccountId"
        found = []
        query = self._wire.shape("Contact").everything(("Id", "AccountId"))
        for row in reading.by_value(self._wire, query, field, [to_18(one) for one in ids]):
            if row["AccountId"]:
                pair = (to_18(row["Id"]), to_18(row["AccountId"]))
                from_id, to_id = pair if from_object == "Contact" else pair[::-1]
                found.append(Association(from_object, from_id, to_object, to_id, primary=True))
        return found

    def read(
        self, object_: str, ids: Sequence[str], fields: Sequence[str], *, history: Sequence[str] = ()
    ) -> dict[str, SourceRecord]:
        """By the id asked for, 15 or 18 characters; a merged record is gone here, its tombstone names the survivor."""
        found = {record.record_id: record for record, _ in self._any_of(object_, fields, "Id", [*map(to_18, ids)])}
        return {one: found[to_18(one)] for one in ids if to_18(one) in found}

    def read_by_key(
        self, object_: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, SourceRecord]:
        return {key: record for record, key in self._any_of(object_, fields, key_field, keys)}

    def gone_by_key(self, object_: str, key_field: str, keys: Sequence[str]) -> dict[str, str]:
        queries = self._wire.shape(object_).gone((key_field,)) if keys else []
        rows = chain.from_iterable(reading.by_value(self._wire, query, key_field, keys) for query in queries)
        return {row[key_field]: to_18(row["Id"]) for row in rows}

    def _any_of(
        self, object_: str, fields: Sequence[str], field: str, values: Sequence[str]
    ) -> Iterator[tuple[SourceRecord, str]]:
        """Live records in which a field has one of the values, with that value."""
        types = self._wire.types(object_, fields)
        shape = self._wire.shape(object_)
        query = shape.everything((*shape.system, field, *types))
        for row in reading.by_value(self._wire, query, field, values):
            yield source_record(object_, row, types), row[field]

    def update(self, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.update(self._wire, object_, writes)

    def create(self, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.create(self._wire, object_, key_field, writes)

    def associate(self, from_object: str, to_object: str, ties: Sequence[Tie]) -> list[WriteResult]:
        """The people of opportunities; other relations are look-up fields."""
        assert (from_object, to_object) == roles.ENDS
        return roles.associate(self._wire, ties)

    def archive(self, object_: str, ids: Sequence[str]) -> list[WriteResult]:
        return writing.delete(self._wire, object_, ids)
