-- Version 6: what a report, an erasure and the upgrades of part 6 remember.

-- The steps of each run: how long they took, what they called, and how they ended.
create table state.step (
    run_id integer not null,
    stage varchar not null,
    step varchar not null,        -- flow.py's name of it
    started_at timestamptz not null,
    seconds double not null,
    calls json not null,          -- CRM -> {"made": by this step, "today": by everybody, "limit": of a day, 0: not told}
    failed varchar                -- the sentence with which it stopped; null: it is done
);

-- How each run ended; earlier ones are over, nobody knows how.
alter table state.run add column ended_at timestamptz;
alter table state.run add column outcome varchar;
alter table state.run add column failed varchar;
update state.run set ended_at = started_at, outcome = 'done';

-- What somebody was told of, on each channel, until he was told of its end: an alert is told once, not every night.
create table state.alert (
    channel varchar not null,     -- slack or mail
    kind varchar not null,        -- alerts/finding.py
    subject varchar not null,     -- what it is about within its kind: an object, a code, a field
    cause varchar not null,       -- told again if it is another one
    number bigint not null,       -- told again if there are many more
    run_id integer,
    told_at timestamptz not null
);

-- Erasures: people who were removed from everything here. What they held is nowhere; how many records they had is.
create table state.erasure (
    erasure_id integer not null,
    erased_at timestamptz not null,
    erased_by varchar not null,   -- who asked for it; empty: not told
    records integer not null,     -- CRM records that were removed
    lifted_at timestamptz,        -- since then they may be read again
    lifted_by varchar
);

-- What may not be read again, as salted hashes (privacy/suppression.py). Nobody can tell from them whom they are of.
create table state.suppressed (
    erasure_id integer not null,
    what varchar not null,        -- record, e_mail, or phone_and_name
    hash varchar not null,        -- HMAC-SHA256 under state.salt
    system varchar,               -- of a record: whose counts it explains
    object varchar,
    live boolean                  -- of a record: whether its CRM still has it
);

-- The salt of this installation, made by the first erasure. It is left out of the copy for analysts.
create table state.salt (salt varchar not null);

-- What a part of a golden value was before a run replaced it, since this is kept. A null value: there was none.
create table golden.history (
    golden_id varchar not null,
    field varchar not null,
    part varchar not null,
    value varchar,
    record_key varchar,           -- the record that it was of
    replaced_run integer not null -- the run after which it is not so any more
);

-- Records that were in a golden record and are not any more.
create table golden.former_link (
    golden_id varchar not null,
    record_key varchar not null,
    since_run integer not null,
    until_run integer not null    -- the run that found that it is not so any more
);

-- The last run before golden.history and golden.former_link were kept: of earlier ones golden.as_of tells nothing. Empty
-- if they were kept from the beginning.
create table golden.remembered (since_run integer not null);
insert into golden.remembered select max(run_id) from state.run having count(*) > 0;

-- What the CRMs' users (and other programs) changed, field by field, as raw.history shows it; our own writes are left out.
create table publish.field_change (
    run_id integer not null,            -- the run that saw it
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    name varchar not null,              -- CRM field
    before varchar,
    after varchar,
    changed_at timestamptz not null,
    certain boolean not null,           -- whether the CRM told the time; else: at the latest
    actor varchar                       -- the CRM's id of who changed the record last, if that was this change
);

-- What a field is worth, run by run: one row for each CRM and mapped field.
create table publish.quality (
    run_id integer not null,
    measured_at timestamptz not null,
    system varchar not null,
    kind varchar not null,
    field varchar not null,
    records bigint not null,            -- live records that can have the field
    filled bigint not null,
    valid bigint not null,              -- filled, and usable as what it is
    junk bigint not null                -- filled, and of no use: filled = valid + junk
);

-- Records of one CRM that are one customer, run by run.
create table publish.duplicates (
    run_id integer not null,
    measured_at timestamptz not null,
    system varchar not null,
    kind varchar not null,
    records bigint not null,            -- live ones
    customers bigint not null,          -- golden records that they make
    suspected bigint not null           -- pairs inside this CRM that wait for a person
);

-- A person asks for a record again that was deleted in its CRM: the next plan may create it, once.
create table state.recreation (
    golden_id varchar not null,
    system varchar not null,
    asked_by varchar not null,
    asked_at timestamptz not null,
    asked_run integer not null,   -- the newest run by then
    why varchar not null,
    ended_at timestamptz,         -- when the record was there again, or the wish was taken back
    ended_by varchar
);
