create table published.data_quality as
select q.run_id, q.measured_at, q.system, q.kind, q.field, m.label_en as label, m.label_ja, q.records, q.filled, q.valid, q.junk,
    round(100.0 * q.filled / nullif(q.records, 0), 1) as filled_percent, round(100.0 * q.valid / nullif(q.records, 0), 1) as valid_percent,
    a.pairs, a.differing
from publish.quality q
left join (select kind, field, any_value(label_en) as label_en, any_value(label_ja) as label_ja from mapped group by all) m using (kind, field)
left join (
    select run_id, kind, field, sum(pairs)::bigint as pairs, coalesce(sum(pairs) filter (reason <> 'agree'), 0)::bigint as differing
    from publish.agreement group by all
) a on a.run_id = q.run_id and a.kind = q.kind and a.field = q.field
order by q.run_id, q.kind, q.field, q.system;

comment on table published.data_quality is 'What each field is worth in each CRM after each run: how often it is filled, usable, junk, and other than in the other CRM.';
comment on column published.data_quality.run_id is 'The run after which it was counted.';
comment on column published.data_quality.measured_at is 'When it was counted (UTC).';
comment on column published.data_quality.system is 'hubspot or salesforce.';
comment on column published.data_quality.kind is 'person, company, or a kind that is linked.';
comment on column published.data_quality.field is 'The mapped field.';
comment on column published.data_quality.label is 'What people call it.';
comment on column published.data_quality.label_ja is 'The same in Japanese.';
comment on column published.data_quality.records is 'Live records that can hold the field. （件数）';
comment on column published.data_quality.filled is 'Of those, the ones that hold something; of a group, in any part. （入力あり）';
comment on column published.data_quality.valid is 'Filled, and usable as what it is. （有効）';
comment on column published.data_quality.junk is 'Filled, and of no use: no number, no address, a sample name, no day. （無効）';
comment on column published.data_quality.filled_percent is 'filled of records, in percent.';
comment on column published.data_quality.valid_percent is 'valid of records, in percent.';
comment on column published.data_quality.pairs is 'Linked pairs of records that both have the field; the same for both CRMs.';
comment on column published.data_quality.differing is 'Of those, the pairs that hold different values; drift names them. （不一致）';
