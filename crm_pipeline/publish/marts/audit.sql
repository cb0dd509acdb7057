create table published.audit as
select a.run_id, a.written_at, a.system, a.object, coalesce(a.record_id, o.record_id) as record_id, a.golden_id,
    n.name, a.operation, a.field, a.old, a.new, a.rule, a.reason, o.state, o.message, a.plan_id, a.op_id
from push.audit a
left join push.outbox o on o.plan_id = a.plan_id and o.op_id = a.op_id
left join golden_name n on n.golden_id = a.golden_id
order by a.written_at, a.op_id;

comment on table published.audit is 'Every write that left for a CRM: what stood there before, what was written, why, and what became of it.';
comment on column published.audit.run_id is 'The run that wrote.';
comment on column published.audit.written_at is 'When the row was made durable (UTC), which is before the request left.';
comment on column published.audit.system is 'The CRM that was written: hubspot or salesforce.';
comment on column published.audit.object is 'The CRM''s object.';
comment on column published.audit.record_id is 'The record; null for a create that did not land.';
comment on column published.audit.golden_id is 'The customer or company.';
comment on column published.audit.name is 'Its name. [personal]';
comment on column published.audit.operation is 'create, update or clear.';
comment on column published.audit.field is 'The mapped field; * for a create.';
comment on column published.audit.old is 'CRM field -> value before. [personal]';
comment on column published.audit.new is 'CRM field -> value written. [personal]';
comment on column published.audit.rule is 'The sync rule that decided.';
comment on column published.audit.reason is 'Why, in words.';
comment on column published.audit.state is 'The end state: landed, rejected, stale, unknown and so on.';
comment on column published.audit.message is 'What the CRM said, if it refused. [personal]';
comment on column published.audit.plan_id is 'The plan it belongs to.';
comment on column published.audit.op_id is 'The operation; the same write has the same id in every plan.';
