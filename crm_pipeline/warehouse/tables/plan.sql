-- What would be written, and why. Push reads nothing else.
create schema plan;

create table plan.plan (
    plan_id integer not null,
    run_id integer not null,
    hash varchar not null,        -- of the operations
    state varchar not null,       -- proposed, held, approved, applying, applied, superseded, expired
    why varchar not null,         -- why it is held
    mapping_hash varchar not null,
    schema_hash varchar not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    approved_by varchar,
    applied_at timestamptz,
    purpose varchar default 'sync', -- sync, or undo: takes back what was written before
    undoes varchar,               -- of an undo: what it takes back, as the command names it
    asked_by varchar,             -- of an undo: who asked for it
    asked_why varchar,
    settings varchar              -- those that decide about values beside the mapping; null: made by an older program
);

create table plan.change (
    plan_id integer not null,
    op_id varchar not null,       -- the same operation has the same id in every plan
    seq integer not null,         -- order of sending: parents first
    kind varchar not null,
    system varchar not null,
    object varchar not null,
    record_id varchar,            -- null for a create
    create_key varchar,
    operation varchar not null,   -- create, update, clear
    field varchar not null,       -- mapped field; '*' for a create
    old json not null,            -- CRM field -> value at plan time
    new json not null,            -- CRM field -> value to write
    golden_id varchar not null,
    rule varchar not null,
    reason varchar not null,
    source_key varchar,           -- the record whose value is written
    source_value json,            -- CRM field -> value there at plan time
    fingerprint varchar not null, -- of operation, record, mapping and schema: equal to a refused one, it is quarantined
    problem varchar,              -- why it is not sent at all
    problem_state varchar,        -- invalid or quarantined
    needs json                    -- CRM field -> golden id of the record it refers to: its id there is filled in when sending
);

-- Writes that no CRM can take and of which nothing changed since: the row of plan.change stands in each later plan, too
-- (plan.operation), and so does its end in push.outbox.
create table plan.standing (
    plan_id integer not null,     -- of the row of plan.change and of push.outbox
    op_id varchar not null,
    kind varchar not null,
    golden_id varchar not null,
    until_plan integer            -- the last plan that it stood in; null: it still does
);

-- Decisions of the newest plan of a night, and of older ones with a write whose answer is missing: completed, and the
-- agreed value moved, when all their writes have landed.
create table plan.decision (
    plan_id integer not null,
    golden_id varchar not null,
    field varchar not null,
    value json not null,          -- canonical parts
    rule varchar not null,
    field_hash varchar not null,
    writes integer not null
);

-- Bases that move when a decision completes: to the value that the plan's extract read.
create table plan.base (
    plan_id integer not null,
    golden_id varchar not null,
    record_key varchar not null,
    field varchar not null,
    value json not null
);

create table plan.conflict (
    golden_id varchar not null,
    field varchar not null,
    kind varchar not null,        -- both_changed, first_contact, edit_vs_clear, within_side, not_cleared, loosening, ask, ...
    salesforce json,
    hubspot json,
    salesforce_at timestamptz,
    hubspot_at timestamptz,
    certain boolean not null,
    winner varchar not null,      -- salesforce, hubspot or nobody
    why varchar not null,
    first_plan integer not null,
    last_plan integer not null
);

create table plan.guard (
    plan_id integer not null,
    system varchar not null,
    object varchar not null,
    guard varchar not null,       -- first_run, updates, clears, creates, archives, restores, relinked
    subject varchar not null,     -- the field, for clears
    number bigint not null,
    total bigint,                 -- null: cannot be told, which trips
    allowed varchar not null,
    tripped boolean not null
);

-- Records that get no create, and what they wait for.
create table plan.waiting (plan_id integer not null, record_key varchar not null, golden_id varchar not null, reason varchar not null);

-- Every mapped field against the live schemas. One with a problem never reaches push.
create table plan.compatibility (
    plan_id integer not null,
    kind varchar not null,
    field varchar not null,       -- mapped field
    part varchar not null,        -- of a group; the field's own name where it is none
    label_en varchar not null,
    label_ja varchar not null,
    rule varchar not null,
    hubspot_object varchar not null,
    hubspot_name varchar not null,
    hubspot_label varchar not null,
    hubspot_type varchar not null,
    salesforce_object varchar not null,
    salesforce_name varchar not null,
    salesforce_label varchar not null,
    salesforce_type varchar not null,
    verdict varchar not null,     -- compatible, compatible_with_gaps, one_way_to_hubspot, one_way_to_salesforce, incompatible
    gaps json not null,           -- [{"to": CRM, "value": what has no partner there}]
    why varchar not null,         -- why it is not plainly compatible; empty if it is
    why_ja varchar not null,
    to_do varchar not null,
    to_do_ja varchar not null,
    allowed_rules varchar[] not null,
    problem varchar not null,     -- why its rule cannot be kept and the field is left out; empty: it is synced
    problem_ja varchar not null,
    place varchar not null        -- file and line of the mapping
);

-- Golden records for which the last plan had nothing to do, and the inputs for which that is so: they are passed over
-- until one of these changes, so that a night costs what has changed and not what there is.
create table plan.settled (golden_id varchar not null, inputs varchar not null);

-- Records of one CRM that are one customer: proposed for merging there, by a person. Nothing is merged by us.
create table plan.proposal (
    plan_id integer not null,
    golden_id varchar not null,
    system varchar not null,
    object varchar not null,
    winner_key varchar not null,
    loser_key varchar not null,
    fields json not null,         -- mapped field -> {"winner", "loser", "kept"}
    reason varchar not null
);
