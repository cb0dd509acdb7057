create table published.duplicate_rate as
select run_id, measured_at, system, kind, records, customers, records - customers as duplicates,
    round(100.0 * (records - customers) / nullif(records, 0), 2) as duplicate_percent, suspected
from publish.duplicates order by run_id, kind, system;

comment on table published.duplicate_rate is 'How many records of one CRM double a customer, after each run; a lead and a contact of one person count as two.';
comment on column published.duplicate_rate.run_id is 'The run after which it was counted.';
comment on column published.duplicate_rate.measured_at is 'When it was counted (UTC).';
comment on column published.duplicate_rate.system is 'hubspot or salesforce.';
comment on column published.duplicate_rate.kind is 'person or company.';
comment on column published.duplicate_rate.records is 'Live records of that CRM.';
comment on column published.duplicate_rate.customers is 'Customers (companies) that they make.';
comment on column published.duplicate_rate.duplicates is 'records less customers: the ones too many. merge_proposals has them. （重複）';
comment on column published.duplicate_rate.duplicate_percent is 'duplicates of records, in percent. （重複率）';
comment on column published.duplicate_rate.suspected is 'Pairs inside this CRM that wait for a person and are not counted as duplicates.';
