create table published.involved as select record_key, golden_id, kind from concerned order by all;

comment on table published.involved is 'Which customers and companies a deal, ticket or activity belongs to: a row for each.';
comment on column published.involved.record_key is 'The deal, ticket or activity: system/object/id.';
comment on column published.involved.golden_id is 'The customer or company.';
comment on column published.involved.kind is 'person or company.';
