-- What the records hold, and what the golden records do. Temporary, read by the marts; now.sql and the view held_now come
-- first.

-- Values that decide what can be done with a customer, or what it is called. `before`: without our writes (law 49).
create or replace temp table value_now as
select g.golden_id, h.record_key, h.kind, h.system, h.object, h.role, h.field, h.value,
    case
        when c.record_key is not null then null
        when w.record_key is not null and (h.value is not distinct from (w.value ->> '$')
            or h.value is not distinct from (w.observed ->> '$')) then w.held_before ->> '$'
        else h.value
    end as before
from held_now h
left join golden_now g on g.record_key = h.record_key
left join state.written w on w.record_key = h.record_key and w.name = h.name
left join (select distinct record_key from state.link where origin = 'created') c on c.record_key = h.record_key;

create or replace temp table capability as
select golden_id, system, capability, bool_or(filled(value)) as possible, bool_or(filled(before)) as before
from (
    select *, case when role = 'e_mail' then 'mail' when role = 'phone' then 'phone'
        when field = 'industry' then 'pick by industry' end as capability
    from value_now where kind = 'person' and golden_id is not null
) where capability is not null
group by all;

create or replace temp table record_name as
select record_key, concat_ws(' ', any_value(value) filter (role is distinct from 'given_name'),
    any_value(value) filter (role = 'given_name')) as name
from value_now where filled(value) and case kind
    when 'person' then role in ('family_name', 'given_name') when 'company' then role = 'company' else field in ('name', 'subject') end
group by all;

create or replace temp table golden_value as
select p.golden_id, m.kind, p.field, p.part, m.role, p.value
from golden.provenance p
join (select distinct kind, field, part, role from mapped) m on m.field = p.field and m.part = p.part
    and m.kind = split_part(p.golden_id, '-', 1)
where filled(p.value);

create or replace temp table golden_name as
select golden_id, kind, concat_ws(' ', any_value(value) filter (role is distinct from 'given_name'),
    any_value(value) filter (role = 'given_name')) as name
from golden_value
where case kind
    when 'person' then role in ('family_name', 'given_name') when 'company' then role = 'company' else field in ('name', 'subject') end
group by all;

create or replace temp table newest_plan as
from plan.plan where plan_id = (select max(plan_id) from plan.plan);

-- An undo decides nothing: what fits, what waits and which conflicts there are is said by the newest plan of a night.
create or replace temp table newest_sync as
from plan.plan where plan_id = (select max(plan_id) from plan.plan where purpose = 'sync');

-- Conflicts that an answer ends (plan/decision/answered.py).
create or replace temp table conflict_waiting as
select golden_id, field from plan.conflict
where kind in ('ask', 'loosening') and last_plan = (select plan_id from newest_sync);
