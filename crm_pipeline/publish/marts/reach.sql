create table published.reach as
select r.run_id, r.measured_at, w.department || ' can ' || r.capability as question, w.department_ja || w.can_ja as question_ja,
    w.department, w.department_ja, r.system, r.capability, r.customers, r.without_writes, r.customers - r.without_writes as gained,
    r.customers - lag(r.customers) over (partition by r.system, r.capability order by r.run_id) as since_last_run, r.total,
    round(100.0 * r.customers / nullif(r.total, 0), 1) as percent, round(100.0 * r.without_writes / nullif(r.total, 0), 1) as percent_without_writes
from publish.reach r
join (
    select * from (values ('hubspot', 'Marketing', 'マーケティング'), ('salesforce', 'Sales', '営業')) d(system, department, department_ja)
    cross join (values ('mail', 'がメールできる'), ('phone', 'が電話できる'), ('pick by industry', 'が業種で絞り込める')) c(capability, can_ja)
) w on w.system = r.system and w.capability = r.capability
order by r.run_id, r.system, r.capability;

comment on table published.reach is 'How many customers each department can mail, phone or pick by industry: one row for each run and question, so that before and after can be compared, and run with run.';
comment on column published.reach.run_id is 'The run after which it was measured.';
comment on column published.reach.measured_at is 'When it was measured (UTC).';
comment on column published.reach.question is 'The question in words; marketing works in HubSpot, sales in Salesforce.';
comment on column published.reach.question_ja is 'The same in Japanese.';
comment on column published.reach.department is 'Marketing or Sales.';
comment on column published.reach.department_ja is 'The same in Japanese.';
comment on column published.reach.system is 'hubspot or salesforce: the CRM that the department works in.';
comment on column published.reach.capability is 'mail (has an e-mail address), phone (has a number), pick by industry (has the industry).';
comment on column published.reach.customers is 'Customers with whom that CRM can do it, landed writes included. （到達可能な顧客数）';
comment on column published.reach.without_writes is 'The same number if the pipeline had never written or created anything: before.';
comment on column published.reach.gained is 'customers less without_writes: what the pipeline made reachable.';
comment on column published.reach.since_last_run is 'customers less those of the run before; null for the first.';
comment on column published.reach.total is 'All customers.';
comment on column published.reach.percent is 'customers of total, in percent.';
comment on column published.reach.percent_without_writes is 'without_writes of total, in percent.';
