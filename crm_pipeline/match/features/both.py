"""SQL that both kinds of record share: telephones, shared contacts, the records that hold nothing of their own.

Belongs here: templates. Not here: running them (refresh.py), what is compared of which kind.
"""

#: Records that we created and nobody has filled since: they hold nothing of their own, so they are no part of the
#: population either, or our creates would change how rare a name is and what the chances of a match are (law 49).
ECHO = """
create or replace temp table created as select distinct record_key from state.link where origin = 'created';
create or replace temp table echo as
select record_key
from (select * from normalise.{kind} semi join created using (record_key))
where len({contacts}) + len(phones) = 0
    and coalesce({name}, prefecture, city, town, number, postal_code) is null;
drop table created
"""

#: The columns of a file that have no role, one map a record; a CRM has none.
EXTRA = """
create or replace temp table own_values as
select record_key, map(list(name order by name), list(value order by name)) as extra
from (select record_key, "column" as name, min(value) as value from {extra} where value is not null group by all)
group by record_key
"""

#: Values of changed records that several customers use: few, so that they are looked up aside. (record_key, used)
SHARED = """
create or replace temp table shared_{what} as
select record_key, list_distinct(list(value)) as used
from (select record_key, {value} as value from changed_key join fresh_row using (record_key), unnest({column}) as u(t))
where value in (select value from shared_value where what = '{what}')
group by record_key
"""

#: Telephones by number; a number is what is least sure about it. Nearly everybody has one at most.
PHONES = """
create or replace temp table telephones as
with used as (
    select record_key, list_filter(phones, lambda t: t.e164 is not null and t.status in ('valid', 'possible')) as phones
    from changed_key join fresh_row using (record_key)
), numbers as (
    select record_key, t.e164, min(t.extension) as extension, min(t.status) = 'possible' as not_valid,
        coalesce(bool_or(t.kind = 'mobile'), false) as mobile, min(t.prefecture) as prefecture
    from used, unnest(phones) as u(t) where len(phones) > 1
    group by record_key, t.e164
), several as (
    select record_key, list({{
        e164: e164, extension: extension, not_valid: not_valid, mobile: mobile, prefecture: prefecture,
        shared: list_contains(coalesce(used, []), e164)
    }} order by e164) as phones
    from numbers left join shared_phone using (record_key)
    group by record_key
)
from several
union all
select record_key, [{{
    e164: phones[1].e164, extension: phones[1].extension, not_valid: phones[1].status = 'possible',
    mobile: coalesce(phones[1].kind = 'mobile', false), prefecture: phones[1].prefecture,
    shared: list_contains(coalesce(s.used, []), phones[1].e164)
}}] as phones
from used left join shared_phone s using (record_key) where len(phones) = 1
"""
