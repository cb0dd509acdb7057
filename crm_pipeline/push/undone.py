"""What the landing of an undo changes beside the values: its fields are held, or, when an undo is taken back, let go.

Without it the next night would do again what was just taken back (law 43). It happens in the transaction that records
the acknowledgement.
"""

from __future__ import annotations

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Kind
from crm_pipeline.plan.member import field_hash
from crm_pipeline.plan.said import holds
from crm_pipeline.plan.undo.take_back import REDO, UNDO
from crm_pipeline.warehouse import Connection

#: Golden ids and fields of a plan whose undo landed, with the open hold of an undo on them, if there is one.
_LANDED = """
select distinct coalesce(r.survivor_id, o.golden_id) as golden_id, o.field, c.kind, c.rule, p.asked_by, p.asked_why,
    try_cast(regexp_extract(p.undoes, '^[0-9]+') as integer) as undone_run, h.hold_id
from plan.plan p
join plan.change c using (plan_id)
join push.outbox o on o.plan_id = c.plan_id and o.op_id = c.op_id and o.state = 'landed' and o.field <> '*'
left join golden.redirect r on r.golden_id = o.golden_id
left join (
    select h.hold_id, h.field, coalesce(s.survivor_id, h.golden_id) as golden_id
    from state.hold h left join golden.redirect s on s.golden_id = h.golden_id
    where h.ended_at is null and h.origin = 'undo'
) h on h.field = o.field and h.golden_id = coalesce(r.survivor_id, o.golden_id)
where p.plan_id = ?
order by all
"""


def hold_undone(connection: Connection, settings: Settings, plan_id: int) -> None:
    """Hold what the landed operations of an undo restored; twice changes nothing. Any other plan: nothing to do."""
    purpose = connection.execute("select purpose from plan.plan where plan_id = ?", [plan_id]).fetchone()
    if purpose != ("undo",):
        return
    made, over = [], []
    for golden_id, field, kind, rule, by, why, run_id, hold_id in connection.execute(_LANDED, [plan_id]).fetchall():
        if rule == REDO and hold_id is not None:
            over.append((hold_id, f"the undo was taken back by {by}"))
        elif rule == UNDO and hold_id is None:
            # nights decide `people/person-7` by the rule of `people`
            mapped = settings.mapping.of(Kind(kind)).field(field.partition("/")[0])
            hashed = field_hash(mapped, settings)
            made.append(holds.Hold(golden_id, None, field, "undo", by, why, hashed, run_id))
    if made:
        holds.insert(connection, made)
    holds.end(connection, over)
