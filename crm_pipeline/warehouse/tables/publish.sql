-- What is kept for analysts from run to run. The marts themselves are made anew in the published copy.
create schema publish;

-- How many customers something can be done with, run by run.
create table publish.reach (
    run_id integer not null,
    measured_at timestamptz not null,
    system varchar not null,
    capability varchar not null,        -- mail, phone, pick by industry
    customers bigint not null,          -- golden people for whom that CRM has what it takes, our landed writes included
    without_writes bigint not null,     -- the same if we had never written or created anything
    total bigint not null               -- golden people
);

-- What accepting a pair in review, and nothing else, would write. `inputs`: a hash of what that follows from; pairs of
-- which nothing changed are not planned again.
create table publish.preview (
    left_key varchar not null,
    right_key varchar not null,
    inputs ubigint not null,
    would_write varchar[] not null
);

-- Linked pairs of records (one in each CRM, of one golden record) whose values of a field differ, as of the last publish.
create table publish.disagreement (
    golden_id varchar not null,
    field varchar not null,
    hubspot_key varchar not null,
    salesforce_key varchar not null,
    cause varchar not null        -- what deciding anew says about it; the view publish.drift adds what became of writes
);

-- What each golden record was compared by, as a hash: the same again is not compared again.
create table publish.compared (golden_id varchar not null, inputs ubigint not null);

-- How many linked pairs agree, and why the others do not, run by run: the reasons of a field add up to its pairs.
create table publish.agreement (
    run_id integer not null,
    measured_at timestamptz not null,
    kind varchar not null,
    field varchar not null,
    rule varchar not null,
    reason varchar not null,      -- agree, or a reason of publish.drift
    pairs bigint not null
);

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
