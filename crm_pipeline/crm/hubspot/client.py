"""HubSpot behind `protocol.Crm`: which calls answer which question.

Not here: the wire, batches of writes, JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_pipeline.crm.calls import Calls
from crm_pipeline.crm.hubspot import reading, writing
from crm_pipeline.crm.hubspot.records import (
    field_schema,
    merged_ids,
    merged_properties,
    modified_property,
    source_record,
    time,
)
from crm_pipeline.crm.hubspot.wire import Wire
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
from crm_pipeline.model import SourceRecord, System

_PRIMARY = {("contacts", "companies"): 1, ("companies", "contacts"): 2}  # HubSpot's association type ids
_OWNERS = 500


class HubSpotCrm:
    """A portal. `calls` is what has been used of its limits so far."""

    system = System.HUBSPOT

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._account: Account | None = None

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
        """`integration_user` is what the history of our writes names as source; empty when HubSpot does not tell."""
        if self._account is None:
            details = self._wire.get("/account-info/v3/details")
            portal_id = str(details["portalId"])
            app_id = self._wire.token_info().get("appId")
            self._account = Account(
                system=self.system,
                account_id=portal_id,
                name=str(details.get("portalName") or f"portal {portal_id}"),
                time_zone=details["timeZone"],
                sandbox=details["accountType"] != "STANDARD",
                integration_user=f"INTEGRATION:{app_id}" if app_id else "",
            )
        return self._account

    def schema(self, object_: str) -> list[FieldSchema]:
        answer = self._wire.ask(self._wire.client.crm.properties.core_api.get_all, object_)
        return [field_schema(definition) for definition in answer["results"]]

    def count(self, object_: str, span: Span | None = None) -> int:
        return reading.count(self._wire, object_, span or Span())

    def ids(self, object_: str, span: Span | None = None) -> Iterator[list[str]]:
        for rows in reading.search_pages(self._wire, object_, [reading.between(span or Span())], ()):
            yield [row["id"] for row in rows]

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
        for rows in self._rows(object_, fields, since, until, history):
            yield Page([source_record(object_, row, fields) for row in rows])

    def _rows(
        self,
        object_: str,
        fields: Sequence[str],
        since: datetime | None,
        until: datetime | None,
        history: Sequence[str],
    ) -> Iterator[list[reading.Row]]:
        if since is None and until is None:
            yield from reading.list_pages(self._wire, object_, fields, history)
            return
        changed = reading.window(modified_property(object_), since, until)
        for rows in reading.search_pages(self._wire, object_, [changed], [] if history else fields):
            if history:  # a search cannot bring versions
                ids = [row["id"] for row in rows]
                rows = reading.batch_read(self._wire, object_, ids, fields, history)
            yield rows

    def tombstones(self, object_: str, *, since: datetime | None = None) -> Iterator[list[Tombstone]]:
        """Merges first: what was merged may be listed as archived as well, and merged says more."""
        merged: set[str] = set()
        known = {field.name for field in self.schema(object_)}  # a search refuses a property that it does not know
        names = [name for name in merged_properties(object_) if name in known]
        window = reading.window(modified_property(object_), since, None)
        groups = [[*window, {"propertyName": name, "operator": "HAS_PROPERTY"}] for name in names]
        for rows in reading.search_pages(self._wire, object_, groups, names) if groups else ():
            stones = [stone for row in rows for stone in _merged(object_, row)]
            merged.update(stone.record_id for stone in stones)
            if stones:
                yield stones
        for rows in reading.list_pages(self._wire, object_, (), archived=True):
            stones = [
                Tombstone(object_, row["id"], "deleted", time(row["archivedAt"]))
                for row in rows
                if row["id"] not in merged and (since is None or time(row["archivedAt"]) >= since)
            ]
            if stones:
                yield stones

    def remembers_since(self, object_: str) -> datetime | None:
        """The archive holds every deletion that can be asked for."""
        return None

    def fates(self, object_: str, ids: Sequence[str]) -> list[Tombstone]:
        wanted = set(ids)
        return [stone for stones in self.tombstones(object_) for stone in stones if stone.record_id in wanted]

    def versions(
        self, object_: str, fields: Sequence[str], *, since: datetime | None = None
    ) -> Iterator[list[FieldVersion]]:
        """None: a record brings its versions along."""
        return iter(())

    def stages(self, object_: str) -> list[Stage]:
        return []

    def users(self) -> list[User]:
        """Owners by owner id, which is what `hubspot_owner_id` holds; archived ones are inactive."""
        return [
            _user(row, active=not archived) for archived in (False, True) for row in self._owners(archived=archived)
        ]

    def _owners(self, *, archived: bool) -> Iterator[Mapping[str, Any]]:
        after: dict[str, str] = {}
        while True:
            api = self._wire.client.crm.owners.owners_api
            page = self._wire.ask(api.get_page, limit=_OWNERS, archived=archived, **after)
            yield from page["results"]
            following = (page.get("paging") or {}).get("next")
            if not following:
                return
            after = {"after": following["after"]}

    def associations(self, from_object: str, to_object: str, ids: Sequence[str]) -> list[Association]:
        primary = _PRIMARY.get((from_object, to_object))
        return [
            Association(from_object, from_id, to_object, str(one["toObjectId"]), primary in _type_ids(one))
            for from_id, one in reading.associated(self._wire, from_object, to_object, ids)
        ]

    def read(self, object_: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, SourceRecord]:
        """By the id asked for; a merged record comes as its survivor, under the survivor's id."""
        wanted = set(ids)
        found: dict[str, SourceRecord] = {}
        for row in reading.batch_read(self._wire, object_, ids, [*fields, *merged_properties(object_)]):
            record = source_record(object_, row, fields)
            names = {record.record_id, *merged_ids(object_, row)}
            found.update(dict.fromkeys(names & wanted, record))
        return found

    def read_by_key(
        self, object_: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, SourceRecord]:
        rows = reading.batch_read(self._wire, object_, keys, [*fields, key_field], id_property=key_field)
        return {str(row["properties"][key_field]): source_record(object_, row, fields) for row in rows}

    def update(self, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.update(self._wire, object_, writes)

    def create(self, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.create(self._wire, object_, key_field, writes)

    def archive(self, object_: str, ids: Sequence[str]) -> list[WriteResult]:
        return writing.archive(self._wire, object_, ids)


def _merged(object_: str, row: reading.Row) -> list[Tombstone]:
    """HubSpot does not tell when a record was merged."""
    return [
        Tombstone(object_, one, "merged", survivor_object=object_, survivor_id=row["id"])
        for one in merged_ids(object_, row)
    ]


def _user(row: Mapping[str, Any], *, active: bool) -> User:
    name = " ".join(part for part in (row.get("firstName"), row.get("lastName")) if part)
    return User(str(row["id"]), row.get("email") or "", name, active)


def _type_ids(association: Mapping[str, Any]) -> list[int | None]:
    return [
        one.get("typeId")
        for one in association.get("associationTypes") or ()
        if one.get("category", "HUBSPOT_DEFINED") == "HUBSPOT_DEFINED"
    ]
