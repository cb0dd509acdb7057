create table published.reconciliation as
select r.run_id, r.system, r.object, r.here, r.there, r.here - r.there as difference, r.explained,
    count(distinct q.record_id) as quarantined
from raw.reconciliation r
left join raw.quarantine q on q.system = r.system and q.object = r.object and q.run_id <= r.run_id
    and coalesce(q.released_run > r.run_id, true)
group by all order by r.run_id, r.system, r.object;

comment on table published.reconciliation is 'Completeness: live records here against what the CRM counts, after each read.';
comment on column published.reconciliation.run_id is 'The run that read.';
comment on column published.reconciliation.system is 'hubspot or salesforce.';
comment on column published.reconciliation.object is 'The CRM''s object.';
comment on column published.reconciliation.here is 'Live records here.';
comment on column published.reconciliation.there is 'Live records that the CRM counted when reading began.';
comment on column published.reconciliation.difference is 'here less there.';
comment on column published.reconciliation.explained is 'Why they differ; empty if they do not.';
comment on column published.reconciliation.quarantined is 'Records that could not be loaded until then; raw.quarantine has the reasons.';
