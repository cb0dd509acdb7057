"""The standard picklist values that carry meaning, and the records that tell it.

Belongs here: stages and statuses with what they imply, standard profiles, as a new organisation has them. Not here:
what follows for a record (computed.py). The values are those of the recorded describe results; probabilities and
forecast categories are Salesforce's defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from crm_pipeline.emulator.salesforce.ids import make_id


class Stage(NamedTuple):
    """What an opportunity's stage implies unless the record says otherwise; probability in percent."""

    probability: float
    forecast: str
    closed: bool = False
    won: bool = False


STAGES = {
    "Prospecting": Stage(10.0, "Pipeline"),
    "Qualification": Stage(10.0, "Pipeline"),
    "Needs Analysis": Stage(20.0, "Pipeline"),
    "Value Proposition": Stage(50.0, "Pipeline"),
    "Id. Decision Makers": Stage(60.0, "Pipeline"),
    "Perception Analysis": Stage(70.0, "Pipeline"),
    "Proposal/Price Quote": Stage(75.0, "Pipeline"),
    "Negotiation/Review": Stage(90.0, "Pipeline"),
    "Closed Won": Stage(100.0, "Closed", closed=True, won=True),
    "Closed Lost": Stage(0.0, "Omitted", closed=True),
}
UNKNOWN_STAGE = Stage(0.0, "Pipeline")
"""A stage that was written through the API without being defined is an open one (choice)."""

FORECAST_CATEGORIES = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Most Likely": "MostLikely",
    "Commit": "Forecast",
    "Closed": "Closed",
}
"""ForecastCategory by ForecastCategoryName."""

CLOSED_TASK, CLOSED_CASE, CONVERTED_LEAD, HIGH_PRIORITY = "Completed", "Closed", "Closed - Converted", "High"
PROFILES = ("System Administrator", "Standard User", "Minimum Access - API Only Integrations")

_PLAIN_VALUES = {
    "TaskStatus": (
        "IsClosed",
        CLOSED_TASK,
        ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"),
    ),
    "TaskPriority": ("IsHighPriority", HIGH_PRIORITY, ("Normal", "High", "Low")),
    "CaseStatus": ("IsClosed", CLOSED_CASE, ("New", "Working", "Escalated", "Closed")),
    "LeadStatus": (
        "IsConverted",
        CONVERTED_LEAD,
        ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"),
    ),
}


def records() -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of OpportunityStage, TaskStatus and their like: object and values.

    All these objects share one key prefix, so their ids are numbered together.
    """
    number = 0
    for order, (name, stage) in enumerate(STAGES.items(), start=1):
        number += 1
        yield (
            "OpportunityStage",
            {
                **_named(name, order, number),
                "IsActive": True,
                "IsClosed": stage.closed,
                "IsWon": stage.won,
                "ForecastCategory": FORECAST_CATEGORIES[stage.forecast],
                "ForecastCategoryName": stage.forecast,
                "DefaultProbability": stage.probability,
            },
        )
    for object_, (flag, flagged, names) in _PLAIN_VALUES.items():
        for order, name in enumerate(names, start=1):
            number += 1
            yield object_, {**_named(name, order, number), "IsDefault": order == 1, flag: name == flagged}


def _named(name: str, order: int, number: int) -> dict[str, Any]:
    return {"Id": make_id("01J", number), "MasterLabel": name, "ApiName": name, "SortOrder": order}
