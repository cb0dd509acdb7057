"""Rules between the properties of a record: what a write must have, and what HubSpot itself sets because of it.

Belongs here: required properties, pipelines and stages, computed properties. Not here: one value against its
definition (values.py), uniqueness and the lifecycle stage's direction (portal.py).

Sources: HubSpot's object guides (required properties, default pipeline), knowledge base pages of default properties.
Choices where they are silent: a stage of another pipeline is refused with INVALID_OPTION and that pipeline's stages;
moving to another pipeline needs one of its stages; a deal may be created without a stage; closing without a close date
sets it. Computed here: those below; other calculated properties (roll-ups over associated records, time in a stage)
have no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid_properties, property_problem
from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.pipelines import STAGE_PROPERTIES, Part, Pipelines, live_stages
from crm_pipeline.emulator.hubspot.records import Source
from crm_pipeline.emulator.hubspot.values import not_an_option

Values = Mapping[str, str]

_BODIES = {
    "calls": "hs_call_body",
    "emails": "hs_email_text",
    "meetings": "hs_meeting_body",
    "notes": "hs_note_body",
    "tasks": "hs_task_body",
}
_LONGEST_PREVIEW = 500
_TAG = re.compile(r"<[^>]*>")


def require(kind: ObjectType, properties: Any) -> None:
    """Refuse to create a record through the API without the properties that its type requires."""
    if isinstance(properties, Mapping) and (missing := [one for one in kind.required if not properties.get(one)]):
        message = f"Error creating {kind.singular.upper()}. Some required properties were not set."
        raise HubSpotError(400, message, "VALIDATION_ERROR", context={"properties": missing})


def settled(
    kind: ObjectType, pipelines: Pipelines, before: Values, values: dict[str, str], *, new: bool
) -> dict[str, str]:
    """The values to write with those that follow from them: the pipeline of a stage, a company's domain.

    Raises HubSpotError 400 for a stage that is not of the record's pipeline.
    """
    if kind.name in STAGE_PROPERTIES:
        return _in_pipeline(kind, pipelines, before, values, new=new)
    if kind.name == "companies":
        return _with_domain(before, values)
    if kind.name == "tasks" and new:
        return {"hs_task_status": "NOT_STARTED", "hs_task_priority": "NONE", "hs_task_type": "TODO", **values}
    return values


def _in_pipeline(
    kind: ObjectType, pipelines: Pipelines, before: Values, values: dict[str, str], *, new: bool
) -> dict[str, str]:
    pipeline_name, stage_name = STAGE_PROPERTIES[kind.name]
    if not new and pipeline_name not in values and stage_name not in values:
        return values
    live = {pipeline["id"]: pipeline for pipeline in pipelines.of(kind.name)}
    pipeline_id = values.get(pipeline_name) or before.get(pipeline_name) or next(iter(live))
    stage_id = values.get(stage_name, before.get(stage_name, ""))
    stages = [stage["id"] for stage in live_stages(live[pipeline_id])] if pipeline_id in live else []
    if stage_id and stage_id not in stages:
        problem = property_problem(stage_name, "INVALID_OPTION", not_an_option(stage_id, stages))
        raise invalid_properties([problem])
    return {**values, pipeline_name: pipeline_id}


def _with_domain(before: Values, values: dict[str, str]) -> dict[str, str]:
    values = dict(values)
    if values.get("domain"):
        values["domain"] = host(values["domain"])
        if not before.get("website") and "website" not in values:
            values["website"] = values["domain"]
    return values


def host(text: str) -> str:
    """The domain in a domain or address as people type it: lower case, without scheme, www. and path."""
    text = text.strip().lower()
    name = urlsplit(text if "//" in text else f"//{text}").netloc.rpartition("@")[2]
    return name.partition(":")[0].removeprefix("www.") or text


def computed(kind: ObjectType, pipelines: Pipelines, before: Values, values: Values, now: str) -> dict[str, str]:
    """What HubSpot computes after a write: `before` the record's values until now, `values` those written."""
    after = {**before, **values}
    return {
        name: text
        for name, text in _computed(kind, pipelines, before, values, after, now)
        if after.get(name, "") != text
    }


def _computed(
    kind: ObjectType, pipelines: Pipelines, before: Values, values: Values, after: Values, now: str
) -> Iterator[tuple[str, str]]:
    if "hubspot_owner_id" in values:
        yield "hs_all_owner_ids", values["hubspot_owner_id"]
        yield "hubspot_owner_assigneddate", now if values["hubspot_owner_id"] else ""
    if "lifecyclestage" in values:
        yield from _moved(before.get("lifecyclestage", ""), values["lifecyclestage"], before, now)
    if kind.name == "contacts":
        yield from _contact(values, after, now)
    elif kind.name in STAGE_PROPERTIES:
        yield from _stages(kind, pipelines, before, values, after, now)
    elif (body := _BODIES.get(kind.name)) and body in values:
        preview = " ".join(unescape(_TAG.sub(" ", values[body])).split())
        yield "hs_body_preview", preview[:_LONGEST_PREVIEW]
        yield "hs_body_preview_is_truncated", str(len(preview) > _LONGEST_PREVIEW).lower() if preview else ""
    if kind.name == "tasks" and "hs_task_status" in values:
        done = values["hs_task_status"] == "COMPLETED"
        yield "hs_task_is_completed", str(int(done))
        yield "hs_task_is_open", str(int(not done))
        yield "hs_task_completion_date", (before.get("hs_task_completion_date") or now) if done else ""


def _moved(old: str, new: str, before: Values, now: str) -> Iterator[tuple[str, str]]:
    """When a record left a stage and entered another."""
    if old != new:
        if old:
            yield f"hs_v2_date_exited_{old}", now
        if new:
            yield f"hs_v2_date_entered_{new}", now


def _contact(values: Values, after: Values, now: str) -> Iterator[tuple[str, str]]:
    if "email" in values:
        yield "hs_email_domain", values["email"].partition("@")[2]
    if {"email", "firstname", "lastname"} & set(values):
        name = f"{after.get('firstname', '')} {after.get('lastname', '')}".strip()
        yield "hs_full_name_or_email", name or after.get("email", "")
    if stage := values.get("lifecyclestage"):
        reached = f"hs_lifecyclestage_{stage}_date"
        yield reached, after.get(reached) or now


def _stages(
    kind: ObjectType, pipelines: Pipelines, before: Values, values: Values, after: Values, now: str
) -> Iterator[tuple[str, str]]:
    stage_name = STAGE_PROPERTIES[kind.name][1]
    old, new = before.get(stage_name, ""), after.get(stage_name, "")
    place = pipelines.place(kind.name, new)
    if place is None:
        return
    if old != new:
        yield from _moved(old, new, before, now)
        yield "hs_v2_date_entered_current_stage", now
        if old and (entered := before.get(f"hs_v2_date_entered_{old}")):
            spent = _milliseconds(entered, now)
            earlier = int(before.get(f"hs_v2_cumulative_time_in_{old}", "0"))
            yield f"hs_v2_latest_time_in_{old}", str(spent)
            yield f"hs_v2_cumulative_time_in_{old}", str(earlier + spent)
    stage = place[1]
    closed = stage["metadata"]["isClosed"] == "true"
    yield "hs_is_closed", str(closed).lower()
    yield "hs_is_open_count", str(int(not closed))
    if kind.name == "tickets":
        at = (before.get("closed_date") if old == new else None) or now
        yield "closed_date", at if closed else ""
        yield "time_to_close", str(_milliseconds(after.get("createdate", now), at)) if closed else ""
    else:
        yield from _deal(stage, after, now, closed=closed, moved=old != new)


def _deal(stage: Part, after: Values, now: str, *, closed: bool, moved: bool) -> Iterator[tuple[str, str]]:
    probability = stage["metadata"]["probability"]
    won = closed and float(probability) == 1
    yield "hs_is_closed_won", str(won).lower()
    yield "hs_is_closed_lost", str(closed and not won).lower()
    yield "hs_is_closed_count", str(int(closed))
    yield "hs_closed_won_count", str(int(won))
    yield "hs_deal_stage_probability", probability
    close_date = after.get("closedate", "")
    if closed and moved and not close_date:
        close_date = now
        yield "closedate", now
    yield "hs_closed_won_date", close_date if won else ""
    amount = after.get("amount", "")
    yield "amount_in_home_currency", amount
    yield "hs_closed_amount", (amount if won else "0") if amount else ""
    yield "hs_projected_amount", _plain(Decimal(amount) * Decimal(probability)) if amount else ""
    days = _milliseconds(after.get("createdate", now), close_date) // 86_400_000 if close_date else 0
    yield "days_to_close", str(max(0, days)) if close_date else ""


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _milliseconds(start: str, end: str) -> int:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000)


def creation(source: Source) -> dict[str, str]:
    """The properties of a new record that say who created it."""
    made = {"hs_object_source": source.type, "hs_object_source_id": source.id, "hs_object_source_label": source.type}
    if source.user_id is not None:
        user = str(source.user_id)
        made |= {"hs_object_source_user_id": user, "hs_created_by_user_id": user}
    return made
