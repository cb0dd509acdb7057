-- What was sent, and what became of it.
create schema push;

create table push.outbox (
    op_id varchar not null,
    plan_id integer not null,
    run_id integer not null,
    request_id varchar not null,  -- the record of a batch that the operation travelled in
    state varchar not null,       -- model.OpState
    system varchar not null,
    object varchar not null,
    record_id varchar,
    create_key varchar,
    golden_id varchar not null,
    field varchar not null,
    operation varchar not null,
    old json not null,
    new json not null,
    observed json,                -- what the CRM made of `new`, where it told or was read back
    read_modified_at timestamptz, -- the record's last change as read just before sending
    code varchar,
    message varchar,
    sent_at timestamptz,
    ended_at timestamptz,
    needs json                    -- as in plan.change
);

create table push.attempt (
    plan_id integer not null,
    run_id integer not null,
    request_id varchar not null,
    system varchar not null,
    object varchar not null,
    outcome varchar not null,
    status integer not null,
    code varchar not null,
    answered_at timestamptz not null
);

-- Every value that we replaced, durable before the request left (law 16). Never changed afterwards.
create table push.audit (
    op_id varchar not null,
    plan_id integer not null,
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    record_id varchar,
    create_key varchar,
    golden_id varchar not null,
    operation varchar not null,
    field varchar not null,
    old json not null,
    new json not null,
    rule varchar not null,
    reason varchar not null,
    written_at timestamptz not null
);

-- Bulk jobs of ours, named before their rows are uploaded: after a crash their results are the receipt.
create table push.job (
    job_id varchar not null,
    plan_id integer not null,
    run_id integer not null,
    system varchar not null,
    object varchar not null,
    operation varchar not null,   -- update or create
    requests json not null,       -- request ids of push.outbox that travel in it
    state varchar not null,       -- open, done or aborted
    created_at timestamptz not null,
    ended_at timestamptz
);

-- What the codes of push.outbox mean: the error registry (push/refusals.yaml), written down by every push.
create table push.code (
    system varchar not null,      -- the CRM that gives it, or ours
    code varchar not null,
    category varchar not null,
    retry varchar not null,       -- call, run, changed, person: when it is sent again
    meaning varchar not null,
    meaning_ja varchar not null,
    action varchar not null
);
