"""What a plan leaves behind when its push has ended, and when one that was interrupted is looked at again.

Not here: the end states of operations (outbox.py), which must be written down before.
"""

from __future__ import annotations

from crm_pipeline.push import quarantine
from crm_pipeline.push.outbox import settle
from crm_pipeline.push.recovery.receipt import note_unsure
from crm_pipeline.warehouse import Connection


def conclude(connection: Connection, plan_id: int, run_id: int) -> None:
    """Complete what has landed whole, leave to a person what nobody can tell, and keep back what was refused for good.
    Twice changes nothing."""
    settle(connection, plan_id, run_id)
    note_unsure(connection, plan_id)
    quarantine.fill(connection, plan_id, run_id)


def interrupted(connection: Connection) -> set[int]:
    """The plan whose push did not come to its end, unless it was concluded since: every run does that first, so that
    only an undo may have taken its place."""
    rows = connection.execute(
        """
        select p.plan_id from plan.plan p
        where p.state <> 'applied' and p.plan_id = (select max(plan_id) from push.outbox)
          and not exists (
              from plan.plan q
              where q.plan_id > p.plan_id and (q.state = 'applied' or q.purpose is distinct from 'undo')
          )
        """
    ).fetchall()
    return {plan_id for (plan_id,) in rows}
