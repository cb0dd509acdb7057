"""SQL that both kinds of record share: scripts, whole names, telephones, the records that hold nothing of their own.

Belongs here: macros and templates. Not here: running them (refresh.py), what is compared of which kind.
"""

MACROS = """
create or replace temp macro script_of(k) as case
    when k is null then null
    when regexp_matches(k, '[\\p{Han}々]') then 'kanji'
    when regexp_matches(k, '[\\p{Hiragana}\\p{Katakana}]') then 'kana'
    when regexp_matches(k, '[\\p{Hangul}]') then 'hangul'
    else 'latin' end;
-- The whole name, however it is divided: Latin words in any order, as both fields are often swapped.
create or replace temp macro full_key_of(family, given, unsplit) as case
    when script_of(concat(family, given)) = 'latin' and contains(concat_ws(' ', family, given), ' ')
        then array_to_string(list_sort(string_split(concat_ws(' ', family, given), ' ')), ' ')
    when unsplit or given is not null then concat(family, given) end;
"""

#: Records that we created and nobody has filled since: they hold nothing of their own, so they are no part of the
#: population either, or our creates would change how rare a name is and what the chances of a match are (law 49).
ECHO = """
create or replace temp table echo as
select record_key from state.link join normalise.{kind} using (record_key)
where origin = 'created' and len({contacts}) + len(phones) = 0
    and coalesce({name}, prefecture, city, town, number, postal_code) is null
"""

#: The columns of a file that have no role, one map a record; a CRM has none.
EXTRA = """
create or replace temp table own_values as
select record_key, map(list(name order by name), list(value order by name)) as extra
from (select record_key, "column" as name, min(value) as value from {extra} where value is not null group by all)
group by record_key
"""

#: One row a record and number; a number is what is least sure about it.
PHONES = """
create or replace temp table telephones as
with used as (
    select record_key, t.e164, min(t.extension) as extension, min(t.status) = 'possible' as not_valid,
        coalesce(bool_or(t.kind = 'mobile'), false) as mobile,
        any_value(t.prefecture order by t.prefecture) as prefecture
    from changed_key join normalise.{kind} using (record_key), unnest(phones) as u(t)
    where t.e164 is not null and t.status in ('valid', 'possible')
    group by record_key, t.e164
)
select record_key, list({{
    e164: e164, extension: extension, not_valid: not_valid, mobile: mobile, prefecture: prefecture,
    shared: s.value is not null
}} order by e164) as phones
from used left join shared_value s on s.what = 'phone' and s.value = used.e164
group by record_key
"""
