-- One customer, once.
create schema golden;

create table golden.entity (
    golden_id varchar not null,   -- person-1, company-1, ...; never used twice
    kind varchar not null,
    anchor_key varchar not null,  -- the record that the id was minted for, or the oldest one left
    created_run integer not null
);

-- The crosswalk: every source record is in exactly one golden record. Retired ones are neither source nor target.
create table golden.link (
    golden_id varchar not null,
    kind varchar not null,
    record_key varchar not null,
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    is_primary boolean not null,  -- of its side
    retired varchar,              -- deleted, merged, converted
    since_run integer not null
);

create table golden.redirect (
    golden_id varchar not null,
    survivor_id varchar not null,
    run_id integer not null,
    anchor_key varchar            -- the record that it was minted for: what we created for that record stays with it
);

-- Where each golden value comes from.
create table golden.provenance (
    golden_id varchar not null,
    field varchar not null,
    part varchar not null,
    value varchar,
    record_key varchar,           -- the winning record; null: agreed value that no record holds any more
    rule varchar not null,        -- decided, most_complete, latest, primary
    losing json not null          -- [{"record_key", "value"}]
);

-- What each golden record's values were computed from, as a hash: the same again is not computed again.
create table golden.computed (golden_id varchar not null, kind varchar not null, inputs ubigint not null);

-- golden.person and golden.company have a column for every mapped part; golden/values.py makes them from the mapping.

-- Why the records of a golden record are one customer: each link found, decided or made, with its reasons in words.
create or replace view golden.why as
with said as (
    select least(left_key, right_key) as left_key, greatest(left_key, right_key) as right_key, verdict, decided_by,
        why, evidence_hash
    from state.decision
    qualify row_number() over (
        partition by least(left_key, right_key), greatest(left_key, right_key) order by decided_at desc, rowid desc
    ) = 1
)
select l.golden_id, p.left_key, p.right_key, p.tier as found_as, p.posterior,
    list_transform(p.evidence::json[], lambda e:
        if(e ->> 'verdict' = 'supports', '+ ', '- ') || (e ->> 'words')) as reasons,
    list_transform(p.evidence::json[], lambda e:
        if(e ->> 'verdict' = 'supports', '+ ', '- ') || (e ->> 'words_ja')) as reasons_ja,
    d.verdict as said, d.decided_by as said_by, d.why as said_why
from match.pair p
join golden.link l on l.record_key = p.left_key
join golden.link r on r.record_key = p.right_key and r.golden_id = l.golden_id
left join said d on d.left_key = p.left_key and d.right_key = p.right_key
union all
select l.golden_id, d.left_key, d.right_key, 'decided', null, [], [], d.verdict, d.decided_by, d.why
from said d
join golden.link l on l.record_key = d.left_key
join golden.link r on r.record_key = d.right_key and r.golden_id = l.golden_id
anti join match.pair p on p.left_key = d.left_key and p.right_key = d.right_key
where d.verdict = 'match'
union all
select coalesce(l.golden_id, r.survivor_id, s.golden_id), coalesce(r.anchor_key, e.anchor_key, ''), s.record_key,
    'created', 1,
    ['+ we created the record for this customer'], ['+ このお客様のために作成したレコード'], null, null, null
from state.link s
left join golden.link l on l.record_key = s.record_key
left join golden.redirect r on r.golden_id = s.golden_id
left join golden.entity e on e.golden_id = coalesce(r.survivor_id, s.golden_id);
