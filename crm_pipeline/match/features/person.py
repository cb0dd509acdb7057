"""What is compared of a person: SQL from normalise.person and the clusters of companies to rows of match.person.

Belongs here: the columns of match.person. Not here: which records need it (refresh.py).
"""

#: Of every person its employer (a cluster of companies) and all the employer's domains: the company of its record,
#: else the only one of that name.
EMPLOYERS = """
create or replace temp table employed as
with firm as (
    select cluster, list_sort(list_distinct(flatten(list(domains)))) as domains
    from normalise.company join match.cluster using (record_key) where kind = 'company' group by cluster
), named as (
    select name_key, any_value(cluster) as cluster
    from (
        select distinct name_key, cluster from normalise.company join match.cluster using (record_key)
        where name_key is not null and kind = 'company'
    )
    group by name_key having count(*) = 1
)
select p.record_key, coalesce(c.cluster, p.company_record_key) as employer, coalesce(f.domains, []) as domains
from normalise.person p
left join match.cluster c on c.kind = 'company' and c.record_key = p.company_record_key
left join named n on n.name_key = p.company_key
left join firm f on f.cluster = coalesce(c.cluster, p.company_record_key, n.cluster)
where p.company_record_key is not null or p.company_key is not null
"""

#: (place in normalise.person, row_hash) of everybody. `$seed`: what changes every row: settings, shared values, this
#: file.
HASHES = """
create or replace temp table now as
select p.rowid as place, hash(
    $seed, p.record_key, family_key, given_key, readings, name_flags, e_mails, phones, company_key, prefecture, city,
    town, number, postal_code, birth_date, employer, domains, extra
) as row_hash
from normalise.person p left join employed using (record_key) left join own_values using (record_key)
where p.record_key not in (from echo)
"""

#: Names of changed records; Python adds the script, and `weak`, the form with easily mistaken characters joined.
NAMES = """
select distinct unnest([family_key, given_key]) as name from fresh_row join changed_key using (record_key)
"""

#: Nearly everybody has one address at most.
E_MAILS = """
create or replace temp table mailboxes as
with used as (
    select record_key, list_distinct([{
        identity: m.identity, "local": lower(m.local),
        "domain": if(list_has_any(m.flags, ['free', 'disposable']), null, m.domain),
        shared: 'role' in m.flags or list_contains(coalesce(used, []), m.identity)
    } for m in e_mails if m.identity is not null and 'junk' not in m.flags]) as e_mails
    from changed_key join fresh_row using (record_key) left join shared_e_mail using (record_key)
)
select record_key, list_sort(e_mails) as e_mails from used where len(e_mails) > 0
"""

ROWS = """
insert into match.person by name
select
    k.id, k.record_key, p.system as source, p.object, k.row_hash,
    if('unsplit' in p.name_flags, null, p.family_key) as family_key, p.given_key,
    f.weak as family_weak,
    -- The whole name, however it is divided: Latin words in any order, as both fields are often swapped.
    case
        when coalesce(f.script, 'latin') = 'latin' and coalesce(g.script, 'latin') = 'latin'
            and contains(concat_ws(' ', p.family_key, p.given_key), ' ')
            then array_to_string(list_sort(string_split(concat_ws(' ', p.family_key, p.given_key), ' ')), ' ')
        when 'unsplit' in p.name_flags or p.given_key is not null then concat(p.family_key, p.given_key) end
        as full_key,
    f.script as family_script, g.script as given_script,
    list_sort(list_distinct([split_part(r, ' ', 1) for r in p.readings if r[1] <> ' '])) as family_readings,
    list_sort(list_distinct([split_part(r, ' ', 2) for r in p.readings if split_part(r, ' ', 2) <> '']))
        as given_readings,
    'placeholder' in p.name_flags and $placeholders as placeholder,
    'initial' in p.name_flags as initial,
    p.company_key, e.employer, p.prefecture, p.city, p.town, p.number, p.postal_code, p.birth_date,
    coalesce(m.e_mails, []) as e_mails, coalesce(t.phones, []) as phones,
    coalesce(e.domains, []) as employer_domains, coalesce(x.extra, map()) as extra
from changed_key k
join fresh_row p using (record_key)
left join name_form f on f.name = p.family_key
left join name_form g on g.name = p.given_key
left join employed e using (record_key)
left join mailboxes m using (record_key)
left join telephones t using (record_key)
left join own_values x using (record_key)
"""
