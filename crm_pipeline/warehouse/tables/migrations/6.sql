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
