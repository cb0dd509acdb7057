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
