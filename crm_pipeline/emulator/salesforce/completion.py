"""What the platform fills in, or refuses, when one record is written.

Belongs here: rules of single objects that need what the record was before, or the time of the write. Not here: fields
that follow from the stored record alone (computed.py), rules that an administrator makes (rules.py).

Source: Object Reference of Salesforce. Choices where the message or code is not documented: a lead with a related
record, an event without a time, an event whose end and duration disagree, a recurring activity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce import state_country
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import SObject
from crm_pipeline.emulator.salesforce.standard_values import CLOSED_CASE, CLOSED_TASK, STAGES, UNKNOWN_STAGE
from crm_pipeline.emulator.salesforce.values import parse_datetime

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records

Values = dict[str, Any]
_TAKEN = (
    "Duplicate Username. The username already exists in this or another Salesforce organization. "
    "Usernames must be unique across all Salesforce organizations."
)


def completed(store: Records, sobject: SObject, before: Row | None, values: Values) -> Values:
    """The checked values of a write with what follows from them; `before` is None when the record is created.

    Raises ApiError: FIELD_INTEGRITY_EXCEPTION, REQUIRED_FIELD_MISSING, FUNCTIONALITY_NOT_ENABLED, DUPLICATE_USERNAME.
    """
    if store.state_country_picklists:
        values = state_country.synced(sobject, before, values)
    complete_one = _BY_OBJECT.get(sobject.name)
    return values if complete_one is None else complete_one(store, before, dict(values))


def _opportunity(store: Records, before: Row | None, values: Values) -> Values:
    stage_name = values.get("StageName")
    if stage_name is None or (before is not None and before["StageName"] == stage_name):
        return values
    stage = STAGES.get(stage_name, UNKNOWN_STAGE)
    defaults: Values = {"Probability": stage.probability, "ForecastCategoryName": stage.forecast}
    if before is not None:
        defaults["LastStageChangeDate"] = store.now_text()
    return {**defaults, **{name: value for name, value in values.items() if value is not None or name not in defaults}}


def _case(store: Records, before: Row | None, values: Values) -> Values:
    contact_id = values.get("ContactId")
    if contact_id is not None and "AccountId" not in values:
        contact = store.rows.get("Contact", contact_id)
        if contact is not None and contact["AccountId"] is not None:
            values["AccountId"] = contact["AccountId"]
    _note_closing(store, before, values, CLOSED_CASE, "ClosedDate")
    return values


def _task(store: Records, before: Row | None, values: Values) -> Values:
    _check_people(before, values)
    if values.get("IsRecurrence"):
        raise ApiError("FUNCTIONALITY_NOT_ENABLED", "Recurring tasks are not enabled", ["IsRecurrence"])
    _note_closing(store, before, values, CLOSED_TASK, "CompletedDateTime")
    return values


def _event(store: Records, before: Row | None, values: Values) -> Values:
    _check_people(before, values)
    if values.get("IsRecurrence") or values.get("IsRecurrence2"):
        raise ApiError("FUNCTIONALITY_NOT_ENABLED", "Recurring events are not enabled", ["IsRecurrence"])
    _set_times(before, values)
    return values


def _user(store: Records, before: Row | None, values: Values) -> Values:
    users, username = store.schema.objects["User"], values.get("Username")
    taken = store.rows.matching(users, users.fields["Username"], username) if username is not None else []
    if any(before is None or other["Id"] != before["Id"] for other in taken):
        raise ApiError("DUPLICATE_USERNAME", _TAKEN, ["Username"])
    if before is None:
        values.setdefault("CommunityNickname", (values.get("Username") or "").partition("@")[0][:40])
        values.setdefault("ProfileId", store.default_profile_id or None)
    return values


def _note_closing(store: Records, before: Row | None, values: Values, closed: str, date: str) -> None:
    """Set the date of closing when the record gets closed, and take it away when it is opened again."""
    if "Status" not in values:
        return
    was_closed, is_closed = before is not None and before["Status"] == closed, values["Status"] == closed
    if is_closed and not was_closed:
        values.setdefault(date, store.now_text())
    elif not is_closed:
        values[date] = None


def _check_people(before: Row | None, values: Values) -> None:
    who, what = (_after(before, values, name) for name in ("WhoId", "WhatId"))
    if who is not None and who.startswith("00Q") and what is not None:
        raise ApiError(
            "FIELD_INTEGRITY_EXCEPTION", "Related To ID: must be empty when the activity is with a lead", ["WhatId"]
        )


def _set_times(before: Row | None, values: Values) -> None:
    """Bring start, end and duration together: who gives one of end and duration means the other to follow."""
    starts = [values[name] for name in ("StartDateTime", "ActivityDateTime") if values.get(name) is not None]
    if starts:
        values["StartDateTime"] = values["ActivityDateTime"] = starts[0]
    start = _after(before, values, "StartDateTime")
    all_day = bool(_after(before, values, "IsAllDayEvent"))
    if start is None and not (all_day and _after(before, values, "ActivityDate")):
        missing = ["ActivityDate"] if all_day else ["StartDateTime"]
        raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
    if all_day and values.get("ActivityDate") is None and starts:
        values["ActivityDate"] = starts[0][:10]
    end, duration = values.get("EndDateTime"), values.get("DurationInMinutes")
    if before is None and end is None and duration is None and not all_day:
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [EndDateTime]", ["EndDateTime"])
    moved = starts or duration is not None or "IsAllDayEvent" in values
    if end is None and (moved or (all_day and values.get("ActivityDate") is not None)):
        values["EndDateTime"] = None
        if duration is None and before is not None:
            values["DurationInMinutes"] = before["DurationInMinutes"]
    if duration is not None and duration < 0:
        raise _wrong_span("DurationInMinutes")
    if all_day and starts and values["ActivityDate"] != starts[0][:10]:
        message = "Activity Date and Start Date Time of an all-day event must be the same day"
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", message, ["ActivityDate"])
    begin = _after(before, values, "ActivityDate") if all_day else start
    if end is not None and begin is not None and end[: len(begin)] < begin:
        raise _wrong_span("EndDateTime" if duration is None else "DurationInMinutes")
    if end is not None and start is not None and not all_day:
        span = _minutes(end) - _minutes(start)
        if duration is not None and duration != span:
            raise ApiError(
                "FIELD_INTEGRITY_EXCEPTION", "End Date Time and Duration do not agree", ["DurationInMinutes"]
            )


def _wrong_span(name: str) -> ApiError:
    return ApiError("FIELD_INTEGRITY_EXCEPTION", "An event cannot end before it starts", [name])


def _minutes(text: str) -> int:
    at = parse_datetime(text)
    return 0 if at is None else int(at.timestamp() // 60)


def _after(before: Row | None, values: Values, name: str) -> Any:
    return values[name] if name in values else before[name] if before is not None else None


_BY_OBJECT: dict[str, Callable[[Records, Row | None, Values], Values]] = {
    "Opportunity": _opportunity,
    "Case": _case,
    "Task": _task,
    "Event": _event,
    "User": _user,
}
