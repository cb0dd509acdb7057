"""What belongs to a record by a look-up field: its tasks, its cases, an account's opportunities.

Belongs here: which look-up leads from which object, and reading them from the parent's side. Not here: the relations
that are synced (client.py, roles.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.crm.protocol import Association
from crm_pipeline.crm.salesforce import reading
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.wire import Wire

#: (parent, child) -> the child's look-up field.
LOOK_UPS = {
    ("Lead", "Task"): "WhoId",
    ("Lead", "Event"): "WhoId",
    ("Contact", "Task"): "WhoId",
    ("Contact", "Event"): "WhoId",
    ("Contact", "Case"): "ContactId",
    ("Contact", "OpportunityContactRole"): "ContactId",
    ("Account", "Task"): "WhatId",
    ("Account", "Event"): "WhatId",
    ("Account", "Case"): "AccountId",
    ("Account", "Opportunity"): "AccountId",
    ("Opportunity", "Task"): "WhatId",
    ("Opportunity", "Event"): "WhatId",
    ("Case", "Task"): "WhatId",
    ("Case", "Event"): "WhatId",
}


def associations(wire: Wire, parent: str, child: str, ids: Sequence[str]) -> list[Association]:
    """The children of these records."""
    field = LOOK_UPS[parent, child]
    query = wire.shape(child).everything(("Id", field))
    rows = reading.by_value(wire, query, field, [to_18(one) for one in ids])
    return [Association(parent, to_18(row[field]), child, to_18(row["Id"]), primary=False) for row in rows]
