create table published.sync_status as
with partner as (
    select g.record_key, list(o.record_key order by o.record_key) as keys
    from golden_now g join golden_now o on o.golden_id = g.golden_id and o.system <> g.system
    group by all
),
failed as (
    select o.system || '/' || o.object || '/' || coalesce(o.record_id, '') as record_key,
        min(o.field || ' ' || o.state || coalesce(': ' || nullif(coalesce(nullif(o.message, ''), o.code), ''), '')) as what,
        count(*) as number
    from push.outbox o
    where o.state in ('rejected', 'invalid', 'unknown', 'quarantined', 'blocked')
        and (o.plan_id = (select plan_id from newest_plan) or o.state = 'unknown')
    group by all
),
planned as (
    select coalesce(c.system || '/' || c.object || '/' || c.record_id, c.source_key) as record_key,
        count(*) as number, any_value(p.state) as state
    from plan.change c join newest_plan p on p.plan_id = c.plan_id
    anti join push.outbox o on o.plan_id = c.plan_id and o.op_id = c.op_id
    where c.problem is null
    group by all
),
review as (
    select record_key, count(*) as number
    from (select left_key as record_key from match.review union all select right_key from match.review)
    group by all
),
waiting as (
    select w.record_key, min(w.reason) as reason
    from plan.waiting w join newest_plan p on p.plan_id = w.plan_id group by all
),
conflict as (
    select golden_id, string_agg(field, ', ' order by field) as fields from plan.conflict where winner = 'nobody' group by all
),
written as (
    select system || '/' || object || '/' || record_id as record_key, count(*) as number from landed group by all
),
judged as (
    select r.*, g.golden_id, t.survivor_object, t.survivor_id, p.keys, f.what, pl.number as planned,
        v.number as pairs, w.reason, c.fields as conflicting, coalesce(n.number, 0) as written,
        case
            when r.retired is not null then 'retired'
            when f.record_key is not null then 'failed'
            when pl.state = 'held' then 'held'
            when pl.record_key is not null then 'planned'
            when v.record_key is not null then 'review'
            when x.record_key is not null then 'left_out'
            when w.record_key is not null then 'waiting'
            when c.golden_id is not null then 'conflict'
            when p.record_key is not null then 'in_sync'
            else 'alone'
        end as state
    from record_now r
    left join golden_now g using (record_key)
    left join raw.tombstone t on t.system = r.system and t.object = r.object and t.record_id = r.record_id
    left join partner p using (record_key)
    left join failed f using (record_key)
    left join planned pl using (record_key)
    left join review v using (record_key)
    left join waiting w using (record_key)
    left join state.outside x using (record_key)
    left join conflict c on c.golden_id = g.golden_id
    left join written n using (record_key)
)
select j.record_key, j.kind, j.system, j.object, j.record_id, m.name, j.golden_id, j.state,
    case j.state
        when 'retired' then 'was ' || j.retired || coalesce(' into ' || j.survivor_object || ' ' || j.survivor_id, '')
            || ' in its CRM; it is neither read nor written any more'
        when 'failed' then 'not written: ' || j.what
        when 'held' then j.planned || ' writes wait for the approval of the held plan'
        when 'planned' then j.planned || ' writes are planned and not sent yet'
        when 'review' then j.pairs || ' possible matches wait for a person: crm-pipeline review list'
        when 'left_out' then 'left out by the mapping''s filter or switched off: frozen as it is'
        when 'waiting' then if(j.reason = 'pinned', 'pinned: a person or an undo holds it: crm-pipeline hold list',
            'no record is created in the other CRM yet: ' || replace(j.reason, '_', ' '))
        when 'conflict' then 'both CRMs differ and a person must decide: ' || j.conflicting
        when 'in_sync' then 'linked with ' || array_to_string(j.keys, ', ')
            || case when j.written > 0 then '; ' || j.written || ' fields written in the last run' else '; nothing to write' end
        else 'only here: the other CRM has no such customer, and none is to be created'
    end as sentence
from judged j left join record_name m using (record_key)
order by j.record_key;

comment on table published.sync_status is 'Every source record: where it stands, and one sentence about it.';
comment on column published.sync_status.record_key is 'system/object/id.';
comment on column published.sync_status.kind is 'person or company.';
comment on column published.sync_status.system is 'hubspot or salesforce.';
comment on column published.sync_status.object is 'The CRM''s object.';
comment on column published.sync_status.record_id is 'The CRM''s own id.';
comment on column published.sync_status.name is 'Name on the record.';
comment on column published.sync_status.golden_id is 'The customer or company it belongs to; null before it was matched, and for retired records.';
comment on column published.sync_status.state is 'retired, failed, held, planned, review, left_out, waiting, conflict, in_sync or alone; the first that applies.';
comment on column published.sync_status.sentence is 'The state in words.';
