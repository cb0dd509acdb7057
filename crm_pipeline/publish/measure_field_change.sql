-- Edits that the runs since the last count saw, field by field: each version that was replaced against the one that came
-- after it. What we
-- wrote ourselves is in push.audit and left out; what a CRM changed because of it is an edit by crm-pipeline.
insert into publish.field_change
with counted as (select coalesce(max(run_id), 0) as run_id from publish.field_change),
pair as (
    select h.first_run, h.last_run as run_id, h.system, h.object, h.record_id, h.fields as before,
        coalesce(n.fields, r.fields) as after, coalesce(n.changed, r.changed) as changed,
        coalesce(n.modified_at, r.modified_at) as modified_at,
        case when n.record_id is null then nullif(r.modified_by, '') end as actor
    from raw.history h
    left join raw.history n on n.system = h.system and n.object = h.object and n.record_id = h.record_id and n.first_run = h.last_run
    join raw.record r on r.system = h.system and r.object = h.object and r.record_id = h.record_id
    where h.last_run > (select run_id from counted)
),
field as (
    select *, unnest(json_keys(after)) as name from pair
),
edit as (
    select f.*, before ->> name as old, after ->> name as new, changed -> name as told
    from field f where (before -> name) is not null and (before ->> name) is distinct from (after ->> name)
)
select e.run_id, e.system, e.object, e.record_id, e.name, e.old, e.new,
    coalesce(try_cast(e.told ->> 'at' as timestamptz), e.modified_at),
    coalesce((e.told ->> 'certain') = 'true', false),
    case when try_cast(e.told ->> 'at' as timestamptz) is not distinct from e.modified_at then if(e.actor = i.integration_user, 'crm-pipeline', e.actor) end
from edit e
left join raw.account i on i.system = e.system
where not exists (
    from push.outbox o where o.state in ('landed', 'unknown') and o.system = e.system and o.object = e.object
        and o.record_id = e.record_id and o.run_id between e.first_run and e.run_id
        and (e.new is not distinct from (o.new ->> e.name) or e.new is not distinct from (o.observed ->> e.name))
        and list_contains(json_keys(o.new), e.name)
);
