"""From the values of records to one row of keys each: normalise.person and normalise.company.

Belongs here: which value of several counts, and the rows. Not here: where values come from (held.py, or a file), which
keys a value has (value.py).
"""

from __future__ import annotations

from crm_pipeline.normalise import value
from crm_pipeline.normalise.text import LONGEST
from crm_pipeline.warehouse import Connection


def write(connection: Connection, region: str) -> int:
    """Write the rows of the records in `subject` anew, and delete those of `gone`. Returns how many values were new.

    Temporary relations that must be there: `subject` (n integer, record_key, system, object, record_id, kind: person or
    company, created_at, company_record_key), `gone` (record_key), and `held` (n, role, field integer, raw: not blank),
    where a role is one of family_name, given_name, full_name (where both of these are empty), e_mail (several between
    semicolons), phone, company, website, corporate_number, birth_date, job_title, postal_code, prefecture, city,
    street, country. Leaves `record_value` (n, kind, place, raw).
    """
    connection.execute(_VALUES)
    new = value.fill(connection, "record_value", region)
    connection.execute(_KEYED)
    for kind in ("person", "company"):
        connection.execute(
            f"delete from normalise.{kind} where record_key in "
            "(select record_key from subject union all select record_key from gone)"
        )
    connection.execute(_PERSON)
    connection.execute(_COMPANY)
    return new


#: One row for each value as the cache knows it; `place` orders several of one kind in a record.
_VALUES = f"""
create or replace temp table part as
select n,
    arg_min(raw, field) filter (where role = 'family_name') as family,
    arg_min(raw, field) filter (where role = 'given_name') as given,
    arg_min(raw, field) filter (where role = 'full_name') as full_name,
    arg_min(raw, field) filter (where role = 'postal_code') as postal_code,
    arg_min(raw, field) filter (where role = 'prefecture') as prefecture,
    arg_min(raw, field) filter (where role = 'city') as city,
    arg_min(raw, field) filter (where role = 'street') as street,
    arg_min(raw, field) filter (where role = 'country') as country,
    trim(arg_min(raw, field) filter (where role = 'job_title')) as job_title
from (select * replace (replace(left(raw, {LONGEST}), chr({value.SEPARATOR_CODE}), ' ') as raw) from held
    where role not in ('e_mail', 'phone', 'company', 'website', 'corporate_number', 'birth_date'))
group by n;

create or replace temp table record_value as
select n, kind, place, if(kind in ('name', 'address'), raw, left(raw, {LONGEST})) as raw from (
select n, 'name' as kind, 0 as place,
    case when coalesce(family, given) is not null
        then coalesce(family, '') || chr({value.SEPARATOR_CODE}) || coalesce(given, '')
        else chr({value.SEPARATOR_CODE}) || chr({value.SEPARATOR_CODE}) || full_name end as raw
from part where coalesce(family, given, full_name) is not null
union all
select n, 'address', 0, coalesce(postal_code, '') || chr({value.SEPARATOR_CODE}) || coalesce(prefecture, '')
    || chr({value.SEPARATOR_CODE}) || coalesce(city, '') || chr({value.SEPARATOR_CODE}) || coalesce(street, '')
    || chr({value.SEPARATOR_CODE}) || coalesce(country, '')
from part where coalesce(postal_code, prefecture, city, street) is not null
union all
select n, 'e-mail', field * 1000, raw from held where role = 'e_mail' and not contains(raw, ';')
union all
select n, 'e-mail', field * 1000 + unnest(range(len(parts))), unnest(parts)
from (select n, field, string_split(raw, ';') as parts from held where role = 'e_mail' and contains(raw, ';'))
union all
select n, role, field, raw from held where role in ('phone', 'company', 'website')
union all
select n, 'corporate number', field, raw from held where role = 'corporate_number'
union all
select n, 'date', field, raw from held where role = 'birth_date'
);
"""


def _several(name: str, kind: str, columns: str, known: str) -> str:
    """A list of the different values of a kind in a record, in their order. Most records have one: no comparison."""
    return f"""
create or replace temp table item as
select x.n, x.place, struct_pack({columns}) as item
from record_value x join normalise.value v on v.kind = '{kind}' and v.raw = x.raw
where x.kind = '{kind}' and ({known});

create or replace temp table several as select n from item group by n having count(*) > 1;

create or replace temp table {name} as
select n, [item] as items from item anti join several using (n)
union all
select n, list(item order by place, item)
from (select n, min(place) as place, item from item semi join several using (n) group by n, item)
group by n;
"""


def _first(name: str, kind: str, column: str, columns: str) -> str:
    """The keys of a record's first value of a kind that has any."""
    return f"""
create or replace temp table {name} as
select n, unnest(arg_min(item, place)) from (
    select x.n, x.place, struct_pack({columns}) as item
    from record_value x join normalise.value v on v.kind = '{kind}' and v.raw = x.raw
    where x.kind = '{kind}' and v.{column} is not null
)
group by n;
"""


_KEYED = (
    _several(
        "mailboxes",
        "e-mail",
        "identity := v.identity, delivery := v.delivery, local := v.local, domain := v.domain, "
        "flags := coalesce(v.flags, [])",
        "v.delivery is not null or len(v.flags) > 0",
    )
    + _several(
        "telephones",
        "phone",
        "e164 := v.e164, extension := v.extension, status := v.status, kind := v.line, prefecture := v.prefecture",
        "v.status <> 'none'",
    )
    + _first(
        "firm",
        "company",
        "company_key",
        "company_key := v.company_key, legal_form := v.legal_form, legal_form_position := v.legal_form_position",
    )
    + _first("birth", "date", "date", "date := v.date")
    + _first("numbered_firm", "corporate number", "corporate_number", "corporate_number := v.corporate_number")
    + """
create or replace temp table sites as
select x.n, list_sort(list(distinct v.domain)) as domains
from record_value x join normalise.value v on v.kind = 'website' and v.raw = x.raw
where x.kind = 'website' and v.domain is not null
group by x.n;

create or replace temp table named as
select x.n, v.family_key, v.given_key, v.script, v.readings, v.flags
from record_value x join normalise.value v on v.kind = 'name' and v.raw = x.raw
where x.kind = 'name';

create or replace temp table placed as
select x.n, v.prefecture, v.city, v.town, v.number, v.postal_code
from record_value x join normalise.value v on v.kind = 'address' and v.raw = x.raw
where x.kind = 'address';
"""
)

_PERSON = """
insert into normalise.person by name
select r.record_key, r.system, r.object, r.record_id, r.created_at,
    s.family_key, s.given_key, s.script, coalesce(s.readings, []) as readings, coalesce(s.flags, []) as name_flags,
    coalesce(m.items, []) as e_mails, coalesce(t.items, []) as phones,
    f.company_key, r.company_record_key,
    a.prefecture, a.city, a.town, a.number, a.postal_code, b.date as birth_date, p.job_title
from subject r
left join named s using (n)
left join placed a using (n)
left join firm f using (n)
left join birth b using (n)
left join mailboxes m using (n)
left join telephones t using (n)
left join part p using (n)
where r.kind = 'person';
"""

_COMPANY = """
insert into normalise.company by name
select r.record_key, r.system, r.object, r.record_id, r.created_at,
    f.company_key as name_key, f.legal_form, f.legal_form_position,
    coalesce(w.domains, []) as domains, coalesce(t.items, []) as phones,
    a.prefecture, a.city, a.town, a.number, a.postal_code, c.corporate_number
from subject r
left join firm f using (n)
left join placed a using (n)
left join sites w using (n)
left join telephones t using (n)
left join numbered_firm c using (n)
where r.kind = 'company';
"""
