-- What the CRMs said, byte for byte. One table an object, made from one pattern.
create schema raw;

create table raw.hubspot_companies (
    record_id varchar not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    modified_by varchar not null,
    fields json not null,         -- CRM field -> value; absent is unknown, null is blank
    changed json not null,        -- CRM field -> {"at": last change, "after": not before, "certain": from the CRM's own history}
    retired varchar,              -- null while live; deleted, merged or converted
    run_id integer not null,      -- the run that last saw a change
    digest uhugeint               -- MD5 of fields: what is compared night by night, so that unchanged JSON is not touched
);
create table raw.salesforce_account as from raw.hubspot_companies limit 0;
create table raw.hubspot_contacts as from raw.hubspot_companies limit 0;
create table raw.salesforce_contact as from raw.hubspot_companies limit 0;
create table raw.salesforce_lead as from raw.hubspot_companies limit 0;
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

-- All records of all objects. Whoever means people and companies says so by kind.
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

-- Earlier versions of records (SCD2): the state that was replaced, and from when to when we saw it. A night on which
-- nothing that is read changed adds no rows: a last-modified time that moved alone is kept in the record only.
create table raw.history (
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    fields json not null,
    modified_at timestamptz not null,
    first_run integer not null,   -- the run that first saw this version
    last_run integer not null,    -- the run that saw it replaced
    changed json,                 -- as in the record; null: replaced before this was kept
    retired varchar               -- as in the record
);

-- The records as they were known after a run. `modified_at` of a version may have moved on after that run.
create macro raw.as_of(run) as table
select record_key, system, object, record_id, fields, changed, retired, modified_at, run_id as since_run
from raw.record where run_id <= run
union all
select system || '/' || object || '/' || record_id, system, object, record_id, fields, changed, retired, modified_at, first_run
from raw.history where first_run <= run and run < last_run;

create table raw.tombstone (
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    reason varchar not null,      -- deleted, merged, converted
    gone_at timestamptz,
    survivor_object varchar,
    survivor_id varchar,
    run_id integer not null
);

-- Which records belong together, as live records say it: one row a pair. The record at the other end may be retired; an
-- empty to_object stands for an object that is not read.
create table raw.association (
    system varchar not null,
    from_object varchar not null,
    from_id varchar not null,
    to_object varchar not null,
    to_id varchar not null,
    is_primary boolean not null,
    label varchar default ''      -- what the CRM calls the relation; empty: nothing special
);

-- Pipelines with the steps of deals, tickets and tasks; Salesforce has one without a name.
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

create table raw.user (
    system varchar not null,
    user_id varchar not null,
    e_mail varchar not null,
    name varchar not null,
    active boolean not null
);

create table raw.account (
    system varchar not null,
    account_id varchar not null,
    name varchar not null,
    time_zone varchar not null,
    sandbox boolean not null,
    integration_user varchar not null,
    url varchar default ''        -- where people look at its records
);

create table raw.schema_field (
    system varchar not null,
    object varchar not null,
    name varchar not null,
    label varchar not null,
    type varchar not null,
    field_type varchar not null,
    length integer not null,
    nillable boolean not null,
    createable boolean not null,
    updateable boolean not null,
    calculated boolean not null,
    is_unique boolean not null,
    restricted boolean not null,
    required_on_create boolean not null,
    refers_to varchar not null,
    options json not null,        -- [{"value", "label", "active"}]
    run_id integer not null,      -- the run that last saw a change
    selectable boolean default true, -- false: a read does not bring it as one value
    digits integer default 0,     -- of a number, before the decimal point; 0: not limited
    scale integer                 -- of a number, behind it; null: not limited
);

-- Objects that are read only and that the credentials may not see: what is known of them stays as it was.
create table raw.hidden_object (system varchar not null, object varchar not null, why varchar not null, run_id integer not null);

-- Wanted fields that could be read in some run: one that is missing now has vanished, it is no typo.
create table raw.field_seen (system varchar not null, object varchar not null, name varchar not null, run_id integer not null);

-- Drift: fields that came, went or changed between two reads of a schema.
create table raw.schema_change (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    name varchar not null,
    change varchar not null,      -- new, gone, back, retyped, ...
    before varchar not null,      -- empty for a new field
    now varchar not null          -- empty for one that is gone
);

create table raw.watermark (
    system varchar not null,
    object varchar not null,
    read_until timestamptz not null,   -- the CRM's clock; the next run starts before it by the overlap
    fields_hash varchar not null,      -- of the fields that were read; other fields mean a full read
    run_id integer not null
);

-- Completeness: what the CRM says it has against what is here. Every row is explained or stops the run.
create table raw.reconciliation (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    here bigint not null,
    there bigint,                            -- null: it could not be read
    missing bigint not null default 0,       -- records that were there and not here, found and read
    surplus bigint not null default 0,       -- live here and not there
    sampled bigint not null default 0,       -- records read back by id
    sample_wrong bigint not null default 0,  -- of those, the ones that were not as here
    method varchar not null default 'count', -- how it was compared
    explained varchar not null
);

-- Records that could not be loaded. One that comes well later is let go by itself.
create table raw.quarantine (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    reason varchar not null,
    released_run integer          -- the run that loaded it, or found another reason; null: still held
);

-- What a read cost: calls foreseen, made and tried again, and the time spent waiting for a limit.
create table raw.call (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    forecast bigint not null,
    made bigint not null,
    retries bigint not null,
    waited_seconds double not null
);
