"""What accepting each pair in review would write, kept from run to run: only pairs of which something changed are
planned again.

Belongs here: publish.preview and what a preview follows from. Not here: planning it (plan/trial/preview.py).
"""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.plan.trial.preview import basis, if_accepted, in_words
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert

#: `inputs` of every pair in review: what the golden records of both are made of, their bases, and the basis of all.
_WANTED = """
create or replace temp table wanted as
with based as (
    select golden_id, bit_xor(hash(record_key, field, value::varchar, observed::varchar)) as bases
    from state.base group by golden_id
)
select v.left_key, v.right_key,
    hash(l.golden_id, r.golden_id, lc.inputs, rc.inputs, lb.bases, rb.bases, $basis) as inputs
from match.review v
left join golden.link l on l.record_key = v.left_key
left join golden.link r on r.record_key = v.right_key
left join golden.computed lc on lc.golden_id = l.golden_id
left join golden.computed rc on rc.golden_id = r.golden_id
left join based lb on lb.golden_id = l.golden_id
left join based rb on rb.golden_id = r.golden_id
"""


def refresh(connection: Connection, settings: Settings) -> int:
    """Bring publish.preview up to the pairs in review. Returns how many were planned."""
    connection.execute(_WANTED, {"basis": basis(connection, settings)})
    connection.execute("delete from publish.preview where (left_key, right_key, inputs) not in (from wanted)")
    missing = connection.execute(
        "select left_key, right_key, inputs from wanted w anti join publish.preview p "
        "on p.left_key = w.left_key and p.right_key = w.right_key order by 1, 2"
    ).fetchall()
    inputs = {(left, right): number for left, right, number in missing}
    for part in if_accepted(connection, settings, inputs):
        insert(
            connection,
            "publish.preview",
            (
                {"left_key": pair[0], "right_key": pair[1], "inputs": inputs[pair], "would_write": in_words(operations)}
                for pair, operations in part.items()
            ),
        )
    return len(missing)
