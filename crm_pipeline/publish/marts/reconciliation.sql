create table published.reconciliation as
select r.run_id, r.system, r.object, r.here, r.there, r.here - r.there as difference, r.missing, r.surplus, r.sampled,
    r.sample_wrong, r.method, r.explained, count(distinct q.record_id) as quarantined
from raw.reconciliation r
left join raw.quarantine q on q.system = r.system and q.object = r.object and q.run_id <= r.run_id
    and coalesce(q.released_run > r.run_id, true)
group by all order by r.run_id, r.system, r.object;

comment on table published.reconciliation is 'Completeness: live records here against what the CRM counts, after each read.';
comment on column published.reconciliation.run_id is 'The run that read.';
comment on column published.reconciliation.system is 'hubspot or salesforce.';
comment on column published.reconciliation.object is 'The CRM''s object.';
comment on column published.reconciliation.here is 'Live records here.';
comment on column published.reconciliation.there is 'Live records that the CRM counted when reading began, or when ids were compared; null: it could not be read.';
comment on column published.reconciliation.difference is 'here less there.';
comment on column published.reconciliation.missing is 'Records that the read had not brought; a comparison of ids found them, and they were loaded.';
comment on column published.reconciliation.surplus is 'Records that are here and not there, without evidence that they were deleted: kept.';
comment on column published.reconciliation.sampled is 'Records read back by id after loading.';
comment on column published.reconciliation.sample_wrong is 'Of those, the ones that were not as here.';
comment on column published.reconciliation.method is 'How it was compared: count, spans of ids, all_ids, full_read; unread: it could not be read.';
comment on column published.reconciliation.explained is 'Why they differ, or differed before ids were compared; empty if they never did.';
comment on column published.reconciliation.quarantined is 'Records that could not be loaded until then; raw.quarantine has the reasons.';
