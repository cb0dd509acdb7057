"""What is not sent again until something changes: refused for good by a CRM, or not kept by it; and its release.

An entry names a fingerprint of operation, record, mapping and schema (plan/operation.py): when one of them changes the
operation has another fingerprint and is sent by itself. Not here: what a code means (refusals.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Released:
    """So many operations towards a CRM that had ended with a code; the next plan has them again."""

    system: System
    code: str
    number: int


def fill(connection: Connection, plan_id: int, run_id: int) -> None:
    """Put in what a plan's operations met. A release is for one try: what was refused again since is in once more, and
    what landed is forgotten."""
    connection.execute(
        """
        create or replace temp table staged as
        select c.fingerprint, coalesce(c.system || '/' || c.object || '/' || c.record_id, c.source_key) as record_key,
            c.field, coalesce(o.code, '') as code, coalesce(o.message, '') as message, $run::integer as run_id,
            null::timestamptz as released_at, c.system, o.ended_at
        from push.outbox o join plan.change c on c.plan_id = o.plan_id and c.op_id = o.op_id
        where o.plan_id = $plan and c.problem is null and (o.state = 'rejected' or o.code in ('unstable', 'moved_on'))
        qualify row_number() over (partition by c.fingerprint order by o.ended_at desc) = 1;
        """,
        {"plan": plan_id, "run": run_id},
    )
    connection.execute(
        """
        delete from state.quarantine q using plan.change c, push.outbox o
        where q.released_at is not null and q.fingerprint = c.fingerprint and c.plan_id = ?
          and o.plan_id = c.plan_id and o.op_id = c.op_id and o.state = 'landed'
        """,
        [plan_id],
    )
    connection.execute(
        """
        delete from state.quarantine q using staged s
        where q.fingerprint = s.fingerprint and q.released_at < s.ended_at;
        insert into state.quarantine by name
        select s.* exclude (ended_at) from staged s anti join state.quarantine q using (fingerprint);
        drop table staged
        """
    )


def codes(connection: Connection) -> dict[str, int]:
    """The codes that operations are in quarantine with, and how many; the commonest first."""
    return dict(
        connection.execute(
            "select code, count(*) from state.quarantine where released_at is null group by code order by 2 desc, 1"
        ).fetchall()
    )


def release(connection: Connection, run_id: int | None = None, code: str | None = None) -> list[Released]:
    """Let out what one run put in, or what ended with one code, or everything: the next plan tries it once more."""
    rows = connection.execute(
        """
        update state.quarantine set released_at = now()
        where released_at is null and run_id = coalesce($run, run_id) and code = coalesce($code, code)
        returning coalesce(system, split_part(record_key, '/', 1)), code
        """,
        {"run": run_id, "code": code},
    ).fetchall()
    counted = {place: rows.count(place) for place in dict.fromkeys(rows)}
    found = [Released(System(system), code_, number) for (system, code_), number in counted.items()]
    return sorted(found, key=lambda one: (-one.number, one.system, one.code))
