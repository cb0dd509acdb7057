create table published.conflicts as
select c.golden_id, n.name, c.field, f.label_en, f.label_ja, c.kind,
    array_to_string(c.hubspot::varchar[], ' ') as hubspot, c.hubspot_at,
    array_to_string(c.salesforce::varchar[], ' ') as salesforce, c.salesforce_at,
    c.certain, c.winner, c.why, w.golden_id is not null as waits, c.first_plan, c.last_plan
from plan.conflict c
left join golden_name n using (golden_id)
left join conflict_waiting w on w.golden_id = c.golden_id and w.field = c.field
left join (select distinct kind, field, label_en, label_ja from mapped) f
    on f.field = c.field and f.kind = split_part(c.golden_id, '-', 1)
order by waits desc, c.golden_id, c.field;

comment on table published.conflicts is 'Fields on which the two CRMs disagreed, who won and why.';
comment on column published.conflicts.golden_id is 'The customer or company.';
comment on column published.conflicts.name is 'Its name. [personal]';
comment on column published.conflicts.field is 'The mapped field.';
comment on column published.conflicts.label_en is 'The field''s label in English.';
comment on column published.conflicts.label_ja is 'The field''s label in Japanese.';
comment on column published.conflicts.kind is 'What kind of disagreement: both_changed, first_contact, edit_vs_clear, within_side, not_cleared, loosening, ask.';
comment on column published.conflicts.hubspot is 'HubSpot''s value; the parts of a group one after the other. [personal]';
comment on column published.conflicts.hubspot_at is 'When HubSpot''s value came about (UTC), at the latest.';
comment on column published.conflicts.salesforce is 'Salesforce''s value; the parts of a group one after the other. [personal]';
comment on column published.conflicts.salesforce_at is 'When Salesforce''s value came about (UTC), at the latest.';
comment on column published.conflicts.certain is 'Whether both times come from the CRMs'' own histories.';
comment on column published.conflicts.winner is 'hubspot, salesforce or nobody.';
comment on column published.conflicts.why is 'Why, in words.';
comment on column published.conflicts.waits is 'Whether a person must decide: nothing is written until then. False also where nobody won and the values stay, and where the newest plan found no conflict any more.';
comment on column published.conflicts.first_plan is 'The first plan that saw it.';
comment on column published.conflicts.last_plan is 'The last plan that saw it.';
