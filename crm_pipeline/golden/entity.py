"""Golden ids that stay: which id each cluster keeps, which it takes over, which are minted.

Belongs here: spec identity.md, Golden records, and law 34, as sets in SQL over temporary tables. The anchor of an id is
the record that it was minted for; the part of a split that holds the anchor keeps the id. Of several ids in one cluster
the oldest stays, the others redirect to it. Not here: golden.* (stage.py).
"""

from __future__ import annotations

from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def number_of(golden_id: str) -> int:
    """`person-12` -> 12: the smaller number is the older id."""
    return int(golden_id.rpartition("-")[2])


def assign(connection: Connection, kind: Kind, last: int) -> int:
    """Give every record a golden id. Returns the last number used; `last`: the one of earlier runs.

    Reads the temporary tables `source (record_key, created_at, retired, survivor)`, `clustered (record_key, cluster)`
    for the live ones, `known_anchor (golden_id, anchor_key)` and `known_link (record_key, golden_id)`. Writes
    `assigned_link (record_key, golden_id)` of every record, `assigned_anchor (golden_id, anchor_key)` of every id in
    use, and `redirected (golden_id, survivor_id, anchor_key)`. A retired record goes with what it was merged or
    converted into, else it stays with its id's anchor.
    """
    for statement in (_ANCHORS, _PARTS, _CLAIMS):
        connection.execute(statement)
    connection.execute(_MINTED, {"kind": kind, "last": last})
    for statement in (_ASSIGNED_ANCHORS, _ASSIGNED_LINKS, _REDIRECTED):
        connection.execute(statement)
    (minted,) = connection.execute("select count(*) from minted").fetchone() or (0,)
    for table in ("anchored", "part", "claim", "minted"):
        connection.execute(f"drop table {table}")
    return last + int(minted)


#: Each id's anchor now: the record it was minted for, or what that became; else the oldest live record that it has, or
#: that one of its records became.
_ANCHORS = """
create or replace temp table anchored as
with followed as (
    select k.golden_id, coalesce(s.record_key, a.record_key) as record_key,
        case when s.record_key is null then a.retired else s.retired end as retired
    from known_anchor k
    left join source a on a.record_key = k.anchor_key
    left join source s on a.retired is not null and s.record_key = a.survivor
), orphan as (
    from followed where record_key is null or retired is not null
), held as (
    select o.golden_id, r.record_key, r.retired, r.created_at
    from orphan o join known_link l using (golden_id) join source r on r.record_key = l.record_key
    union -- what one of them was merged or converted into since
    select o.golden_id, s.record_key, s.retired, s.created_at
    from orphan o join known_link l using (golden_id) join source r on r.record_key = l.record_key
    join source s on r.retired is not null and s.record_key = r.survivor
    union
    select o.golden_id, r.record_key, r.retired, r.created_at from orphan o join source r using (record_key)
)
select golden_id, record_key from followed where record_key is not null and retired is null
union all
select golden_id, record_key from held
qualify row_number() over (partition by golden_id order by retired is not null, created_at, record_key) = 1
"""

#: The part of each record: its cluster, with the retired records that became one of its members.
_PARTS = """
create or replace temp table part as
with live as (
    select record_key, coalesce(cluster, record_key) as part
    from source left join clustered using (record_key) where retired is null
)
from live
union all
select r.record_key, coalesce(s.part, home.part, coalesce(k.golden_id, r.record_key) || ' retired')
from source r
left join live s on s.record_key = r.survivor
left join known_link k on k.record_key = r.record_key
left join (select a.golden_id, l.part from anchored a join live l using (record_key)) home
    on home.golden_id = k.golden_id
where r.retired is not null
"""

#: The ids whose anchor a part holds, and the one that stays.
_CLAIMS = """
create or replace temp table claim as
select p.part, a.golden_id, a.record_key, first_value(a.golden_id) over (
    partition by p.part order by split_part(a.golden_id, '-', 2)::bigint
) as stays
from anchored a join part p using (record_key)
"""

#: New ids for the parts without one, in the order of their anchors.
_MINTED = """
create or replace temp table minted as
select part, record_key, $kind || '-' || ($last + row_number() over (order by record_key)) as golden_id
from (
    select p.part, record_key from part p join source using (record_key) anti join claim c on c.part = p.part
    qualify row_number() over (partition by p.part order by retired is not null, created_at, record_key) = 1
)
"""

_ASSIGNED_ANCHORS = """
create or replace temp table assigned_anchor as
select golden_id, record_key as anchor_key from claim where golden_id = stays
union all select golden_id, record_key from minted
"""

_ASSIGNED_LINKS = """
create or replace temp table assigned_link as
select p.record_key, o.golden_id
from part p join (
    select part, golden_id from claim where golden_id = stays union all select part, golden_id from minted
) o using (part)
"""

_REDIRECTED = """
create or replace temp table redirected as
select golden_id, stays as survivor_id, record_key as anchor_key from claim where golden_id <> stays
"""
