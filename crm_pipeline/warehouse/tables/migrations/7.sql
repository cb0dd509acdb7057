-- Version 7: a write that no CRM can take is one row, however many plans it stands in; a plan knows its settings.

-- A plan is sent only under the settings that it was made with.
alter table plan.plan add column if not exists settings varchar;

-- Writes that no CRM can take and of which nothing changed since: the row of plan.change stands in each later plan, too
-- (plan.operation), and so does its end in push.outbox.
create table plan.standing (
    plan_id integer not null,     -- of the row of plan.change and of push.outbox
    op_id varchar not null,
    kind varchar not null,
    golden_id varchar not null,
    until_plan integer            -- the last plan that it stood in; null: it still does
);
