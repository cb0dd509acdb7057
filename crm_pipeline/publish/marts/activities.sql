create table published.activities as
select d.record_key, d.system, d.object, d.record_id, d.sort, coalesce(d.timed_at, d.created_at) as happened_at, d.title, d.stage as status,
    d.closed as done, d.owner, c.golden_id, c.kind
from dealing d left join concerned c using (record_key)
where d.sort is not null order by d.record_key, c.golden_id;

comment on table published.activities is 'Calls, e-mails, meetings, notes and tasks: a row for each and every customer or company it belongs to.';
comment on column published.activities.record_key is 'system/object/id; the same on every row of one activity.';
comment on column published.activities.system is 'hubspot or salesforce.';
comment on column published.activities.object is 'The CRM''s object.';
comment on column published.activities.record_id is 'The CRM''s own id.';
comment on column published.activities.sort is 'call, e_mail, meeting, note or task.';
comment on column published.activities.happened_at is 'When it took place (UTC); of a task, when it was done or is due; a date alone is its midnight.';
comment on column published.activities.title is 'Subject, or the beginning of a note. （件名） [personal]';
comment on column published.activities.status is 'Status of a task, as the CRM spells it. （状況）';
comment on column published.activities.done is 'Whether a task is done; false for everything else.';
comment on column published.activities.owner is 'Name of the user who did it or is to do it. （担当者） [personal]';
comment on column published.activities.golden_id is 'The customer or company; null if it belongs to none that is known.';
comment on column published.activities.kind is 'person or company.';
