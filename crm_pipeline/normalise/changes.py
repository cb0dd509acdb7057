"""Which records need new keys: those that are not what they were when their keys were made.

Belongs here: comparing a record with what normalise.seen remembers of it. Not here: reading its fields (held.py).
"""

from __future__ import annotations

from crm_pipeline.warehouse import Connection


def find(connection: Connection, basis: str) -> int:
    """Make the temporary tables `subject` (live people and companies that are new or changed, with a number `n`) and
    `gone` (record_key); returns how many records are in either.

    `basis`: what keys depend on beside the record. A night without changes reads no field: each record has a digest.
    """
    connection.execute(_RELATIONS)
    connection.execute(_LIVE, {"basis": basis})
    connection.execute(_CHANGES)
    row = connection.execute("select (select count(*) from subject) + (select count(*) from gone)").fetchone()
    assert row
    return int(row[0])


def remember(connection: Connection) -> None:
    """What the keys of `subject` were made of, and that `gone` are no more. `record_value` has their values.

    Leaves the temporary table `dropped` (hash): the values that these records had before.
    """
    connection.execute(_REMEMBER)


#: What a record's keys depend on outside of it: relations (with whether the company at the other end still lives), and
#: our own writes to it and to what it has a primary relation to. A company that we made the primary one is no
#: evidence (law 49): the one before it counts.
_RELATIONS = """
create or replace temp table written_state as
select record_key, bit_xor(hash(name, value, observed, held_before)) as state from state.written group by record_key;

create or replace temp table relation as
select a.system || '/' || a.from_object || '/' || a.from_id as record_key,
    arg_min(c.record_key, (not a.is_primary, a.to_id)) filter (where c.record_key is not null) as company_record_key,
    bit_xor(hash(a.to_object, a.to_id, w.state)) filter (where a.is_primary) as state
from raw.association a
left join (
    select record_key, value ->> '$' as company, held_before ->> '$' as held_before from state.written
    where name in ('associations.companies', 'AccountId')
) o on a.is_primary and o.record_key = a.system || '/' || a.from_object || '/' || a.from_id and o.company = a.to_id
left join (select record_key, system, object, record_id from raw.record where kind = 'company' and retired is null) c
    on c.system = a.system and c.object = a.to_object
    and c.record_id = if(o.record_key is null, a.to_id, o.held_before)
left join written_state w on a.is_primary and w.record_key = a.system || '/' || a.to_object || '/' || a.to_id
where (a.system, a.from_object) in (values ('hubspot', 'contacts'), ('hubspot', 'companies'),
    ('salesforce', 'Contact'), ('salesforce', 'Lead'), ('salesforce', 'Account'))
group by a.system, a.from_object, a.from_id;
"""

_LIVE = """
create or replace temp table live as
select r.record_key, r.system, r.object, r.record_id, r.kind, r.created_at, x.company_record_key,
    hash($basis, r.content, r.created_at, x.company_record_key, x.state, w.state) as state
from (
    select record_key, system, object, record_id, kind, created_at, hash(digest) as content
    from raw.record where kind in ('person', 'company') and retired is null and digest is not null
    union all
    select record_key, system, object, record_id, kind, created_at, hash(fields::varchar)
    from raw.record where kind in ('person', 'company') and retired is null and digest is null
) r
left join relation x using (record_key)
left join written_state w using (record_key);
"""

_CHANGES = """
create or replace temp table subject as
select row_number() over ()::integer as n, l.* exclude (state), l.state
from live l anti join normalise.seen s on s.record_key = l.record_key and s.state = l.state;

create or replace temp table gone as
select record_key from normalise.seen s anti join live l using (record_key);

drop table live;
drop table relation;
drop table written_state;
"""

_REMEMBER = """
create or replace temp table dropped as
select distinct unnest(value_hashes) as hash from normalise.seen
where record_key in (select record_key from subject union all select record_key from gone);

delete from normalise.seen where record_key in (select record_key from subject union all select record_key from gone);
insert into normalise.seen
select s.record_key, s.state, coalesce(v.value_hashes, [])
from subject s
left join (select n, list(distinct hash(kind, raw)) as value_hashes from record_value group by n) v using (n);
"""
