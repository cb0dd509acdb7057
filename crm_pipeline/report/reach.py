"""Whom marketing can mail and sales can phone after a run, beside what it would be if nothing had been written."""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Reach:
    """Customers with whom a team can do something; marketing works in HubSpot, sales in Salesforce."""

    question: str
    without_writes: int
    customers: int
    total: int


def reach(connection: Connection, run_id: int) -> list[Reach]:
    """What publish measured in this run."""
    rows = connection.execute(
        "select case system when 'hubspot' then 'marketing' else 'sales' end || ' can ' || capability, "
        "without_writes, customers, total from publish.reach where run_id = ? order by system, capability",
        [run_id],
    ).fetchall()
    return [Reach(*row) for row in rows]
