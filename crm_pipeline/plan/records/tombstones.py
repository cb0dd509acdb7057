"""In which CRMs a golden record has a tombstone: nothing is created there again without a person (law 30).

Belongs here: every way by which a deleted record is a golden record's. Not here: what else stands in the way of a
create (create.py), a person's wish to have the record again (said/recreations.py), archiving the other side
(deletions.py).
"""

from __future__ import annotations

from crm_pipeline.match.review.decisions import SURVIVORS
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection

#: Golden records by the CRMs in which a record of theirs is gone for good.
_OWN = """
select golden_id, system from golden.link where retired = 'deleted'
union -- created by us, and gone before it was ever read
select coalesce(r.survivor_id, s.golden_id), split_part(s.record_key, '/', 1)
from state.link s left join golden.redirect r on r.golden_id = s.golden_id
anti join raw.record x on x.record_key = s.record_key
union -- merged or converted into what is not here: somebody's who was erased, or it cannot be loaded
select l.golden_id, l.system
from golden.link l
left join raw.tombstone t on t.system = l.system and t.object = l.object and t.record_id = l.record_id
anti join raw.record x
    on x.system = l.system and x.object = t.survivor_object and x.record_id = t.survivor_id
where l.retired in ('merged', 'converted')
"""
#: Golden records that are one customer by a person's word about a deleted record: no cluster has that record, so that
#: they stay two. The one has the tombstones of the other, and of those that it is one with by the same way.
_INHERITED = f"""
with recursive own as ({_OWN}), became as ({SURVIVORS}), said as (
    select unnest([left_key, right_key]) as one, unnest([right_key, left_key]) as other
    from match.said where verdict = 'match'
), step as (
    select distinct l.golden_id, g.golden_id as other_id
    from said left join became b on b.gone = said.other
    join golden.link g on g.record_key = coalesce(b.survivor, said.other) and g.retired = 'deleted'
    join golden.link l on l.record_key = said.one and l.golden_id <> g.golden_id
), one(golden_id, other_id) as (
    from step
    union
    select one.golden_id, step.other_id from one join step on step.golden_id = one.other_id
)
from own
union
select one.golden_id, own.system from one join own on own.golden_id = one.other_id
"""


def load(connection: Connection) -> frozenset[tuple[str, System]]:
    """(golden id, CRM) of every golden record that has a tombstone there."""
    rows = connection.execute(_INHERITED).fetchall()
    return frozenset((golden_id, System(system)) for golden_id, system in rows)
