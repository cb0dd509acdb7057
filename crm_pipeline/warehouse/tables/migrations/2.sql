-- Version 1 -> 2: all objects, digests, the whole history, and what completeness and cost are measured by.
drop view raw.record;
alter table raw.hubspot_companies add column digest uhugeint;
update raw.hubspot_companies set digest = md5_number(fields::varchar);
alter table raw.salesforce_account add column digest uhugeint;
update raw.salesforce_account set digest = md5_number(fields::varchar);
alter table raw.hubspot_contacts add column digest uhugeint;
update raw.hubspot_contacts set digest = md5_number(fields::varchar);
alter table raw.salesforce_contact add column digest uhugeint;
update raw.salesforce_contact set digest = md5_number(fields::varchar);
alter table raw.salesforce_lead add column digest uhugeint;
update raw.salesforce_lead set digest = md5_number(fields::varchar);
create table raw.hubspot_deals as from raw.hubspot_companies limit 0;
create table raw.salesforce_opportunity as from raw.hubspot_companies limit 0;
create table raw.salesforce_opportunitycontactrole as from raw.hubspot_companies limit 0;
create table raw.hubspot_tickets as from raw.hubspot_companies limit 0;
create table raw.salesforce_case as from raw.hubspot_companies limit 0;
create table raw.hubspot_tasks as from raw.hubspot_companies limit 0;
create table raw.salesforce_task as from raw.hubspot_companies limit 0;
create table raw.hubspot_calls as from raw.hubspot_companies limit 0;
create table raw.hubspot_emails as from raw.hubspot_companies limit 0;
create table raw.hubspot_meetings as from raw.hubspot_companies limit 0;
create table raw.hubspot_notes as from raw.hubspot_companies limit 0;
create table raw.salesforce_event as from raw.hubspot_companies limit 0;

create view raw.record as
select 'hubspot/companies/' || record_id as record_key, 'hubspot' as system, 'companies' as object, 'company' as kind, * from raw.hubspot_companies
union all
select 'salesforce/Account/' || record_id, 'salesforce', 'Account', 'company', * from raw.salesforce_account
union all
select 'hubspot/contacts/' || record_id, 'hubspot', 'contacts', 'person', * from raw.hubspot_contacts
union all
select 'salesforce/Contact/' || record_id, 'salesforce', 'Contact', 'person', * from raw.salesforce_contact
union all
select 'salesforce/Lead/' || record_id, 'salesforce', 'Lead', 'person', * from raw.salesforce_lead
union all
select 'hubspot/deals/' || record_id, 'hubspot', 'deals', 'deal', * from raw.hubspot_deals
union all
select 'salesforce/Opportunity/' || record_id, 'salesforce', 'Opportunity', 'deal', * from raw.salesforce_opportunity
union all
select 'salesforce/OpportunityContactRole/' || record_id, 'salesforce', 'OpportunityContactRole', 'deal_role', * from raw.salesforce_opportunitycontactrole
union all
select 'hubspot/tickets/' || record_id, 'hubspot', 'tickets', 'ticket', * from raw.hubspot_tickets
union all
select 'salesforce/Case/' || record_id, 'salesforce', 'Case', 'ticket', * from raw.salesforce_case
union all
select 'hubspot/tasks/' || record_id, 'hubspot', 'tasks', 'task', * from raw.hubspot_tasks
union all
select 'salesforce/Task/' || record_id, 'salesforce', 'Task', 'task', * from raw.salesforce_task
union all
select 'hubspot/calls/' || record_id, 'hubspot', 'calls', 'activity', * from raw.hubspot_calls
union all
select 'hubspot/emails/' || record_id, 'hubspot', 'emails', 'activity', * from raw.hubspot_emails
union all
select 'hubspot/meetings/' || record_id, 'hubspot', 'meetings', 'activity', * from raw.hubspot_meetings
union all
select 'hubspot/notes/' || record_id, 'hubspot', 'notes', 'activity', * from raw.hubspot_notes
union all
select 'salesforce/Event/' || record_id, 'salesforce', 'Event', 'activity', * from raw.salesforce_event;

alter table raw.history add column changed json;
alter table raw.history add column retired varchar;

create macro raw.as_of(run) as table
select record_key, system, object, record_id, fields, changed, retired, modified_at, run_id as since_run
from raw.record where run_id <= run
union all
select system || '/' || object || '/' || record_id, system, object, record_id, fields, changed, retired, modified_at, first_run
from raw.history where first_run <= run and run < last_run;

alter table raw.schema_field add column selectable boolean default true;
create table raw.hidden_object (system varchar not null, object varchar not null, why varchar not null, run_id integer not null);
alter table raw.association add column label varchar default '';
alter table raw.quarantine add column released_run integer;

create table raw.stage (
    system varchar not null,
    object varchar not null,
    pipeline_id varchar not null,
    pipeline varchar not null,
    stage_id varchar not null,
    label varchar not null,
    position integer not null,
    closed boolean not null,
    won boolean not null,
    probability double,
    run_id integer not null
);

create table raw.schema_change (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    name varchar not null,
    change varchar not null,
    before varchar not null,
    now varchar not null
);

create table raw.call (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    forecast bigint not null,
    made bigint not null,
    retries bigint not null,
    waited_seconds double not null
);

alter table raw.reconciliation rename to reconciliation_1;
create table raw.reconciliation (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    here bigint not null,
    there bigint,
    missing bigint not null default 0,
    surplus bigint not null default 0,
    sampled bigint not null default 0,
    sample_wrong bigint not null default 0,
    method varchar not null default 'count',
    explained varchar not null
);
insert into raw.reconciliation (run_id, system, object, here, there, explained) from raw.reconciliation_1;
drop table raw.reconciliation_1;
