"""Which records of the kinds that are linked, never matched, get a counterpart: those newer than a time.

Older ones may be on both sides already, unlinked: creating them would double them. Belongs here: that time, and whether
a record is newer. Not here: what else a create waits for (create.py), who remembers the time (golden/linked.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import LINKED, Kind, System
from crm_pipeline.plan.member import Member
from crm_pipeline.warehouse import Connection

#: Since when records of a kind are created in a CRM.
Since = Mapping[tuple[Kind, System], datetime]


def load(connection: Connection) -> Since:
    """What is remembered of each kind and CRM: when creating there was switched on."""
    rows = connection.execute("select kind, system, since from state.creating").fetchall()
    return {(Kind(kind), System(system)): since for kind, system, since in rows}


def is_new(mapping: KindMapping, member: Member, side: System, since: Since) -> bool:
    """Whether `side` gets a record for this one. What is matched is always new enough; a read ends before its time."""
    if mapping.kind not in LINKED or mapping.backfill:
        return True
    start = mapping.since or since.get((mapping.kind, side))
    return start is not None and member.created >= start
