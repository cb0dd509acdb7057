create table published.reach as
select run_id, measured_at,
    case system when 'hubspot' then 'Marketing' else 'Sales' end || ' can ' || capability as question,
    system, capability, customers, without_writes, customers - without_writes as gained, total
from publish.reach order by run_id, system, capability;

comment on table published.reach is 'How many customers can be mailed, phoned or picked by industry in each CRM: one row for each run and question, so that before and after can be compared.';
comment on column published.reach.run_id is 'The run after which it was measured.';
comment on column published.reach.measured_at is 'When it was measured (UTC).';
comment on column published.reach.question is 'The question in words; marketing works in HubSpot, sales in Salesforce.';
comment on column published.reach.system is 'hubspot or salesforce.';
comment on column published.reach.capability is 'mail (has an e-mail address), phone (has a number), pick by industry (has the industry).';
comment on column published.reach.customers is 'Customers with whom that CRM can do it, landed writes included.';
comment on column published.reach.without_writes is 'The same number if the pipeline had never written or created anything.';
comment on column published.reach.gained is 'customers less without_writes.';
comment on column published.reach.total is 'All customers.';
