create table published.customer_360 as
with value as (
    select golden_id,
        min(value) filter (where role = 'e_mail') as e_mail,
        min(value) filter (where field = 'phone') as phone,
        min(value) filter (where field = 'mobile') as mobile,
        min(value) filter (where role = 'company') as company,
        min(value) filter (where field = 'industry') as industry,
        min(value) filter (where role = 'prefecture') as prefecture,
        min(value) filter (where role = 'city') as city,
        min(value) filter (where role = 'street') as street,
        min(value) filter (where role = 'birth_date') as birth_date,
        min(value) filter (where role = 'job_title') as job_title,
        min(value) filter (where field = 'owner') as owner_id
    from golden_value where kind = 'person' group by golden_id
),
record as (
    select golden_id,
        list(record_id order by record_id) filter (object = 'contacts') as hubspot_contacts,
        list(record_id order by record_id) filter (object = 'Contact') as salesforce_contacts,
        list(record_id order by record_id) filter (object = 'Lead') as salesforce_leads,
        list(page(system, object, record_id) order by record_key) filter (page(system, object, record_id) is not null) as links
    from golden_now where kind = 'person' group by golden_id
),
works_at as (
    select p.golden_id, min_by(c.golden_id, (not a.is_primary, c.golden_id)) as company_id
    from raw.association a
    join golden_now p on p.system = a.system and p.object = a.from_object and p.record_id = a.from_id
    join golden_now c on c.system = a.system and c.object = a.to_object and c.record_id = a.to_id
    where p.kind = 'person' and c.kind = 'company'
    group by p.golden_id
),
can as (
    select golden_id,
        bool_or(possible) filter (where system = 'hubspot' and capability = 'mail') as hubspot_mail,
        bool_or(possible) filter (where system = 'hubspot' and capability = 'phone') as hubspot_phone,
        bool_or(possible) filter (where system = 'hubspot' and capability = 'pick by industry') as hubspot_industry,
        bool_or(possible) filter (where system = 'salesforce' and capability = 'mail') as salesforce_mail,
        bool_or(possible) filter (where system = 'salesforce' and capability = 'phone') as salesforce_phone,
        bool_or(possible) filter (where system = 'salesforce' and capability = 'pick by industry') as salesforce_industry
    from capability group by golden_id
),
deal as (
    select person as golden_id, count(*) as deals, sum(amount) as amount,
        list({'name': name, 'amount': amount, 'currency': currency, 'stage': stage, 'close_date': close_date} order by close_date, deal_id) as list
    from (select unnest(people) as person, * from published.deals where open) group by person
),
ticket as (
    select golden_id, count(distinct coalesce(ticket_id, record_key)) filter (open) as open,
        count(distinct coalesce(ticket_id, record_key)) as total
    from (select unnest(people) as golden_id, * from published.tickets) group by golden_id
),
touch as (  -- a task that is not done yet touched nobody
    select golden_id, max(happened_at) as last_at, arg_max({'sort': sort, 'system': system, 'title': title, 'owner': owner}, happened_at) as last,
        min(happened_at) as first_at
    from published.activities
    where kind = 'person' and happened_at <= now() and (sort <> 'task' or done) group by golden_id
),
began as (  -- a record that we created is no first touch
    select g.golden_id, min(r.created_at) as first_at,
        arg_min(s.value, r.created_at) filter (filled(s.value)) as source
    from golden_now g
    join raw.record r using (record_key)
    left join (select record_key, value from value_now where field = 'lead_source') s using (record_key)
    anti join (from state.link where origin = 'created') c using (record_key)
    where g.kind = 'person' group by g.golden_id
),
flag as (
    select golden_id, list(distinct flag order by flag) as flags from (
        select golden_id, unnest(list_filter([
            if(not bool_or(role = 'e_mail'), 'no_e_mail', ''), if(not bool_or(role = 'phone'), 'no_phone', '')], lambda x: x <> '')) as flag
        from (select g.golden_id, v.role from (select distinct golden_id from golden_now where kind = 'person') g
            left join golden_value v on v.golden_id = g.golden_id and v.role in ('e_mail', 'phone')) group by golden_id
        union all
        select v.golden_id, case when n.kind = 'phone' then 'junk_phone'
            when list_has_any(n.flags, ['junk', 'invalid']) then 'junk_e_mail' when list_contains(n.flags, 'disposable') then 'disposable_e_mail'
            else 'role_e_mail' end
        from golden_value v
        join normalise.value n on n.raw = v.value and n.kind = if(v.role = 'phone', 'phone', 'e-mail')
        where v.kind = 'person' and v.role in ('phone', 'e_mail')
            and (n.status = 'junk' or list_has_any(n.flags, ['junk', 'invalid', 'disposable', 'role']))
        union all
        select g.golden_id, unnest(list_intersect(n.name_flags, ['placeholder', 'junk'])) || '_name'
        from normalise.person n join golden_now g using (record_key) where len(n.name_flags) > 0
        union all
        select golden_id, 'duplicates_in_' || system from golden_now where kind = 'person' group by golden_id, system having count(*) > 1
        union all
        select g.golden_id, 'in_review'
        from (select left_key as record_key from match.review union all select right_key from match.review) v join golden_now g using (record_key)
        union all
        select golden_id, 'conflict' from conflict_waiting
        union all
        select golden_id, 'differs' from publish.disagreement where cause not in ('dont_sync', 'incompatible')
    ) group by golden_id
)
select r.golden_id, n.name, v.e_mail, v.phone, v.mobile, v.company, w.company_id, v.industry, v.prefecture, v.city,
    v.street, v.birth_date, v.job_title, u.name as owner, u.e_mail as owner_e_mail,
    coalesce(r.hubspot_contacts, []) as hubspot_contacts,
    coalesce(r.salesforce_contacts, []) as salesforce_contacts,
    coalesce(r.salesforce_leads, []) as salesforce_leads,
    coalesce(r.links, []) as links,
    r.hubspot_contacts is not null and (r.salesforce_contacts is not null or r.salesforce_leads is not null) as in_both,
    coalesce(c.hubspot_mail, false) as hubspot_mailable,
    coalesce(c.hubspot_phone, false) as hubspot_callable,
    coalesce(c.hubspot_industry, false) as hubspot_segmentable,
    coalesce(c.salesforce_mail, false) as salesforce_mailable,
    coalesce(c.salesforce_phone, false) as salesforce_callable,
    coalesce(c.salesforce_industry, false) as salesforce_segmentable,
    coalesce(d.deals, 0) as open_deals, d.amount as open_amount, coalesce(d.list, []) as open_deal_list,
    coalesce(t.open, 0) as open_tickets, coalesce(t.total, 0) as tickets,
    least(b.first_at, x.first_at) as first_touch_at, b.source as first_source,
    x.last_at as last_touch_at, x.last.sort as last_touch, x.last.system as last_touch_system,
    x.last.title as last_touch_title, x.last.owner as last_touch_by,
    coalesce(f.flags, []) as flags
from record r
left join golden_name n using (golden_id)
left join value v using (golden_id)
left join works_at w using (golden_id)
left join can c using (golden_id)
left join deal d using (golden_id)
left join ticket t using (golden_id)
left join touch x using (golden_id)
left join began b using (golden_id)
left join flag f using (golden_id)
left join (from user_now qualify row_number() over (partition by user_id order by system) = 1) u on u.user_id = v.owner_id
order by r.golden_id;

comment on table published.customer_360 is 'One row for each customer (person): best values, where the records are, and what each CRM can do with them now, landed writes included.';
comment on column published.customer_360.golden_id is 'The customer''s stable id.';
comment on column published.customer_360.name is 'Family name and given name. （氏名） [personal]';
comment on column published.customer_360.e_mail is 'Best e-mail address. （メールアドレス） [personal]';
comment on column published.customer_360.phone is 'Best phone number, as it was typed. （電話番号） [personal]';
comment on column published.customer_360.mobile is 'Best mobile number, as it was typed. （携帯電話） [personal]';
comment on column published.customer_360.company is 'Name of the company, as it stands on the person. （会社名） [personal]';
comment on column published.customer_360.company_id is 'Golden id of the company that either CRM relates the person to; the primary one first.';
comment on column published.customer_360.industry is 'Industry, as the deciding CRM spells it. （業種）';
comment on column published.customer_360.prefecture is 'Prefecture or state of the best address. （都道府県） [personal]';
comment on column published.customer_360.city is 'City of the best address. （市区町村） [personal]';
comment on column published.customer_360.street is 'Street of the best address. （町名・番地） [personal]';
comment on column published.customer_360.birth_date is 'Birth date as text, as the CRM gave it. （生年月日） [personal]';
comment on column published.customer_360.job_title is 'Best job title. （役職） [personal]';
comment on column published.customer_360.hubspot_contacts is 'Ids of the customer''s HubSpot contacts; empty if there are none.';
comment on column published.customer_360.salesforce_contacts is 'Ids of the customer''s Salesforce contacts; empty if there are none.';
comment on column published.customer_360.salesforce_leads is 'Ids of the customer''s Salesforce leads that are not converted; empty if there are none.';
comment on column published.customer_360.in_both is 'Whether both CRMs have the customer.';
comment on column published.customer_360.hubspot_mailable is 'Whether HubSpot has an e-mail address: marketing can mail.';
comment on column published.customer_360.hubspot_callable is 'Whether HubSpot has a phone number.';
comment on column published.customer_360.hubspot_segmentable is 'Whether HubSpot has the industry: marketing can pick the customer for a campaign.';
comment on column published.customer_360.salesforce_mailable is 'Whether Salesforce has an e-mail address.';
comment on column published.customer_360.salesforce_callable is 'Whether Salesforce has a phone number: sales can phone.';
comment on column published.customer_360.salesforce_segmentable is 'Whether Salesforce has the industry.';
comment on column published.customer_360.owner is 'Name of the user who owns the customer, by the record that decides. （担当者） [personal]';
comment on column published.customer_360.owner_e_mail is 'E-mail address of the owner. [personal]';
comment on column published.customer_360.links is 'Where to look at the customer in each CRM; none where a CRM did not tell its address. [personal]';
comment on column published.customer_360.open_deals is 'How many deals that are neither won nor lost the customer takes part in. （進行中の商談）';
comment on column published.customer_360.open_amount is 'Their amounts together; mind the currencies in open_deal_list.';
comment on column published.customer_360.open_deal_list is 'Those deals: name, amount, currency, stage, close_date. [personal]';
comment on column published.customer_360.open_tickets is 'How many tickets and cases of the customer are open. （未完了のチケット）';
comment on column published.customer_360.tickets is 'How many tickets and cases the customer ever had.';
comment on column published.customer_360.first_touch_at is 'When the first record of the customer was made or the first activity took place (UTC); records that we created do not count.';
comment on column published.customer_360.first_source is 'Where the oldest record with a lead source came from. （リードソース）';
comment on column published.customer_360.last_touch_at is 'When the last call, e-mail, meeting, note or finished task took place (UTC); null if none is known. （最終接触日時）';
comment on column published.customer_360.last_touch is 'What it was: call, e_mail, meeting, note or task.';
comment on column published.customer_360.last_touch_system is 'The CRM that holds it.';
comment on column published.customer_360.last_touch_title is 'Its subject. [personal]';
comment on column published.customer_360.last_touch_by is 'Name of the user who did it. [personal]';
comment on column published.customer_360.flags is 'What is wrong, each in a word: no_e_mail, no_phone, junk_phone, junk_e_mail, disposable_e_mail, role_e_mail, placeholder_name, junk_name, duplicates_in_hubspot, duplicates_in_salesforce, in_review, conflict, differs. Empty if nothing is.';
