create table published.deals as
with people as (
    select coalesce(d.golden_id, d.record_key) as deal_id, list(distinct c.golden_id order by c.golden_id) filter (c.kind = 'person') as people,
        min(c.golden_id) filter (c.kind = 'company') as company_id
    from dealing d left join concerned c using (record_key) where d.kind = 'deal' group by all
),
best as ( -- of a deal that both CRMs have, sales' record tells
    from dealing where kind = 'deal'
    qualify row_number() over (partition by coalesce(golden_id, record_key) order by system desc, created_at, record_key) = 1
)
select coalesce(b.golden_id, b.record_key) as deal_id, b.title as name, b.amount, b.currency, b.pipeline, b.stage,
    not b.closed as open, b.won, b.close_date, b.owner, b.created_at, p.company_id, n.name as company,
    coalesce(p.people, []) as people, r.hubspot_deal, r.salesforce_opportunity, r.links
from best b
join people p on p.deal_id = coalesce(b.golden_id, b.record_key)
join (
    select coalesce(golden_id, record_key) as deal_id, min(record_id) filter (system = 'hubspot') as hubspot_deal,
        min(record_id) filter (system = 'salesforce') as salesforce_opportunity,
        list(page(system, object, record_id) order by record_key) filter (page(system, object, record_id) is not null) as links
    from dealing where kind = 'deal' group by all
) r on r.deal_id = p.deal_id
left join golden_name n on n.golden_id = p.company_id
order by deal_id;

comment on table published.deals is 'One row for each deal (opportunity); one that both CRMs have is one row, told by Salesforce.';
comment on column published.deals.deal_id is 'Golden id of the deal; the record''s key where it has none.';
comment on column published.deals.name is 'What it is called. （商談名） [personal]';
comment on column published.deals.amount is 'Amount. （金額）';
comment on column published.deals.currency is 'Its currency, where the CRM tells.';
comment on column published.deals.pipeline is 'The pipeline that it is in; empty in Salesforce.';
comment on column published.deals.stage is 'The stage, as people see it. （フェーズ）';
comment on column published.deals.open is 'Whether it is neither won nor lost.';
comment on column published.deals.won is 'Whether it was won.';
comment on column published.deals.close_date is 'When it is to be closed, or was; of a moment the day in the time_zone of the settings. （完了予定日）';
comment on column published.deals.owner is 'Name of the user who owns it. （担当者） [personal]';
comment on column published.deals.created_at is 'When its CRM made it (UTC).';
comment on column published.deals.company_id is 'Golden id of its company.';
comment on column published.deals.company is 'Name of its company. （取引先）';
comment on column published.deals.people is 'Golden ids of the people who take part; customer_360 has them.';
comment on column published.deals.hubspot_deal is 'HubSpot''s id.';
comment on column published.deals.salesforce_opportunity is 'Salesforce''s id.';
comment on column published.deals.links is 'Where to look at it in each CRM.';
