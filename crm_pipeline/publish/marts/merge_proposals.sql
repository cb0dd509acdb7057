create table published.merge_proposals as
select p.golden_id, n.name, p.system, p.object, p.winner_key, p.loser_key, p.reason, f.field,
    array_to_string(json_extract(p.fields, '$."' || f.field || '".winner')::varchar[], ' ') as winner,
    array_to_string(json_extract(p.fields, '$."' || f.field || '".loser')::varchar[], ' ') as loser,
    array_to_string(json_extract(p.fields, '$."' || f.field || '".kept')::varchar[], ' ') as kept
from plan.proposal p
cross join lateral (select unnest(json_keys(p.fields)) as field) f
left join golden_name n using (golden_id)
order by p.golden_id, p.winner_key, p.loser_key, f.field;

comment on table published.merge_proposals is 'Records of one CRM that are one customer, field by field: which would stay if a person merged them there. Nothing is merged by the pipeline.';
comment on column published.merge_proposals.golden_id is 'The customer or company.';
comment on column published.merge_proposals.name is 'Its name. [personal]';
comment on column published.merge_proposals.system is 'The CRM that has the duplicates.';
comment on column published.merge_proposals.object is 'Its object.';
comment on column published.merge_proposals.winner_key is 'The record that would stay: system/object/id.';
comment on column published.merge_proposals.loser_key is 'The record that would be merged into it.';
comment on column published.merge_proposals.reason is 'Why that one stays.';
comment on column published.merge_proposals.field is 'The mapped field.';
comment on column published.merge_proposals.winner is 'Value of the record that stays; the parts of a group one after the other. [personal]';
comment on column published.merge_proposals.loser is 'Value of the other record. [personal]';
comment on column published.merge_proposals.kept is 'What the merged record would hold. [personal]';
