create table published.compatibility as
select kind, field, part, label_en, label_ja, rule,
    hubspot_object, hubspot_name, hubspot_label, hubspot_type,
    salesforce_object, salesforce_name, salesforce_label, salesforce_type,
    verdict, problem = '' as synced, list_transform(gaps::json[], lambda gap: gap ->> 'value') as gaps,
    coalesce(nullif(problem, ''), why) as why, coalesce(nullif(problem_ja, ''), why_ja) as why_ja, to_do, to_do_ja,
    allowed_rules, place
from plan.compatibility semi join newest_sync using (plan_id)
order by all;

comment on table published.compatibility is 'How each mapped field fits both CRMs: a row for each field (or part of a group) and pair of objects, as of the newest plan of a night.';
comment on column published.compatibility.kind is 'person, company, deal, ticket, task or activity.';
comment on column published.compatibility.field is 'The mapped field.';
comment on column published.compatibility.part is 'The part of a group; the field''s own name where it is none.';
comment on column published.compatibility.label_en is 'The field in English.';
comment on column published.compatibility.label_ja is 'The field in Japanese.';
comment on column published.compatibility.rule is 'Its sync rule.';
comment on column published.compatibility.hubspot_object is 'HubSpot''s object.';
comment on column published.compatibility.hubspot_name is 'The property''s name.';
comment on column published.compatibility.hubspot_label is 'What people see.';
comment on column published.compatibility.hubspot_type is 'Its type and field type; empty if it cannot be seen.';
comment on column published.compatibility.salesforce_object is 'Salesforce''s object.';
comment on column published.compatibility.salesforce_name is 'The field''s name, or a path.';
comment on column published.compatibility.salesforce_label is 'What people see.';
comment on column published.compatibility.salesforce_type is 'Its type; empty if it cannot be seen.';
comment on column published.compatibility.verdict is 'compatible, compatible_with_gaps, one_way_to_hubspot, one_way_to_salesforce or incompatible.';
comment on column published.compatibility.synced is 'Whether the field is synced by its rule; one that is not is left out, the others go on.';
comment on column published.compatibility.gaps is 'Values without a partner in the CRM that they would go to: an operation with such a value is invalid. Owners by id.';
comment on column published.compatibility.why is 'Why it is not plainly compatible, or not synced; empty if it is.';
comment on column published.compatibility.why_ja is 'The same in Japanese.';
comment on column published.compatibility.to_do is 'What to do about it.';
comment on column published.compatibility.to_do_ja is 'The same in Japanese.';
comment on column published.compatibility.allowed_rules is 'The rules that the two fields allow.';
comment on column published.compatibility.place is 'File and line of the mapping.';
