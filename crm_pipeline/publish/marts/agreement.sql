create table published.agreement as
with total as (
    select run_id, measured_at, kind, field, rule, sum(pairs) as pairs,
        coalesce(sum(pairs) filter (reason = 'agree'), 0) as agree,
        coalesce(map_from_entries(list({'k': reason, 'v': pairs} order by pairs desc, reason) filter (reason <> 'agree')), map()) as drift
    from publish.agreement group by all
)
select t.run_id, t.measured_at, t.kind, t.field, m.label_en as label, m.label_ja, t.rule, t.pairs::bigint as pairs,
    t.agree::bigint as agree, round(100.0 * t.agree / nullif(t.pairs, 0), 2) as agree_percent, t.drift
from total t left join (select kind, field, any_value(label_en) as label_en, any_value(label_ja) as label_ja from mapped group by all) m
    using (kind, field)
order by t.run_id, t.kind, t.field;

comment on table published.agreement is 'Reconciliation: how many linked pairs of records agree in each field after each run, and why the others do not.';
comment on column published.agreement.run_id is 'The run after which it was measured.';
comment on column published.agreement.measured_at is 'When it was measured (UTC).';
comment on column published.agreement.kind is 'person, company, or a kind that is linked.';
comment on column published.agreement.field is 'The mapped field.';
comment on column published.agreement.label is 'What people call it.';
comment on column published.agreement.label_ja is 'The same in Japanese.';
comment on column published.agreement.rule is 'Its sync rule.';
comment on column published.agreement.pairs is 'Pairs of a HubSpot and a Salesforce record of one customer that both have the field.';
comment on column published.agreement.agree is 'Of those, the pairs that hold the same value in canonical form, landed writes included; of a ratchet also those that both protect nothing, as a blank and a no.';
comment on column published.agreement.agree_percent is 'The share that agrees.';
comment on column published.agreement.drift is 'Reason -> pairs that differ; agree and the reasons add up to pairs. The table drift names them.';
