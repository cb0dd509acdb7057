-- To version 4: an id that redirects keeps its anchor; a decision counts whichever way round its records are written;
-- the survivor of a merge takes over who was there at the time, nobody else.

alter table golden.redirect add column anchor_key varchar;

-- The companions, in its golden record, of a record that its CRM merged or converted, as they were then: its survivor
-- takes them over. Whoever joins the golden record later is none.
create table if not exists state.companion (gone_key varchar not null, companion_key varchar not null);
insert into state.companion
select a.record_key, b.record_key
from golden.link a
join golden.link b on b.golden_id = a.golden_id and b.record_key <> a.record_key
join raw.tombstone t on t.system = a.system and t.object = a.object and t.record_id = a.record_id
where t.survivor_id is not null and (b.since_run < t.run_id or b.since_run <= a.since_run);

create or replace view match.review as
select p.*
from match.pair p
left join (
    select least(left_key, right_key) as left_key, greatest(left_key, right_key) as right_key, verdict, decided_by,
        why, evidence_hash
    from state.decision
    qualify row_number() over (
        partition by least(left_key, right_key), greatest(left_key, right_key) order by decided_at desc, rowid desc
    ) = 1
) d on d.left_key = p.left_key and d.right_key = p.right_key
left join match.cluster l on l.record_key = p.left_key
left join match.cluster r on r.record_key = p.right_key
where p.tier in ('recommended', 'possible')
  and (l.cluster is distinct from r.cluster)
  and case d.verdict
      when 'not_a_match' then d.evidence_hash <> '' and split_part(d.evidence_hash, '-', 1) <> split_part(p.evidence_hash, '-', 1)
      else d.evidence_hash is distinct from p.evidence_hash end;

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
