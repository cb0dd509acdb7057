"""What people said after a plan was made: it gives way to it. A held plan may wait for a day, and its reader rejects a
match or pins a record because of what it shows.

Belongs here: which operations are about a customer of whom somebody said something since. Not here: what the next plan
makes of it (plan/), and undos, which a person asks for by name.
"""

from __future__ import annotations

from crm_pipeline.model import OpState
from crm_pipeline.push.operation import Group, unsent
from crm_pipeline.push.outbox import Answers
from crm_pipeline.warehouse import Connection

#: Operations of a plan whose golden record has a new decision, answer or hold since the plan's run began: the decisions
#: that the run has seen itself are among them, which costs a night and never a wrong write.
_SAID = """
with since as (
    select p.plan_id, coalesce(r.started_at, p.created_at) as at
    from plan.plan p left join state.run r using (run_id)
    where p.plan_id = $plan and p.purpose is distinct from 'undo'
), op as (
    select c.op_id, coalesce(r.survivor_id, c.golden_id) as golden_id, split_part(c.field, '/', 1) as field,
        c.system || '/' || c.object || '/' || c.record_id as record_key, c.source_key
    from plan.change c join since using (plan_id) left join golden.redirect r using (golden_id)
    where c.problem is null
), decided as (
    select l.golden_id
    from (
        select unnest([d.left_key, d.right_key]) as record_key
        from state.decision d, since where d.decided_at > since.at
    )
    join golden.link l using (record_key)
), answered as (
    select coalesce(r.survivor_id, a.golden_id) as golden_id, a.field
    from state.answer a left join golden.redirect r using (golden_id), since
    where a.answered_at > since.at
), held as (
    select coalesce(r.survivor_id, h.golden_id) as golden_id, h.record_key, h.field
    from state.hold h left join golden.redirect r using (golden_id), since
    where h.held_at > since.at and h.ended_at is null
)
select op_id from op semi join decided using (golden_id)
union
select op.op_id from op join answered a on a.golden_id = op.golden_id and op.field in (a.field, '*')
union
select op.op_id from op join held h on h.golden_id = op.golden_id
    and (h.record_key is null or h.record_key = coalesce(op.record_key, op.source_key))
    and (h.field is null or op.field in (split_part(h.field, '/', 1), '*'))
"""


def leave_out(connection: Connection, answers: Answers) -> None:
    """End the operations of a plan that came before a person's word; the next run decides about them anew."""
    found = {op_id for (op_id,) in connection.execute(_SAID, {"plan": answers.plan_id}).fetchall()}
    if not found:
        return
    why = "somebody decided, answered or pinned something about this customer after the plan was made"
    for op in unsent(connection, answers.plan_id):
        if op.op_id in found:
            answers.ended(Group((op,)), OpState.STALE, code="said_since", message=why)
    answers.apply(connection)
