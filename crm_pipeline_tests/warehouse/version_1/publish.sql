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
