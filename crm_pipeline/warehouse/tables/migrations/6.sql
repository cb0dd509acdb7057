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
