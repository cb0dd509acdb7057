"""What a record itself says about a write whose answer was lost: its values, its history, who modified it last.

Belongs here: the judgement of one update, and the conflict row where nobody can tell. Not here: the results of bulk
jobs and the reading (recover.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import OpState, SourceRecord, Version
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.operation import Group
from crm_pipeline.warehouse import Connection

#: Versions of a field that a CRM is sure to keep (facts/hubspot.md 4, History).
_REMEMBERED = 20


def judged(
    group: Group, record: SourceRecord | None, read_modified_at: datetime | None, us: str, settings: Settings
) -> OpState:
    """What the record says about a lost update: landed, superseded (not landed) or unknown (spec, Push)."""
    if record is None:
        return OpState.SUPERSEDED
    first = group.first
    if same(settings, first.system, first.object, group.fields, record.fields):
        return OpState.LANDED
    if read_modified_at is not None and record.modified_at <= read_modified_at:
        return OpState.SUPERSEDED
    if us and read_modified_at is not None and record.history:
        told = [_in_history(versions, read_modified_at, us) for versions in record.history.values()]
        if any(one is True for one in told):
            return OpState.LANDED
        if all(one is False for one in told):
            return OpState.SUPERSEDED
    if record.modified_by and record.modified_by == us:
        return OpState.LANDED
    return OpState.UNKNOWN


def _in_history(versions: Sequence[Version], after: datetime, us: str) -> bool | None:
    """Whether a field's history, newest first, has a write of ours since; None if it does not go back that far."""
    if any(version.source == us and version.at > after for version in versions):
        return True
    return None if len(versions) >= _REMEMBERED and versions[-1].at > after else False


def note_unsure(connection: Connection, plan_id: int) -> None:
    """A conflict row for every field of which nobody can tell whether our write landed: a person decides."""
    connection.execute(
        """
        create or replace temp table staged as
        select distinct golden_id, field from push.outbox
        where plan_id = ? and state = 'unknown' and code = 'moved_on' and field <> '*'
        """,
        [plan_id],
    )
    connection.execute(
        """
        delete from plan.conflict c using staged s where c.golden_id = s.golden_id and c.field = s.field;
        insert into plan.conflict (golden_id, field, kind, certain, winner, why, first_plan, last_plan)
        select golden_id, field, 'unknown_write', false, 'nobody',
            'the answer to our write was lost and somebody edited the record since: nothing more is sent until the '
            || 'field is edited, or `crm-pipeline retry --code moved_on`', $plan::integer, $plan::integer
        from staged
        """,
        {"plan": plan_id},
    )
    connection.execute("drop table staged")
