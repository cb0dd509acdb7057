-- Keys for comparing. Nothing here is ever written into a CRM.
create schema normalise;

-- Keys by raw value, so that a nightly run works on new values only. A kind has some of the columns.
create table normalise.value (
    kind varchar not null,        -- name, e-mail, phone, company, website, corporate number, address, date
    raw varchar not null,         -- of several fields (name, address): with U+001F between them
    version varchar not null,
    flags varchar[],
    family_key varchar,
    given_key varchar,
    script varchar,
    readings varchar[],
    delivery varchar,
    identity varchar,
    local varchar,
    domain varchar,
    e164 varchar,
    extension varchar,
    status varchar,
    region varchar,
    line varchar,                 -- mobile, fixed, ...
    company_key varchar,
    legal_form varchar,
    legal_form_position varchar,
    prefecture varchar,
    city varchar,
    town varchar,
    number varchar,
    building varchar,
    postal_code varchar,
    date date,
    corporate_number varchar
);

-- What the keys of a record were made of: a record whose state is the same is not read again.
create table normalise.seen (
    record_key varchar not null,
    state ubigint not null,       -- hash of fields, relations, our own writes, and the version of the rules
    value_hashes ubigint[] not null  -- hashes of the record's rows in normalise.value
);

create table normalise.person (
    record_key varchar not null,
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    created_at timestamptz not null,
    family_key varchar,
    given_key varchar,
    script varchar,
    readings varchar[] not null,          -- "family given", romaji
    name_flags varchar[] not null,        -- placeholder, initial, unsplit, junk
    e_mails struct(identity varchar, delivery varchar, local varchar, domain varchar, flags varchar[])[] not null,
    phones struct(e164 varchar, extension varchar, status varchar, kind varchar, prefecture varchar)[] not null,
    company_key varchar,
    company_record_key varchar,           -- its company in the same CRM (primary association, AccountId)
    prefecture varchar,
    city varchar,
    town varchar,
    number varchar,
    postal_code varchar,
    birth_date date,
    job_title varchar
);

create table normalise.company (
    record_key varchar not null,
    system varchar not null,
    object varchar not null,
    record_id varchar not null,
    created_at timestamptz not null,
    name_key varchar,
    legal_form varchar,
    legal_form_position varchar,
    domains varchar[] not null,           -- registrable; free-mail domains left out
    phones struct(e164 varchar, extension varchar, status varchar, kind varchar, prefecture varchar)[] not null,
    prefecture varchar,
    city varchar,
    town varchar,
    number varchar,
    postal_code varchar,
    corporate_number varchar              -- 法人番号, 13 digits
);
