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
    run_id integer not null       -- the run that last saw a change
);
create table raw.hubspot_contacts as from raw.hubspot_companies limit 0;
create table raw.salesforce_account as from raw.hubspot_companies limit 0;
create table raw.salesforce_contact as from raw.hubspot_companies limit 0;
create table raw.salesforce_lead as from raw.hubspot_companies limit 0;

create view raw.record as
select 'hubspot/companies/' || record_id as record_key, 'hubspot' as system, 'companies' as object, 'company' as kind, * from raw.hubspot_companies
union all
select 'salesforce/Account/' || record_id, 'salesforce', 'Account', 'company', * from raw.salesforce_account
union all
select 'hubspot/contacts/' || record_id, 'hubspot', 'contacts', 'person', * from raw.hubspot_contacts
union all
select 'salesforce/Contact/' || record_id, 'salesforce', 'Contact', 'person', * from raw.salesforce_contact
union all
select 'salesforce/Lead/' || record_id, 'salesforce', 'Lead', 'person', * from raw.salesforce_lead;

-- Earlier versions of records (SCD2): the version that was replaced, and from when to when we saw it.
create table raw.history (
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    fields json not null,
    modified_at timestamptz not null,
    first_run integer not null,   -- the run that first saw this version
    last_run integer not null     -- the run that saw it replaced
);

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

create table raw.association (
    system varchar not null,
    from_object varchar not null,
    from_id varchar not null,
    to_object varchar not null,
    to_id varchar not null,
    is_primary boolean not null
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
    integration_user varchar not null
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
    run_id integer not null
);

-- Mapped fields that could be read in some run: one that is missing now has vanished, it is no typo.
create table raw.field_seen (system varchar not null, object varchar not null, name varchar not null, run_id integer not null);

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
    there bigint not null,
    explained varchar not null
);

create table raw.quarantine (
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    reason varchar not null
);
