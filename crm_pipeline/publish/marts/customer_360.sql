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
        min(value) filter (where role = 'job_title') as job_title
    from golden_value where kind = 'person' group by golden_id
),
record as (
    select golden_id,
        list(record_id order by record_id) filter (where object = 'contacts') as hubspot_contacts,
        list(record_id order by record_id) filter (where object = 'Contact') as salesforce_contacts,
        list(record_id order by record_id) filter (where object = 'Lead') as salesforce_leads
    from golden_now where kind = 'person' group by golden_id
),
works_at as (
    select p.golden_id, min_by(c.golden_id, (not a.is_primary, c.golden_id)) as company_id
    from raw.association a
    join golden_now p on p.system = a.system and p.object = a.from_object and p.record_id = a.from_id
    join golden_now c on c.system = a.system and c.object = a.to_object and c.record_id = a.to_id
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
)
select r.golden_id, n.name, v.e_mail, v.phone, v.mobile, v.company, w.company_id, v.industry, v.prefecture, v.city,
    v.street, v.birth_date, v.job_title,
    coalesce(r.hubspot_contacts, []) as hubspot_contacts,
    coalesce(r.salesforce_contacts, []) as salesforce_contacts,
    coalesce(r.salesforce_leads, []) as salesforce_leads,
    r.hubspot_contacts is not null and (r.salesforce_contacts is not null or r.salesforce_leads is not null) as in_both,
    coalesce(c.hubspot_mail, false) as hubspot_mailable,
    coalesce(c.hubspot_phone, false) as hubspot_callable,
    coalesce(c.hubspot_industry, false) as hubspot_segmentable,
    coalesce(c.salesforce_mail, false) as salesforce_mailable,
    coalesce(c.salesforce_phone, false) as salesforce_callable,
    coalesce(c.salesforce_industry, false) as salesforce_segmentable
from record r
left join golden_name n using (golden_id)
left join value v using (golden_id)
left join works_at w using (golden_id)
left join can c using (golden_id)
order by r.golden_id;

comment on table published.customer_360 is 'One row for each customer (person): best values, where the records are, and what each CRM can do with them now, landed writes included.';
comment on column published.customer_360.golden_id is 'The customer''s stable id.';
comment on column published.customer_360.name is 'Family name and given name.';
comment on column published.customer_360.e_mail is 'Best e-mail address.';
comment on column published.customer_360.phone is 'Best phone number, as it was typed.';
comment on column published.customer_360.mobile is 'Best mobile number, as it was typed.';
comment on column published.customer_360.company is 'Name of the company, as it stands on the person.';
comment on column published.customer_360.company_id is 'Golden id of the company that either CRM relates the person to; the primary one first.';
comment on column published.customer_360.industry is 'Industry, as the deciding CRM spells it.';
comment on column published.customer_360.prefecture is 'Prefecture or state of the best address.';
comment on column published.customer_360.city is 'City of the best address.';
comment on column published.customer_360.street is 'Street of the best address.';
comment on column published.customer_360.birth_date is 'Birth date as text, as the CRM gave it.';
comment on column published.customer_360.job_title is 'Best job title.';
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
