"""Golden records that a merge or conversion in a CRM would join and a person's "not a match" keeps apart (law 31).

Both are frozen until the person or the merge gives way: which of them the surviving record speaks for, nobody can tell.
Belongs here: which they are. Not here: that it is reported (match.problem), keeping them apart (match/cluster/).
"""

from __future__ import annotations

from crm_pipeline.match.cluster.decided import LEFT_OUT
from crm_pipeline.match.review.decisions import SURVIVORS
from crm_pipeline.warehouse import Connection

#: Why their records wait (plan.waiting).
REASON = "merged_against_a_decision"


def torn(connection: Connection) -> frozenset[str]:
    """The golden ids on both ends of a link that a surviving record carries along and that was left out."""
    rows = connection.execute(
        f"""
        with survivor as (select distinct survivor as record_key from ({SURVIVORS}))
        select distinct l.golden_id
        from match.problem p join golden.link l on l.record_key in (p.left_key, p.right_key)
        where starts_with(p.problem, $left_out)
            and (p.left_key in (from survivor) or p.right_key in (from survivor))
        """,
        {"left_out": LEFT_OUT},
    ).fetchall()
    return frozenset(golden_id for (golden_id,) in rows)
