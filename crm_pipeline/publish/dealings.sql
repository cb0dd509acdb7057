-- Deals, tickets and what people did, of both CRMs in one form, landed writes laid over them; and whom they concern.
-- Temporary, read by the marts. Not everything here is mapped: notes are read only.

set variable hubspot_page = (select any_value(url || '/contacts/' || account_id || '/record/') from raw.account where system = 'hubspot' and url <> '');
set variable salesforce_page = (select any_value(url || '/lightning/r/') from raw.account where system = 'salesforce' and url <> '');

-- Where a person looks at a record; null where it has no page of its own.
create or replace temp macro page(system, object, record_id) as case
    when system = 'salesforce' then getvariable('salesforce_page') || object || '/' || record_id || '/view'
    else getvariable('hubspot_page') || case object when 'contacts' then '0-1' when 'companies' then '0-2'
        when 'deals' then '0-3' when 'tickets' then '0-5' end || '/' || record_id end;

-- The calendar day of a date, or of a moment in the zone of the settings, as the sync reads it: midnight UTC is a date.
create or replace temp macro day_of(text) as case when length(text) <= 10 then try_cast(text as date)
    else (select if(t = date_trunc('day', t), t, timezone(getvariable('zone'), timezone('UTC', t)))::date
        from (select timezone('UTC', try_cast(text as timestamptz)) as t)) end;

-- Users by one name: a user of both CRMs, as the e-mail address tells, is called as Salesforce calls them.
create or replace temp table user_now as
select h.system, h.user_id, h.e_mail, coalesce(s.name, h.name) as name
from raw.user h
left join (
    select lower(e_mail) as e_mail, arg_max(name, (active, user_id)) as name
    from raw.user where system = 'salesforce' and e_mail <> '' and name <> '' group by all
) s on h.system = 'hubspot' and s.e_mail = lower(h.e_mail);

create or replace temp macro first_of(texts) as list_filter(texts, lambda x: x <> '')[1];

create or replace temp table dealing as
with record as (
    select r.record_key, r.system, r.object, coalesce(l.kind, r.kind) as kind, r.record_id, r.created_at, r.retired,
        case when p.fields is null then r.fields else json_merge_patch(r.fields, p.fields) end as fields
    from raw.record r
    left join patch p on p.system = r.system and p.object = r.object and p.record_id = r.record_id
    left join golden.link l on l.record_key = r.record_key and r.object = 'Task'
    anti join archived a on a.system = r.system and a.object = r.object and a.record_id = r.record_id
    where r.retired is null and r.kind in ('deal', 'ticket', 'task', 'activity')
    union all
    select p.system || '/' || p.object || '/' || p.record_id, p.system, p.object, p.kind, p.record_id, o.ended_at, null, p.fields
    from patch p
    left join (
        select system, object, record_id, min(ended_at) as ended_at from landed_since where operation = 'create' group by all
    ) o on o.system = p.system and o.object = p.object and o.record_id = p.record_id
    anti join raw.record r on r.system = p.system and r.object = p.object and r.record_id = p.record_id
    where p.kind in ('deal', 'ticket', 'task', 'activity')
),
read as (
    select *, json_extract_string(fields, ['dealname', 'Name', 'subject', 'Subject', 'hs_task_subject', 'hs_call_title',
            'hs_email_subject', 'hs_meeting_title', 'hs_body_preview']) as titles,
        json_extract_string(fields, ['dealstage', 'StageName', 'hs_pipeline_stage', 'Status', 'hs_task_status']) as stages,
        json_extract_string(fields, ['hs_meeting_start_time', 'StartDateTime', 'CompletedDateTime', 'hs_timestamp', 'ActivityDate']) as times,
        json_extract_string(fields, ['amount', 'Amount', 'deal_currency_code', 'closedate', 'CloseDate', 'closed_date',
            'ClosedDate', 'hs_is_closed', 'IsClosed', 'hs_is_closed_won', 'IsWon', 'hubspot_owner_id', 'OwnerId',
            'hs_ticket_priority', 'Priority', 'hs_task_priority', 'TaskSubtype', 'CaseNumber']) as told
    from record
),
taken as (
    select * exclude (fields, titles, stages, times, told), first_of(titles) as title, first_of(stages) as stage_id,
        try_cast(first_of(times) as timestamptz) as timed_at,
        try_cast(first_of(told[1:2]) as decimal(18, 2)) as amount, told[3] as currency,
        day_of(first_of(told[4:5])) as close_date, try_cast(first_of(told[6:7]) as timestamptz) as closed_at,
        first_of(told[8:9]) = 'true' as is_closed, first_of(told[10:11]) = 'true' as is_won,
        first_of(told[12:13]) as owner_id, first_of(told[14:16]) as priority, told[17] as subtype, told[18] as number
    from read
)
select t.* exclude (stage_id, is_closed, is_won), g.golden_id, coalesce(s.label, t.stage_id) as stage, s.pipeline,
    coalesce(s.closed, t.is_closed, t.stage_id = 'COMPLETED', false) as closed, coalesce(s.won, t.is_won, false) as won,
    u.name as owner,
    case t.object when 'calls' then 'call' when 'emails' then 'e_mail' when 'meetings' then 'meeting' when 'Event' then 'meeting'
        when 'notes' then 'note' when 'tasks' then 'task'
        when 'Task' then case t.subtype when 'Call' then 'call' when 'Email' then 'e_mail' else 'task' end end as sort
from taken t
left join golden_now g on g.record_key = t.record_key
left join (from raw.stage qualify row_number() over (partition by system, object, stage_id order by pipeline_id) = 1) s
    on s.system = t.system and s.object = t.object and s.stage_id = t.stage_id
left join user_now u on u.system = t.system and u.user_id = t.owner_id;

-- People and companies that a deal, ticket or activity belongs to.
create or replace temp table concerned as
select distinct d.record_key, g.golden_id, g.kind
from raw.association a
join dealing d on d.system = a.system and d.object = a.from_object and d.record_id = a.from_id
join golden_now g on g.system = a.system and g.object = a.to_object and g.record_id = a.to_id
where g.kind in ('person', 'company');
