"""What is compared, spread out for sets: one row a record, mailbox, telephone, domain.

Belongs here: the temporary tables that blocking and comparison read, and the profile of contacts that several people
share. Ids are numbers in the order of record keys, so that nothing depends on the order in which rows come.
"""

from __future__ import annotations

import pandas as pd

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Kind
from crm_pipeline.normalise import kanji
from crm_pipeline.warehouse import Connection

_SCRIPT = """
create or replace temp macro script_of(k) as case
    when k is null then null
    when regexp_matches(k, '[\\p{Han}々]') then 'kanji'
    when regexp_matches(k, '[\\p{Hiragana}\\p{Katakana}]') then 'kana'
    when regexp_matches(k, '[\\p{Hangul}]') then 'hangul'
    else 'latin' end
"""

#: Records that we created and nobody has filled since: they hold nothing of their own, so they are no part of the
#: population either, or our creates would change how rare a name is and what the chances of a match are (law 49).
_ECHO = """
create or replace temp table echo as
select record_key from state.link join normalise.{kind} using (record_key)
where origin = 'created' and len({contacts}) + len(phones) = 0
    and coalesce({name}, prefecture, city, town, number, postal_code) is null
"""

_PERSON = """
create or replace temp table subject as
select
    row_number() over (order by p.record_key)::integer as id, p.record_key, p.system, p.object, p.created_at,
    if('unsplit' in p.name_flags, null, p.family_key) as family_key, p.given_key,
    coalesce(w.weak, p.family_key) as family_weak,
    full_key_of(p.family_key, p.given_key, 'unsplit' in p.name_flags) as full_key,
    script_of(p.family_key) as family_script, script_of(p.given_key) as given_script,
    list_sort(list_distinct([split_part(r, ' ', 1) for r in p.readings if r[1] <> ' '])) as family_readings,
    list_sort(list_distinct([split_part(r, ' ', 2) for r in p.readings if split_part(r, ' ', 2) <> '']))
        as given_readings,
    'placeholder' in p.name_flags and $placeholders as placeholder,
    'initial' in p.name_flags as initial,
    p.company_key, coalesce(c.cluster, p.company_record_key) as employer,
    p.prefecture, p.city, p.town, p.number, p.postal_code, p.birth_date
from normalise.person p
left join match.cluster c on c.kind = 'company' and c.record_key = p.company_record_key
left join weak_form w on w.family_key = p.family_key
where p.record_key not in (from echo)
"""

#: shibata-insatsu.co.jp -> shibatainsatsu: how a company spells its name in its domain.
_LABEL = """
create or replace temp macro label_of(domain) as replace(split_part(domain, '.', 1), '-', '')
"""

#: The whole name, however it is divided: Latin words in any order, as both fields are often swapped.
_FULL_KEY = """
create or replace temp macro full_key_of(family, given, unsplit) as case
    when script_of(concat(family, given)) = 'latin' and contains(concat_ws(' ', family, given), ' ')
        then array_to_string(list_sort(string_split(concat_ws(' ', family, given), ' ')), ' ')
    when unsplit or given is not null then concat(family, given) end
"""

#: A mailbox that more family names than the setting use is shared; so is one with a role's name.
_MAILBOX = """
create or replace temp table mailbox as
with used as (
    select s.id, m.identity, m.local, m.domain, m.flags, s.family_key
    from subject s join normalise.person p using (record_key), unnest(p.e_mails) as u(m)
    where m.identity is not null and 'junk' not in m.flags
), profile as (select identity, count(distinct family_key) as names from used group by identity)
select distinct
    id, identity, lower(local) as local,
    case when 'free' in flags or 'disposable' in flags then null else domain end as domain,
    'role' in flags or names > $shared as shared
from used join profile using (identity)
"""

_TELEPHONE = """
create or replace temp table telephone as
with used as (
    select s.id, t.e164, t.extension, t.status, t.kind, t.prefecture, s.{name} as name
    from subject s join normalise.{kind} p using (record_key), unnest(p.phones) as u(t)
    where t.e164 is not null and t.status in ('valid', 'possible')
), profile as (select e164, count(distinct name) as names from used group by e164)
select
    id, e164, min(extension) as extension, min(status) = 'possible' as not_valid,
    coalesce(bool_or(kind = 'mobile'), false) as mobile, any_value(prefecture order by prefecture) as prefecture,
    any_value(names) > $shared as shared
from used join profile using (e164)
group by id, e164
"""

#: The area code as somebody typed it, for the words of the evidence.
_TYPED = r"""
create or replace temp table typed as
select e164, min(regexp_extract(raw, '^\D*(0\d{1,4})\D', 1)) as area
from normalise.value
where kind = 'phone' and regexp_matches(raw, '^\D*(0\d{1,4})\D')
group by 1
"""

#: Domains of a person's employer: the company of its record, else the only one of that name; with all its records.
_EMPLOYER_DOMAIN = """
create or replace temp table employer_domain as
with firm as (
    select cluster, any_value(name_key) as name_key, list_distinct(flatten(list(domains))) as domains
    from normalise.company join match.cluster using (record_key) group by cluster
), named as (
    select name_key, any_value(cluster) as cluster
    from (
        select distinct name_key, cluster from normalise.company join match.cluster using (record_key)
        where name_key is not null
    )
    group by name_key having count(*) = 1
)
select distinct s.id, unnest(f.domains) as domain
from subject s
left join named n on n.name_key = s.company_key
join firm f on f.cluster = coalesce(s.employer, n.cluster)
"""

_COMPANY = """
create or replace temp table subject as
select
    row_number() over (order by record_key)::integer as id, record_key, system, object, created_at,
    name_key, legal_form, legal_form_position, prefecture, city, town, number, postal_code, false as placeholder
from normalise.company
where record_key not in (from echo)
"""

#: Domains of a company: its own, and those of the e-mail addresses of its people.
_SITE = """
create or replace temp table site as
with used as (
    select s.id, unnest(c.domains) as domain, true as own from subject s join normalise.company c using (record_key)
    union all
    select s.id, m.domain, false
    from subject s join normalise.person p on p.company_record_key = s.record_key, unnest(p.e_mails) as u(m)
    where m.domain is not null and not list_has_any(m.flags, ['free', 'disposable', 'junk'])
), profile as (
    select domain, count(distinct s.name_key) as names from used join subject s using (id) group by domain
)
select id, domain, bool_or(own) as own, any_value(names) > $shared as shared
from used join profile using (domain)
group by id, domain
"""


def prepare(connection: Connection, kind: Kind, settings: Settings) -> None:
    """Make the temporary tables for one kind of record; `subject` has the records to compare.

    person: `subject`, `mailbox`, `telephone`, `typed`, `employer_domain`; company: `subject`, `telephone`, `typed`,
    `site`. Companies go first: their clusters (match.cluster) tell who has the same employer.
    """
    shared = {"shared": settings.match.shared_by_names}
    connection.execute(_SCRIPT)
    connection.execute(_FULL_KEY)
    connection.execute(_LABEL)
    if kind is Kind.PERSON:
        name = "family_key, given_key, company_key, birth_date::varchar"
        connection.execute(_ECHO.format(kind="person", contacts="e_mails", name=name))
        _load_weak_forms(connection)
        connection.execute(_PERSON, {"placeholders": settings.match.placeholder_names})
        connection.execute(_MAILBOX, shared)
        connection.execute(_EMPLOYER_DOMAIN)
        connection.execute(_TELEPHONE.format(name="family_key", kind="person"), shared)
    else:
        connection.execute(_ECHO.format(kind="company", contacts="domains", name="name_key"))
        connection.execute(_COMPANY)
        connection.execute(_SITE, shared)
        connection.execute(_TELEPHONE.format(name="name_key", kind="company"), shared)
    connection.execute(_TYPED)


def _load_weak_forms(connection: Connection) -> None:
    """The table `weak_form`: family names with easily mistaken characters joined (斎藤 is 斉藤 there)."""
    names = connection.execute("select distinct family_key from normalise.person where family_key is not null")
    rows = [(name, kanji.weak(name)) for (name,) in names.fetchall()]
    frame = pd.DataFrame(rows, columns=pd.Index(["family_key", "weak"]), dtype="str")
    connection.register("weak_frame", frame)
    connection.execute(
        "create or replace temp table weak_form as select family_key::varchar as family_key, weak::varchar as weak "
        "from weak_frame"
    )
    connection.unregister("weak_frame")
