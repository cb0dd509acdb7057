"""HubSpot behind `protocol.Crm`: which calls answer which question.

Not here: the wire, batches of writes, JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from crm_pipeline.crm.calls import Calls
from crm_pipeline.crm.hubspot import reading, tying, writing
from crm_pipeline.crm.hubspot.changes import Rates, changed
from crm_pipeline.crm.hubspot.gone import archived, archived_by_value, fates, merged_into
from crm_pipeline.crm.hubspot.keyset import bounds, listed
from crm_pipeline.crm.hubspot.reading import Asked
from crm_pipeline.crm.hubspot.records import field_schema, merged_ids, merged_properties, source_record
from crm_pipeline.crm.hubspot.relations import associations
from crm_pipeline.crm.hubspot.stages import stages
from crm_pipeline.crm.hubspot.wire import Wire
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
from crm_pipeline.crm.spans import gaps, numeric
from crm_pipeline.model import SourceRecord, System

_OWNERS = 500

#: Kana, Kanji and Hangul: names in these are said with the family name first.
_FAMILY_FIRST = re.compile("[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


class HubSpotCrm:
    """A portal. `calls` is what has been used of its limits so far."""

    system = System.HUBSPOT

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._account: Account | None = None
        self._schemas: dict[str, list[FieldSchema]] = {}

    @property
    def wire(self) -> Wire:
        """For what is no part of the protocol: looking at the account, and setting it up (administration.py)."""
        return self._wire

    @property
    def calls(self) -> Calls:
        return self._wire.gateway.calls

    @property
    def read_only(self) -> bool:
        return self._wire.gateway.read_only

    @property
    def jobs(self) -> None:
        """HubSpot's imports tell nothing that could be a receipt."""
        return None

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
                url=f"https://{details.get('uiDomain') or 'app.hubspot.com'}",
            )
        return self._account

    def schema(self, object_: str) -> list[FieldSchema]:
        """As it was when this client asked first: a client lives for one run."""
        if object_ not in self._schemas:
            answer = self._wire.ask(self._wire.client.crm.properties.core_api.get_all, object_)
            self._schemas[object_] = [field_schema(object_, definition) for definition in answer["results"]]
        return self._schemas[object_]

    def count(self, object_: str, span: Span | None = None) -> int:
        return reading.count(self._wire, object_, reading.between(*bounds(span or Span())))

    def ids(self, object_: str, span: Span | None = None) -> Iterator[list[str]]:
        """By the list, never by a search: that does not find new records for moments."""
        for rows, _ in listed(self._wire, Asked(object_), [span or Span()]):
            if rows:
                yield [str(row["id"]) for row in rows]

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
        """Merges come with the record that was made by them (`Page.gone`)."""
        properties = tuple(dict.fromkeys([*fields, *merged_properties(object_)]))
        asked = Asked(object_, properties, tuple(history))
        left = gaps(done, numeric)
        if since is None and until is None:
            parts = listed(self._wire, asked, left)
        else:
            rates = Rates(*self._wire.rates)
            parts = changed(self._wire, asked, since, until, left, live=expected, rates=rates)
        for rows, span in parts:
            records = [source_record(object_, row, fields) for row in rows]
            yield Page(records, merged_into(object_, rows), span)

    def tombstones(self, object_: str, *, since: datetime | None = None) -> Iterator[list[Tombstone]]:
        """The archive; merges come with `pages`. What was merged may be archived as well: merged says more."""
        return archived(self._wire, object_, since)

    def remembers_since(self, object_: str) -> datetime | None:
        """The archive holds every deletion that can be asked for."""
        return None

    def fates(self, object_: str, ids: Sequence[str]) -> list[Tombstone]:
        return fates(self._wire, object_, ids)

    def versions(
        self, object_: str, fields: Sequence[str], *, since: datetime | None = None
    ) -> Iterator[list[FieldVersion]]:
        """None: a record brings its versions along."""
        return iter(())

    def stages(self, object_: str) -> list[Stage]:
        return stages(self._wire, object_)

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
            cursor = reading.following(page)
            if not cursor:
                return
            after = {"after": cursor}

    def associations(self, from_object: str, to_object: str, ids: Sequence[str]) -> list[Association]:
        """`primary`: the primary company, from either side."""
        return [one for some in associations(self._wire, from_object, to_object, ids) for one in some]

    def read(
        self, object_: str, ids: Sequence[str], fields: Sequence[str], *, history: Sequence[str] = ()
    ) -> dict[str, SourceRecord]:
        """By the id asked for; a merged record comes as its survivor, under the survivor's id."""
        wanted = set(ids)
        found: dict[str, SourceRecord] = {}
        asked = Asked(object_, (*fields, *merged_properties(object_)), tuple(history))
        for row in chain.from_iterable(reading.read_all(self._wire, asked, ids)):
            record = source_record(object_, row, fields)
            names = {record.record_id, *merged_ids(object_, row)}
            found.update(dict.fromkeys(names & wanted, record))
        return found

    def read_by_key(
        self, object_: str, key_field: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, SourceRecord]:
        asked = Asked(object_, (*fields, key_field))
        rows = chain.from_iterable(reading.read_all(self._wire, asked, keys, id_property=key_field))
        return {str(row["properties"][key_field]): source_record(object_, row, fields) for row in rows}

    def gone_by_key(self, object_: str, key_field: str, keys: Sequence[str]) -> dict[str, str]:
        return archived_by_value(self._wire, object_, key_field, keys) if keys else {}

    def update(self, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.update(self._wire, object_, writes)

    def create(self, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        return writing.create(self._wire, object_, key_field, writes)

    def associate(self, from_object: str, to_object: str, ties: Sequence[Tie]) -> list[WriteResult]:
        return tying.associate(self._wire, from_object, to_object, ties)

    def archive(self, object_: str, ids: Sequence[str]) -> list[WriteResult]:
        return writing.archive(self._wire, object_, ids)


def _user(row: Mapping[str, Any], *, active: bool) -> User:
    names = [str(row.get(part) or "").strip() for part in ("firstName", "lastName")]
    if _FAMILY_FIRST.search("".join(names)):
        names.reverse()
    name = " ".join(name for name in names if name)
    return User(str(row["id"]), row.get("email") or "", name, active)
