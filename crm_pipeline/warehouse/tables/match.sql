-- Who may be the same customer, and why.
create schema match;

-- What is compared, one row a record (match/features). `id` stays with a record_key; no result depends on it.
-- `source`: the CRM, or the file's name. `row_hash`: of everything the row is made from. `shared`: by the frozen model.
create table match.person (
    id integer not null,
    record_key varchar not null,
    source varchar not null,
    object varchar not null,
    row_hash ubigint not null,
    family_key varchar,
    given_key varchar,
    family_weak varchar,                  -- with easily mistaken characters joined (斎藤 is 斉藤 here)
    full_key varchar,                     -- the whole name, however it is divided
    family_script varchar,                -- kanji, kana, hangul, latin
    given_script varchar,
    family_readings varchar[] not null,
    given_readings varchar[] not null,
    placeholder boolean not null,
    initial boolean not null,
    company_key varchar,
    employer varchar,                     -- cluster of its company
    prefecture varchar,
    city varchar,
    town varchar,
    number varchar,
    postal_code varchar,
    birth_date date,
    e_mails struct("identity" varchar, "local" varchar, "domain" varchar, shared boolean)[] not null,
    phones struct(e164 varchar, extension varchar, not_valid boolean, mobile boolean, prefecture varchar, shared boolean)[] not null,
    employer_domains varchar[] not null,
    extra map(varchar, varchar) not null  -- a file's own columns
);

create table match.company (
    id integer not null,
    record_key varchar not null,
    source varchar not null,
    object varchar not null,
    row_hash ubigint not null,
    name_key varchar,
    legal_form varchar,
    legal_form_position varchar,
    prefecture varchar,
    city varchar,
    town varchar,
    number varchar,
    postal_code varchar,
    phones struct(e164 varchar, extension varchar, not_valid boolean, mobile boolean, prefecture varchar, shared boolean)[] not null,
    sites struct("domain" varchar, own boolean, shared boolean)[] not null,
    extra map(varchar, varchar) not null,
    corporate_number varchar
);

-- Two records with one key of one rule are compared if at least one of them is a probe (match/blocking).
create table match.block_key (
    kind varchar not null,
    rule utinyint not null,               -- place in blocking/rules.py
    key ubigint not null,                 -- hash of the value; of a refined key: of value and second value
    id integer not null,
    probe boolean not null,
    parent ubigint                        -- of a refined key: the key of the block that was too large
);

-- The rules that the keys follow: others are another version, and all keys are made anew.
create table match.block_rules (kind varchar not null, version varchar not null);

-- Every compared pair that may still matter. Pairs of unchanged records stay from run to run.
create table match.scored (
    kind varchar not null,
    l integer not null,                   -- the smaller id
    r integer not null,
    rules ubigint not null,               -- one bit for each rule that brought the pair, the highest: closure
    weight double not null,
    odds double not null,                 -- with the prior, as if nobody else competed
    pattern bigint not null,              -- all outcomes
    strong boolean not null,              -- would be linked automatically if nobody else competed
    posterior double not null,
    share double not null,
    candidates integer not null,
    tier tinyint not null                 -- 0 none, 1 possible, 2 recommended, 3 auto
);

-- All pairs inside a component of strong and decided links: what a cluster is judged by.
create table match.inside (
    kind varchar not null,
    l integer not null,
    r integer not null,
    weight double not null,               -- log10 of the odds, with the prior
    contradicts boolean not null
);

-- What the last run matched with: another model, settings or code is another fingerprint, and everything is done anew.
create table match.state (kind varchar not null, model_version varchar not null, fingerprint varchar not null);

-- Decisions and carried links that the last run followed.
create table match.decided (kind varchar not null, left_key varchar not null, right_key varchar not null, verdict varchar not null);

create table match.pair (
    kind varchar not null,
    left_key varchar not null,    -- the smaller record_key
    right_key varchar not null,
    weight double not null,       -- log10 of the likelihood ratio, all evidence together
    posterior double not null,
    tier varchar not null,        -- auto, recommended, possible, none
    evidence json not null,       -- [{"comparison", "verdict": supports|contradicts, "weight", "words", "words_ja"}], strongest first
    evidence_hash varchar not null, -- "identifiers-everything": a rejected pair comes back by the first part only
    candidates integer not null,  -- how many candidates compete for either record, this one included
    rules varchar[] not null,     -- blocking rules that brought the pair
    why_not_auto varchar,         -- the reason in words, for review tiers
    pattern bigint not null       -- all outcomes (match/scores/pattern.py)
);

-- Records that are one customer: auto links, accepted reviews, records we created.
create table match.cluster (kind varchar not null, record_key varchar not null, cluster varchar not null); -- the smallest record_key

-- What blocking covers: of each rule the pairs it brings, those that no other rule brings, and the records in them.
create table match.coverage (kind varchar not null, rule varchar not null, pairs bigint not null, added bigint not null, records bigint not null);

-- Decisions that contradict each other, constraints that cut a cluster: reported, never resolved in silence.
create table match.problem (kind varchar not null, left_key varchar not null, right_key varchar not null, problem varchar not null);
