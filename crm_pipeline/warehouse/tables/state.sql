-- What must be remembered from run to run. Written by push and by people, read by the next run.
create schema state;

create table state.version (version integer not null);

create table state.run (
    run_id integer not null,
    external_id varchar not null,
    mapping_hash varchar not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    outcome varchar,              -- done, failed or stopped (by a person); null: at work, or its process was killed
    failed varchar                -- the sentence with which it failed
);

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

-- The value that a record's CRM held when the last decision about the field was completed.
create table state.base (
    golden_id varchar not null,
    record_key varchar not null,
    field varchar not null,
    value json not null,          -- the parts of the field, in mapping order, as the CRM gave them
    observed json,                -- what the CRM made of our write, where it rewrote it; holding it equals holding `value`
    run_id integer not null
);

-- What the last completed decision decided; may be blank.
create table state.agreed (
    golden_id varchar not null,
    field varchar not null,
    value json not null,          -- canonical parts
    rule varchar not null,
    field_hash varchar not null,  -- of the field's mapping when it was decided
    run_id integer not null
);

-- Our own writes, for matching: a value that is still what we wrote counts as what the record held before (law 49).
create table state.written (
    record_key varchar not null,
    name varchar not null,        -- CRM field
    value json,                   -- what we wrote; null: nothing, as a blank part of a group
    observed json,                -- what the CRM made of it
    held_before json,             -- what the record held before our first write
    run_id integer not null
);

-- Records that push created, and those restored in their CRM; the next match keeps them with their golden record.
create table state.link (
    record_key varchar not null,
    golden_id varchar not null,
    origin varchar not null,      -- created or restored
    run_id integer not null
);

-- The companions, in its golden record, of a record that its CRM merged or converted, as they were then: its survivor
-- takes them over. Whoever joins the golden record later is none.
create table state.companion (gone_key varchar not null, companion_key varchar not null);

-- What people said about pairs; the newest row of a pair counts.
create table state.decision (
    left_key varchar not null,    -- the smaller record_key
    right_key varchar not null,
    verdict varchar not null,     -- match, not_a_match, unsure
    decided_by varchar not null,
    decided_at timestamptz not null,
    why varchar not null,
    evidence_hash varchar not null,
    normaliser_version varchar not null
);

-- A person's word on a held plan. It names the plan's content, not its number.
create table state.approval (
    plan_hash varchar not null,
    approved_by varchar not null,
    approved_at timestamptz not null,
    why varchar not null
);

-- Operations that a CRM refused for good: tried again when record, mapping or schema changed.
create table state.quarantine (
    fingerprint varchar not null, -- of record, field, new value, mapping and schema
    record_key varchar not null,
    field varchar not null,
    code varchar not null,
    message varchar not null,
    run_id integer not null,
    released_at timestamptz,      -- a person let it out: tried once more
    system varchar                -- the CRM that is written
);

-- The last golden number given out for each kind; ids are never used twice.
create table state.counter (kind varchar not null, last integer not null);

-- No operation is made for what is held: a whole golden record, one of its records, or a field. A person pins it, or an
-- undo does, until a linked record is edited, the rule changes, or a person lifts it.
create table state.hold (
    hold_id integer not null,
    golden_id varchar not null,
    record_key varchar,           -- null: every record of the golden record
    field varchar,                -- mapped field; null: every one
    origin varchar not null,      -- pinned or undo
    held_by varchar not null,
    held_at timestamptz not null,
    why varchar not null,
    field_hash varchar,           -- of the field's mapping, for an undo
    run_id integer,               -- the run that was undone
    ended_at timestamptz,
    ended_by varchar
);

-- A person's answer to a conflict that waits: a side, or a value.
create table state.answer (
    golden_id varchar not null,
    field varchar not null,
    side varchar,                 -- salesforce or hubspot; null: `value`
    value json,                   -- the parts of the field, as Salesforce holds them
    answered_by varchar not null,
    answered_at timestamptz not null,
    why varchar not null,
    used_run integer,             -- the run that found it done with, or asks again; it counts until then
    seen json                     -- record key -> what the record held then; null: told by the time alone
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

-- Since when records of a kind that is linked, never matched, are created in a CRM: older ones are only updated.
create table state.creating (kind varchar not null, system varchar not null, since timestamptz not null);

-- Linked records that the mapping's filter leaves out: frozen, and without bases when they come back.
create table state.outside (record_key varchar not null, since_run integer not null);

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
