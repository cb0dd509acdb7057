"""Endpoints of sObject Collections: up to 200 records in one call, each with its own result.

The answer is 200 even when every record is refused; results stand in the order of the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from crm_pipeline.emulator.salesforce import ids, record_routes
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError, not_found, parser_error
from crm_pipeline.emulator.salesforce.schema import Field, SObject

MOST_RECORDS, MOST_CHUNKS = 200, 10
_MOST_RETRIEVED = 2000

Operation = Callable[[], dict[str, Any]]


def create(call: Call) -> Answer:
    """POST /composite/sobjects"""
    return _run(call, [partial(_create, call, record) for record in _records(call)], call.json_object())


def update(call: Call) -> Answer:
    """PATCH /composite/sobjects"""
    return _run(call, [partial(_update, call, record) for record in _records(call)], call.json_object())


def upsert(call: Call) -> Answer:
    """PATCH /composite/sobjects/{object}/{field}"""
    records = _records(call)
    field = record_routes.key_field(call.sobject(), call.params["field"])
    keys = Counter(_key(field, record) for record in records)
    operations = [
        partial(_repeated, field, record) if keys[key] > 1 and key else partial(_upsert, call, record)
        for record in records
        for key in [_key(field, record)]
    ]
    return _run(call, operations, call.json_object())


def delete(call: Call) -> Answer:
    """DELETE /composite/sobjects?ids="""
    listed = [record_id.strip() for record_id in call.query.get("ids", "").split(",") if record_id.strip()]
    _check_count(listed)
    if not listed:
        raise ApiError("MISSING_ARGUMENT", "The request must name the ids to delete")
    return _run(call, [partial(_delete, call, record_id) for record_id in listed], call.query)


def retrieve(call: Call) -> Answer:
    """GET or POST /composite/sobjects/{object}: records by id, null for those that do not exist"""
    sobject = call.sobject()
    if call.method == "POST":
        listed, names = call.json_object().get("ids", []), call.json_object().get("fields", [])
    else:
        listed, names = (call.query.get(name, "").split(",") for name in ("ids", "fields"))
    if not isinstance(listed, list) or not isinstance(names, list):
        raise parser_error("ids and fields must be lists at [line:1, column:2]")
    if len(listed) > _MOST_RETRIEVED:
        raise _too_many(_MOST_RETRIEVED)
    if not any(names):
        raise ApiError("MISSING_ARGUMENT", "The request must name the fields to retrieve")
    fields = record_routes.field_names(sobject, [str(name).strip() for name in names])
    rows = [call.store.rows.get(sobject.name, ids.canonical(str(record_id)) or "") for record_id in listed]
    return Answer(
        200,
        [
            None if row is None or row.get("IsDeleted") else record_routes.whole_record(call, sobject, row, fields)
            for row in rows
        ],
    )


def _create(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    record_id = call.create(_type(call, record), record)
    return {"id": record_id, "success": True, "errors": []}


def _update(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    sobject = _type(call, record)
    given, fields = _without(record, "Id")
    if not given:
        raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", ["Id"])
    record_id = _known_id(given)
    call.update(sobject, record_id, fields)
    return {"id": record_id, "success": True, "errors": []}


def _upsert(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    sobject = call.sobject()
    if _type(call, record) is not sobject:
        raise ApiError("INVALID_TYPE", f"Every record must be of type {sobject.name}", [])
    field = record_routes.key_field(sobject, call.params["field"])
    value, fields = _without(record, field.name)
    if value in (None, "") and field.type == "id":
        return {**_create(call, fields), "created": True}
    if value in (None, ""):
        raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified", [field.name])
    rows = record_routes.matching(call, sobject, field, str(value))
    if len(rows) > 1:
        raise ApiError(
            "DUPLICATE_EXTERNAL_ID",
            f"{field.name}: more than one record found for external id field: {[row['Id'] for row in rows]}",
            [field.name],
        )
    if not rows and field.type == "id":
        _known_id(value)
        raise not_found()
    if rows:
        record_id = rows[0]["Id"]
        call.update(sobject, record_id, fields)
    else:
        record_id = call.create(sobject, {**fields, field.name: value})
    return {"id": record_id, "success": True, "errors": [], "created": not rows}


def _key(field: Field, record: Mapping[str, Any]) -> str:
    value = _without(record, field.name)[0]
    text = "" if value is None else str(value).strip()
    return text if field.case_sensitive else text.lower()


def _repeated(field: Field, record: Mapping[str, Any]) -> dict[str, Any]:
    """Records of one call that have the same key are all refused."""
    value = _without(record, field.name)[0]
    raise ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", [field.name])


def _delete(call: Call, given: str) -> dict[str, Any]:
    record_id = _known_id(given)
    call.store.delete(call.store.object_of(record_id).name, record_id, user_id=call.user_id)
    return {"id": record_id, "success": True, "errors": []}


class _RolledBackError(Exception):
    """Undoes the whole call."""


def _run(call: Call, operations: Sequence[Operation], options: Mapping[str, Any]) -> Answer:
    results: list[dict[str, Any]] = []
    try:
        with call.store.transaction():
            for operation in operations:
                try:
                    results.append(operation())
                except ApiError as error:
                    results.append({"success": False, "errors": [_of_record(error).record_error()]})
            if call.flag(options, "allOrNone") and not all(result["success"] for result in results):
                raise _RolledBackError
    except _RolledBackError:
        rolled_back = ApiError(
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "Record rolled back because not all records were valid and the request was using AllOrNone header",
        )
        refused = {"success": False, "errors": [rolled_back.record_error()]}
        results = [refused if result["success"] else result for result in results]
    return Answer(200, results)


def _of_record(error: ApiError) -> ApiError:
    """In a collection a record that does not exist is a wrong reference, not a missing resource."""
    if error.code != "NOT_FOUND":
        return error
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def _records(call: Call) -> list[Mapping[str, Any]]:
    records = call.json_object().get("records")
    if not isinstance(records, list) or not all(isinstance(record, Mapping) for record in records):
        raise parser_error("Records must be a list of objects at [line:1, column:2]")
    _check_count(records)
    chunks = sum(1 for _ in groupby(records, key=_type_name))
    if chunks > MOST_CHUNKS:
        raise ApiError("EXCEEDED_MAX_TYPES_LIMIT", f"records of different types form more than {MOST_CHUNKS} chunks")
    return records


def _check_count(records: Sequence[Any]) -> None:
    if len(records) > MOST_RECORDS:
        raise _too_many(MOST_RECORDS)


def _too_many(most: int) -> ApiError:
    return ApiError("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records into this call")


def _type_name(record: Mapping[str, Any]) -> str:
    attributes = record.get("attributes")
    return str(attributes.get("type", "")) if isinstance(attributes, Mapping) else ""


def _type(call: Call, record: Mapping[str, Any]) -> SObject:
    name = _type_name(record)
    sobject = call.store.schema.find(name)
    if sobject is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.", [])
    return sobject


def _without(record: Mapping[str, Any], name: str) -> tuple[Any, dict[str, Any]]:
    """The value of a field, named in any letter case, and the record without it."""
    given = next((value for key, value in record.items() if key.lower() == name.lower()), None)
    return given, {key: value for key, value in record.items() if key.lower() != name.lower()}


def _known_id(given: Any) -> str:
    record_id = ids.canonical(str(given))
    if record_id is None:
        raise ApiError("MALFORMED_ID", f"malformed id {given}", ["Id"])
    return record_id
