"""The normalise stage: from the live raw records to one row of keys each.

Belongs here: writing normalise.person and normalise.company. Not here: what a record holds (held.py), what a key is
(the pure modules), which values are known already (value.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.normalise import held, value
from crm_pipeline.warehouse import Connection, Warehouse


@dataclass(frozen=True)
class NormaliseResult:
    """Records with keys, distinct raw values they have, and how many of these were new."""

    people: int
    companies: int
    values: int
    new_values: int


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> NormaliseResult:
    """Write the keys of every live record anew. Only values that no earlier run has seen are worked on."""
    with warehouse.connect() as connection:
        held.load(connection, settings)
        connection.execute(_RAW_VALUES)
        new = value.fill(connection, "raw_value", settings.phone_region)
        connection.execute(_KEYED)
        connection.execute(_PERSON)
        connection.execute(_COMPANY)
        return NormaliseResult(
            _count(connection, "normalise.person"),
            _count(connection, "normalise.company"),
            _count(connection, "normalise.value"),
            new,
        )


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row
    return int(row[0])


#: One row for each value as the cache knows it; `place` orders several of one kind in a record.
_RAW_VALUES = """
create or replace temp table record_value as
with filled as (select * from held where trim(raw) <> ''),
named as (
    select record_key,
        first(raw order by field) filter (where role = 'family_name') as family,
        first(raw order by field) filter (where role = 'given_name') as given,
        first(raw order by field) filter (where role = 'postal_code') as postal_code,
        first(raw order by field) filter (where role = 'prefecture') as prefecture,
        first(raw order by field) filter (where role = 'city') as city,
        first(raw order by field) filter (where role = 'street') as street,
        first(raw order by field) filter (where role = 'country') as country
    from filled group by record_key
)
select record_key, 'name' as kind, 0 as place, to_json([family, given])::varchar as raw
from named where coalesce(family, given) is not null
union all
select record_key, 'address', 0, to_json([postal_code, prefecture, city, street, country])::varchar
from named where coalesce(postal_code, prefecture, city, street) is not null
union all
select record_key, 'e-mail', field * 1000 + unnest(range(len(parts))), unnest(parts)
from (select record_key, field, string_split(raw, ';') as parts from filled where role = 'e_mail')
union all
select record_key, role, field, raw from filled where role in ('phone', 'company', 'website')
union all
select record_key, 'date', field, raw from filled where role = 'birth_date';

create or replace temp view raw_value as select distinct kind, raw from record_value;
"""

_KEYED = """
create or replace temp table keyed as
select v.record_key, v.kind, v.place, n.keys
from record_value v join normalise.value n on n.kind = v.kind and n.raw = v.raw;

create or replace temp table single as
select record_key,
    first(keys order by place) filter (where kind = 'name') as name,
    first(keys order by place) filter (where kind = 'address') as address,
    first(keys order by place) filter (where kind = 'company' and keys ->> 'key' is not null) as company,
    first(keys order by place) filter (where kind = 'date' and keys ->> 'date' is not null) as birth
from keyed group by record_key;

create or replace temp table mailboxes as
select record_key, list(mailbox order by place, mailbox) as e_mails
from (
    select record_key, min(place) as place, struct_pack(
        identity := keys ->> 'identity', delivery := keys ->> 'delivery', local := keys ->> 'local',
        domain := keys ->> 'domain', flags := (keys -> 'flags')::varchar[]
    ) as mailbox
    from keyed where kind = 'e-mail' and (keys ->> 'delivery' is not null or len((keys -> 'flags')::varchar[]) > 0)
    group by record_key, mailbox
)
group by record_key;

create or replace temp table telephones as
select record_key, list(telephone order by place, telephone) as phones
from (
    select record_key, min(place) as place, struct_pack(
        e164 := keys ->> 'e164', extension := keys ->> 'extension', status := keys ->> 'status',
        kind := keys ->> 'kind', prefecture := keys ->> 'prefecture'
    ) as telephone
    from keyed where kind = 'phone' and keys ->> 'status' <> 'none'
    group by record_key, telephone
)
group by record_key;

create or replace temp table sites as
select record_key, list_sort(list(distinct keys ->> 'domain')) as domains
from keyed where kind = 'website' and keys ->> 'domain' is not null
group by record_key;
"""

_PERSON = """
create or replace temp table employer as
select distinct on (a.system, a.from_object, a.from_id)
    a.system || '/' || a.from_object || '/' || a.from_id as record_key, c.record_key as company_record_key
from raw.association a
join raw.record c on c.system = a.system and c.object = a.to_object and c.record_id = a.to_id
where c.kind = 'company' and c.retired is null
order by a.system, a.from_object, a.from_id, a.is_primary desc, a.to_id;

delete from normalise.person;
insert into normalise.person by name
select r.record_key, r.system, r.object, r.record_id, r.created_at,
    s.name ->> 'family_key' as family_key, s.name ->> 'given_key' as given_key, s.name ->> 'script' as script,
    coalesce((s.name -> 'readings')::varchar[], []) as readings,
    coalesce((s.name -> 'flags')::varchar[], []) as name_flags,
    coalesce(m.e_mails, []) as e_mails, coalesce(t.phones, []) as phones,
    s.company ->> 'key' as company_key, e.company_record_key,
    s.address ->> 'prefecture' as prefecture, s.address ->> 'city' as city, s.address ->> 'town' as town,
    s.address ->> 'number' as number, s.address ->> 'postal_code' as postal_code,
    (s.birth ->> 'date')::date as birth_date, j.raw as job_title
from raw.record r
left join single s using (record_key)
left join mailboxes m using (record_key)
left join telephones t using (record_key)
left join employer e using (record_key)
left join (
    select record_key, first(trim(raw) order by field) as raw from held
    where role = 'job_title' and trim(raw) <> '' group by record_key
) j using (record_key)
where r.kind = 'person' and r.retired is null;
"""

_COMPANY = """
delete from normalise.company;
insert into normalise.company by name
select r.record_key, r.system, r.object, r.record_id, r.created_at,
    s.company ->> 'key' as name_key, s.company ->> 'legal_form' as legal_form,
    s.company ->> 'legal_form_position' as legal_form_position,
    coalesce(w.domains, []) as domains, coalesce(t.phones, []) as phones,
    s.address ->> 'prefecture' as prefecture, s.address ->> 'city' as city, s.address ->> 'town' as town,
    s.address ->> 'number' as number, s.address ->> 'postal_code' as postal_code
from raw.record r
left join single s using (record_key)
left join sites w using (record_key)
left join telephones t using (record_key)
where r.kind = 'company' and r.retired is null;
"""
