-- The CRMs as they are now: landed writes laid over what was read. Temporary, read by the marts.
-- A write is newer than the read if it was made in the run that read last, or after it. `mapped` is made by now.py.

create or replace temp macro filled(value) as coalesce(trim(value, ' ' || chr(9) || chr(10) || chr(13) || chr(12288)), '') <> '';

create or replace temp view landed_since as
select o.* from push.outbox o left join raw.watermark w on w.system = o.system and w.object = o.object
where o.state = 'landed' and o.record_id is not null and o.run_id >= coalesce(w.run_id, 0);

create or replace temp table landed as
select system, object, record_id, kind, name, value
from (
    select o.system, o.object, o.record_id, o.ended_at, split_part(o.golden_id, '-', 1) as kind,
        unnest(json_keys(o.new)) as name, coalesce(json_extract(o.observed, name), json_extract(o.new, name)) as value
    from landed_since o where o.operation not in ('archive', 'associate')
)
qualify row_number() over (partition by system, object, record_id, name order by ended_at desc) = 1;

create or replace temp table archived as
select distinct system, object, record_id from landed_since where operation = 'archive';

create or replace temp table patch as
select system, object, record_id, any_value(kind) as kind,
    ('{' || string_agg(to_json(name)::varchar || ':' || coalesce(value::varchar, 'null'), ',') || '}')::json as fields
from landed group by system, object, record_id;

-- A Salesforce task can be a task or an activity, as its golden record says, or of no kind that is synced.
create or replace temp view record_now as
select r.record_key, r.system, r.object, coalesce(l.kind, r.kind) as kind, r.record_id,
    coalesce(r.retired, if(a.record_id is null, null, 'deleted')) as retired, r.modified_at,
    case when p.fields is null then r.fields else json_merge_patch(r.fields, p.fields) end as fields
from raw.record r
semi join mapped m on m.system = r.system and m.object = r.object
left join patch p on p.system = r.system and p.object = r.object and p.record_id = r.record_id
left join archived a on a.system = r.system and a.object = r.object and a.record_id = r.record_id
left join (select record_key, kind from golden.link where object = 'Task') l using (record_key)
where r.object <> 'Task' or l.kind is not null
union all
select p.system || '/' || p.object || '/' || p.record_id, p.system, p.object, p.kind, p.record_id,
    if(a.record_id is null, null, 'deleted'), null, p.fields
from patch p
anti join raw.record r on r.system = p.system and r.object = p.object and r.record_id = p.record_id
left join archived a on a.system = p.system and a.object = p.object and a.record_id = p.record_id;

-- Which golden record a live record belongs to, those included that were created since the last match.
create or replace temp table golden_now as
select record_key, golden_id, kind, system, object, record_id
from golden.link anti join archived using (system, object, record_id)
where retired is null
union all
select s.record_key, coalesce(r.survivor_id, s.golden_id), n.kind, n.system, n.object, n.record_id
from state.link s
join record_now n on n.record_key = s.record_key and n.retired is null
left join golden.redirect r on r.golden_id = s.golden_id
where s.record_key not in (select record_key from golden.link)
qualify row_number() over (partition by s.record_key order by s.run_id desc) = 1;
