create table published.mapping as
select kind, field, part, role, rule, label_en as label, label_ja, system, object, name from mapped order by kind, field, part, system, object;

comment on table published.mapping is 'Which field of which CRM is which mapped field: a row for each part and object.';
comment on column published.mapping.kind is 'person, company, or a kind that is linked.';
comment on column published.mapping.field is 'The mapped field.';
comment on column published.mapping.part is 'The part of a group; the field''s own name where it is none.';
comment on column published.mapping.role is 'What matching uses it for; null: nothing.';
comment on column published.mapping.rule is 'Its sync rule.';
comment on column published.mapping.label is 'What people call it.';
comment on column published.mapping.label_ja is 'The same in Japanese.';
comment on column published.mapping.system is 'hubspot or salesforce.';
comment on column published.mapping.object is 'The CRM''s object.';
comment on column published.mapping.name is 'The CRM''s name of the field, or a path or relation.';
