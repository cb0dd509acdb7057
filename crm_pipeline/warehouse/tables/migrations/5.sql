-- Version 5: what people say about writes (holds, answers), undo, receipts of bulk jobs, references between records.
alter table plan.change add column needs json;
alter table push.outbox add column needs json;
alter table raw.schema_field add column digits integer default 0;
alter table raw.schema_field add column scale integer;
alter table raw.account add column url varchar default '';
alter table plan.plan add column purpose varchar default 'sync';
alter table plan.plan add column undoes varchar;
alter table plan.plan add column asked_by varchar;
alter table plan.plan add column asked_why varchar;
-- version 3 makes these anew, with all columns
alter table normalise.value add column if not exists corporate_number varchar;
alter table normalise.company add column if not exists corporate_number varchar;
alter table match.company add column if not exists corporate_number varchar;

create table state.hold (
    hold_id integer not null,
    golden_id varchar not null,
    record_key varchar,
    field varchar,
    origin varchar not null,
    held_by varchar not null,
    held_at timestamptz not null,
    why varchar not null,
    field_hash varchar,
    run_id integer,
    ended_at timestamptz,
    ended_by varchar
);

create table state.answer (
    golden_id varchar not null,
    field varchar not null,
    side varchar,
    value json,
    answered_by varchar not null,
    answered_at timestamptz not null,
    why varchar not null,
    used_run integer,
    seen json
);

create table state.outside (record_key varchar not null, since_run integer not null);

create table plan.proposal (
    plan_id integer not null,
    golden_id varchar not null,
    system varchar not null,
    object varchar not null,
    winner_key varchar not null,
    loser_key varchar not null,
    fields json not null,
    reason varchar not null
);

create table push.job (
    job_id varchar not null,
    plan_id integer not null,
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    operation varchar not null,
    requests json not null,
    state varchar not null,
    created_at timestamptz not null,
    ended_at timestamptz
);

create table push.code (
    system varchar not null,
    code varchar not null,
    category varchar not null,
    retry varchar not null,
    meaning varchar not null,
    meaning_ja varchar not null,
    action varchar not null
);

create table golden.followed (kind varchar not null, inputs ubigint not null);
create table state.creating (kind varchar not null, system varchar not null, since timestamptz not null);

drop table plan.incompatible;

create table plan.compatibility (
    plan_id integer not null,
    kind varchar not null,
    field varchar not null,
    part varchar not null,
    label_en varchar not null,
    label_ja varchar not null,
    rule varchar not null,
    hubspot_object varchar not null,
    hubspot_name varchar not null,
    hubspot_label varchar not null,
    hubspot_type varchar not null,
    salesforce_object varchar not null,
    salesforce_name varchar not null,
    salesforce_label varchar not null,
    salesforce_type varchar not null,
    verdict varchar not null,
    gaps json not null,
    why varchar not null,
    why_ja varchar not null,
    to_do varchar not null,
    to_do_ja varchar not null,
    allowed_rules varchar[] not null,
    problem varchar not null,
    problem_ja varchar not null,
    place varchar not null
);


create table publish.disagreement (
    golden_id varchar not null,
    field varchar not null,
    hubspot_key varchar not null,
    salesforce_key varchar not null,
    cause varchar not null
);

create table publish.compared (golden_id varchar not null, inputs ubigint not null);

create table publish.agreement (
    run_id integer not null,
    measured_at timestamptz not null,
    kind varchar not null,
    field varchar not null,
    rule varchar not null,
    reason varchar not null,
    pairs bigint not null
);
alter table state.quarantine add column released_at timestamptz;
alter table state.quarantine add column system varchar;
