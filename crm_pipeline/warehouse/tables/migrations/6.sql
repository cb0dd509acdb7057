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
