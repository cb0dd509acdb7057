"""Stages of opportunities, and statuses of cases and tasks, as Salesforce's own lists tell what they mean.

Not here: picklist values of other fields. Source: Object Reference, OpportunityStage, CaseStatus, TaskStatus.
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.crm.protocol import Stage
from crm_pipeline.crm.salesforce.wire import Wire

#: Object -> the list behind its stage or status. A lead's status is a picklist that ends with the conversion.
_LISTS: Mapping[str, str] = {"Opportunity": "OpportunityStage", "Case": "CaseStatus", "Task": "TaskStatus"}
_COLUMNS = ("ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon", "DefaultProbability")


def stages(wire: Wire, object_: str) -> list[Stage]:
    """All of them, in Salesforce's order, also those that can no longer be chosen: records still have them."""
    if object_ not in _LISTS:
        return []
    shape = wire.shape(_LISTS[object_])
    columns = [name for name in _COLUMNS if name in shape.fields]
    rows = [row for rows in wire.query(shape.everything(columns).text()) for row in rows]
    return [
        Stage(
            object=object_,
            pipeline_id="",
            pipeline="",
            stage_id=row["ApiName"],
            label=row["MasterLabel"],
            position=row["SortOrder"] or 0,
            closed=bool(row["IsClosed"]),
            won=bool(row.get("IsWon", False)),
            probability=None if row.get("DefaultProbability") is None else row["DefaultProbability"] / 100,
        )
        for row in sorted(rows, key=lambda row: (row["SortOrder"] or 0, row["ApiName"]))
    ]
