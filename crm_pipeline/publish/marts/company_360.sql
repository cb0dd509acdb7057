create table published.company_360 as
with value as (
    select golden_id,
        min(value) filter (where role = 'website') as website,
        min(value) filter (where field = 'phone') as phone,
        min(value) filter (where field = 'industry') as industry,
        try_cast(min(value) filter (where field = 'employees') as double)::bigint as employees,
        min(value) filter (where role = 'prefecture') as prefecture,
        min(value) filter (where role = 'city') as city,
        min(value) filter (where field = 'owner') as owner_id
    from golden_value where kind = 'company' group by golden_id
),
record as (
    select golden_id, list(record_id order by record_id) filter (system = 'hubspot') as hubspot_companies,
        list(record_id order by record_id) filter (system = 'salesforce') as salesforce_accounts,
        list(page(system, object, record_id) order by record_key) filter (page(system, object, record_id) is not null) as links
    from golden_now where kind = 'company' group by golden_id
),
deal as (
    select company_id as golden_id, count(*) filter (open) as open_deals, sum(amount) filter (open) as open_amount,
        sum(amount) filter (won) as won_amount
    from published.deals where company_id is not null group by company_id
)
select r.golden_id, n.name, v.website, v.phone, v.industry, v.employees, v.prefecture, v.city, u.name as owner,
    coalesce(r.hubspot_companies, []) as hubspot_companies, coalesce(r.salesforce_accounts, []) as salesforce_accounts,
    coalesce(r.links, []) as links, r.hubspot_companies is not null and r.salesforce_accounts is not null as in_both,
    coalesce(p.people, 0) as people, coalesce(d.open_deals, 0) as open_deals, d.open_amount, d.won_amount,
    coalesce(t.open_tickets, 0) as open_tickets, x.last_touch_at
from record r
left join golden_name n using (golden_id)
left join value v using (golden_id)
left join deal d using (golden_id)
left join (select company_id as golden_id, count(*) as people from published.customer_360 group by company_id) p using (golden_id)
left join (
    select company_id as golden_id, count(distinct coalesce(ticket_id, record_key)) filter (open) as open_tickets
    from published.tickets group by company_id
) t using (golden_id)
left join (
    select coalesce(c.company_id, a.golden_id) as golden_id, max(a.happened_at) as last_touch_at
    from published.activities a left join published.customer_360 c using (golden_id)
    where a.happened_at <= now() and (a.sort <> 'task' or a.done) group by all
) x using (golden_id)
left join (from user_now qualify row_number() over (partition by user_id order by system) = 1) u on u.user_id = v.owner_id
order by r.golden_id;

comment on table published.company_360 is 'One row for each company: best values, where the records are, its people, deals and tickets.';
comment on column published.company_360.golden_id is 'The company''s stable id: customer_360.company_id.';
comment on column published.company_360.name is 'Its name. （会社名）';
comment on column published.company_360.website is 'Best website. （ウェブサイト）';
comment on column published.company_360.phone is 'Best phone number, as it was typed. （電話番号）';
comment on column published.company_360.industry is 'Industry, as the deciding CRM spells it. （業種）';
comment on column published.company_360.employees is 'Number of employees. （従業員数）';
comment on column published.company_360.prefecture is 'Prefecture or state of the best address. （都道府県）';
comment on column published.company_360.city is 'City of the best address. （市区町村）';
comment on column published.company_360.owner is 'Name of the user who owns it, by the record that decides. （担当者） [personal]';
comment on column published.company_360.hubspot_companies is 'Ids of its HubSpot companies; empty if there are none.';
comment on column published.company_360.salesforce_accounts is 'Ids of its Salesforce accounts; empty if there are none.';
comment on column published.company_360.links is 'Where to look at it in each CRM.';
comment on column published.company_360.in_both is 'Whether both CRMs have it.';
comment on column published.company_360.people is 'How many customers work there, as far as a CRM relates them to it.';
comment on column published.company_360.open_deals is 'How many of its deals are neither won nor lost. （進行中の商談）';
comment on column published.company_360.open_amount is 'Their amounts together.';
comment on column published.company_360.won_amount is 'Amounts of the deals that were won.';
comment on column published.company_360.open_tickets is 'How many of its tickets and cases are open. （未完了のチケット）';
comment on column published.company_360.last_touch_at is 'When the last activity with it or its people took place (UTC). （最終接触日時）';
