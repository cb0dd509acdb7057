create table published.writes as
with operation as (
    select o.run_id, o.plan_id, o.system, o.object, o.operation, o.field, coalesce(a.rule, c.rule, '') as rule, o.state
    from push.outbox o
    left join (from push.audit qualify row_number() over (partition by plan_id, op_id) = 1) a
        on a.plan_id = o.plan_id and a.op_id = o.op_id
    left join plan.change c on c.plan_id = o.plan_id and c.op_id = o.op_id
    union all
    select p.run_id, c.plan_id, c.system, c.object, c.operation, c.field, c.rule,
        coalesce(c.problem_state, case p.state when 'held' then 'held_by_guard' else 'planned' end)
    from plan.operation c
    join plan.plan p using (plan_id)
    anti join push.outbox o on o.plan_id = c.plan_id and o.op_id = c.op_id
    where p.plan_id = (select plan_id from newest_plan) or (c.plan_id <> c.since_plan and p.state = 'applied')
)
select run_id, plan_id, system, object, operation, field, rule, state, count(*) as operations
from operation group by all order by all;

comment on table published.writes is 'How many writes of which kind were planned, and what became of them. Operations of the newest plan that were not sent yet are included.';
comment on column published.writes.run_id is 'The run that sent or planned them.';
comment on column published.writes.plan_id is 'The plan they belong to.';
comment on column published.writes.system is 'The CRM that is written: hubspot or salesforce.';
comment on column published.writes.object is 'The CRM''s object.';
comment on column published.writes.operation is 'create, update or clear.';
comment on column published.writes.field is 'The mapped field; * for a create.';
comment on column published.writes.rule is 'The sync rule that decided.';
comment on column published.writes.state is 'planned, or the end state: landed, rejected, invalid, stale, blocked, quarantined, held_by_guard, not_sent, superseded, unknown.';
comment on column published.writes.operations is 'How many.';
