-- Keys for comparing. Nothing here is ever written into a CRM.
create schema normalise;

-- Results by raw value, so that a nightly run works on new values only.
create table normalise.value (
    kind varchar not null,        -- name, e-mail, phone, company, address, date
    raw varchar not null,
    version varchar not null,
    keys json not null
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
    postal_code varchar
);
