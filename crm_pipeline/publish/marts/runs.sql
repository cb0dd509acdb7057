create table published.runs as
with written as (
    select run_id, count(*) filter (state = 'landed') as landed, count(*) filter (state <> 'landed' and state <> 'superseded') as not_landed
    from (
        select run_id, state from push.outbox
        union all
        select p.run_id, c.problem_state from plan.operation c join plan.plan p using (plan_id)
        where c.plan_id <> c.since_plan and p.state = 'applied'
    )
    group by run_id
)
select r.run_id, r.started_at, r.ended_at, r.outcome, r.failed, p.plan_id, p.state as plan_state, coalesce(p.purpose, 'sync') as purpose,
    coalesce(w.landed, 0) as landed, coalesce(w.not_landed, 0) as not_landed,
    (select max(total) from publish.reach q where q.run_id = r.run_id) as customers,
    r.run_id >= coalesce((select max(since_run) from golden.remembered), 0) as as_of
from state.run r
left join (from plan.plan qualify row_number() over (partition by run_id order by plan_id desc) = 1) p using (run_id)
left join written w using (run_id)
order by r.run_id;

comment on table published.runs is 'One row for each run: when, what it planned and wrote, and whether as_of can tell how things were after it.';
comment on column published.runs.run_id is 'Its number; the run_id of every other table.';
comment on column published.runs.started_at is 'When it began (UTC).';
comment on column published.runs.ended_at is 'When it ended (UTC); null if it was killed, and of the newest run: the copy is made before its end.';
comment on column published.runs.outcome is 'How it ended: done, or failed; null as ended_at is.';
comment on column published.runs.failed is 'The sentence with which it stopped; null if it did not.';
comment on column published.runs.plan_id is 'The last plan that it made; null if it made none.';
comment on column published.runs.plan_state is 'Where that plan stands: proposed, held, approved, applying, applied, superseded or expired.';
comment on column published.runs.purpose is 'sync, or undo: it takes back what was written before.';
comment on column published.runs.landed is 'Writes of this run that are in the CRMs.';
comment on column published.runs.not_landed is 'Writes of this run that are not; writes has the reasons.';
comment on column published.runs.customers is 'Customers (people) after it; null if it was not published.';
comment on column published.runs.as_of is 'Whether as_of(run_id) and golden.as_of(run_id) tell what was so after it; false: what was replaced since was not kept yet, and they return nothing.';
