"""Endpoints that find records by words: search (SOSL) and parameterizedSearch.

Source: REST API guide, "Search for a String", "Search with Parameters in the URI / in the Request Body". Of a
parameterized search these parameters count: q, in, fields, sobject(s) with their fields, where and limit, defaultLimit,
overallLimit. Every search looks at all records of its objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_pipeline.emulator.salesforce import soql, sosl
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.soql.fields import Data
from crm_pipeline.emulator.salesforce.sosl import MOST_RECORDS, Returning, Search

_LIST_BEFORE = 37
"""Up to API version 36 a search answers a list of records, since 37 an object with `searchRecords`."""


def search(call: Call) -> Answer:
    """GET /search?q="""
    return _answer(call, sosl.parse(call.query.get("q", "")))


def parameterized_search(call: Call) -> Answer:
    """GET or POST /parameterizedSearch"""
    given = call.json_object() if call.method == "POST" else _from_query(call.query)
    if not given.get("q"):
        raise ApiError("MISSING_ARGUMENT", "The search needs q, a text to search for")
    objects, default = given.get("sobjects") or [], _number(given.get("defaultLimit"))
    if not isinstance(objects, list) or not all(isinstance(one, Mapping) and one.get("name") for one in objects):
        raise ApiError("INVALID_SEARCH", "sobjects must be a list of objects with a name")
    returning = [_returning(one, given.get("fields") or [], default) for one in objects]
    scope = str(given.get("in", "ALL")).lower()
    if scope not in ("all", "name", "email", "phone", "sidebar"):
        raise ApiError("INVALID_SEARCH", f"invalid search scope: {given.get('in')}")
    return _answer(call, Search(str(given["q"]), scope, returning, _number(given.get("overallLimit"))))


def _answer(call: Call, asked: Search) -> Answer:
    returning: Sequence[Returning] = asked.returning or [
        Returning(sobject.name, "Id", "", MOST_RECORDS)
        for sobject in call.store.schema.readable()
        if sobject.described["searchable"] and sobject.described["queryable"] and "IsDeleted" in sobject.fields
    ]
    records: list[dict[str, Any]] = []
    for wanted in returning:
        records += _found(call, asked, wanted)
    records = records[: asked.limit]
    return Answer(200, records if float(call.version) < _LIST_BEFORE else {"searchRecords": records})


def _found(call: Call, asked: Search, wanted: Returning) -> list[dict[str, Any]]:
    store = call.store
    result = soql.run(
        Data(store.schema, store.rows),
        f"SELECT {wanted.fields} FROM {wanted.object_}{wanted.rest}",
        today=store.clock.now().astimezone(store.zone).date(),
        zone=store.zone,
        version=call.version,
        include_deleted=False,
        user_id=call.user_id,
    )
    sobject = store.schema.find(wanted.object_)
    assert sobject is not None
    if not sobject.described["searchable"]:
        raise ApiError("INVALID_TYPE", f"entity type {sobject.name} does not support search")
    matches = sosl.matcher(asked.words, asked.scope, sobject)
    return [result.render(row) for row in result.rows if matches(row)][: wanted.limit]


def _from_query(query: Mapping[str, str]) -> Mapping[str, Any]:
    name = query.get("sobject")
    fields = [field for field in query.get("fields", "").split(",") if field.strip()]
    if name is None:
        return {**query, "fields": fields}
    own = query.get(f"{name}.fields")
    one = {"name": name, "where": query.get(f"{name}.where"), "limit": query.get(f"{name}.limit")}
    return {**query, "fields": fields, "sobjects": [{**one, "fields": own.split(",") if own else None}]}


def _returning(one: Mapping[str, Any], fields: Sequence[Any], default: int) -> Returning:
    listed = ", ".join(str(field) for field in one.get("fields") or fields) or "Id"
    where = f" WHERE {one['where']}" if one.get("where") else ""
    return Returning(str(one["name"]), listed, where, _number(one.get("limit") or default))


def _number(given: Any) -> int:
    return min(int(given), MOST_RECORDS) if str(given).isdigit() else MOST_RECORDS
