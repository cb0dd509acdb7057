-- One customer, once.
create schema golden;

create table golden.entity (
    golden_id varchar not null,   -- person-1, company-1, ...; never used twice
    kind varchar not null,
    anchor_key varchar not null,  -- the record that the id was minted for, or the oldest one left
    created_run integer not null
);

-- The crosswalk: every source record is in exactly one golden record. Retired ones are neither source nor target.
create table golden.link (
    golden_id varchar not null,
    kind varchar not null,
    record_key varchar not null,
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    is_primary boolean not null,  -- of its side
    retired varchar,              -- deleted, merged, converted
    since_run integer not null
);

create table golden.redirect (
    golden_id varchar not null,
    survivor_id varchar not null,
    run_id integer not null,
    anchor_key varchar            -- the record that it was minted for: what we created for that record stays with it
);

-- Where each golden value comes from.
create table golden.provenance (
    golden_id varchar not null,
    field varchar not null,
    part varchar not null,
    value varchar,
    record_key varchar,           -- the winning record; null: agreed value that no record holds any more
    rule varchar not null,        -- decided, most_complete, latest, primary
    losing json not null          -- [{"record_key", "value"}]
);

-- What each golden record's values were computed from, as a hash: the same again is not computed again.
create table golden.computed (golden_id varchar not null, kind varchar not null, inputs ubigint not null);

-- What the golden records of a kind that is linked, never matched, were made from, as a hash: nothing changed, nothing is made.
create table golden.followed (kind varchar not null, inputs ubigint not null);

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

-- golden.person, golden.company, golden.deal and so on have a column for every mapped part; golden/values.py makes them from the mapping.
