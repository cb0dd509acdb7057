-- Customers as they were after a run, in the columns of customer_360 that describe them; `records`: system/object/id.
create macro as_of(run) as table
with value as (
    select golden_id,
        max(value) filter (part = 'family_name') as family_name, max(value) filter (part = 'given_name') as given_name,
        max(value) filter (part = 'e_mail') as e_mail, max(value) filter (part = 'phone') as phone,
        max(value) filter (part = 'mobile') as mobile, max(value) filter (part = 'company') as company,
        max(value) filter (part = 'industry') as industry, max(value) filter (part = 'prefecture') as prefecture,
        max(value) filter (part = 'city') as city, max(value) filter (part = 'street') as street,
        max(value) filter (part = 'birth_date') as birth_date, max(value) filter (part = 'job_title') as job_title
    from golden.as_of(run) where kind = 'person' group by golden_id
)
select golden_id, concat_ws(' ', family_name, given_name) as name, columns(value.* exclude (golden_id, family_name, given_name)), records
from value left join (select golden_id, list(record_key order by record_key) as records from golden.links_as_of(run) group by golden_id) using (golden_id);
comment on macro table as_of is 'as_of(run): customers as they were after a run, one row each; nothing for runs of which runs.as_of is false.';
