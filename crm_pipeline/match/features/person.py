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

#: (record_key, row_hash) of everybody. `$seed`: what changes every row: settings, shared values, this file.
HASHES = """
create or replace temp table now as
select p.record_key, hash(
    $seed, family_key, given_key, readings, name_flags, e_mails, phones, company_key, prefecture, city, town, number,
    postal_code, birth_date, employer, domains, extra
) as row_hash
from normalise.person p left join employed using (record_key) left join own_values using (record_key)
where record_key not in (from echo)
"""

#: Family names of changed records; Python adds `weak`, the form with easily mistaken characters joined.
FAMILIES = """
select distinct family_key from normalise.person join changed_key using (record_key) where family_key is not null
"""

E_MAILS = """
create or replace temp table mailboxes as
with used as (
    select distinct
        record_key, m.identity as identity, lower(m.local) as local,
        if(list_has_any(m.flags, ['free', 'disposable']), null, m.domain) as domain, 'role' in m.flags as role
    from changed_key join normalise.person using (record_key), unnest(e_mails) as u(m)
    where m.identity is not null and 'junk' not in m.flags
)
select record_key, list({
    identity: identity, local: local, domain: domain, shared: role or s.value is not null
} order by identity, local, domain, role) as e_mails
from used left join shared_value s on s.what = 'e_mail' and s.value = used.identity
group by record_key
"""

ROWS = """
insert into match.person by name
select
    k.id, k.record_key, p.system as source, p.object, k.row_hash,
    if('unsplit' in p.name_flags, null, p.family_key) as family_key, p.given_key,
    coalesce(w.weak, p.family_key) as family_weak,
    full_key_of(p.family_key, p.given_key, 'unsplit' in p.name_flags) as full_key,
    script_of(p.family_key) as family_script, script_of(p.given_key) as given_script,
    list_sort(list_distinct([split_part(r, ' ', 1) for r in p.readings if r[1] <> ' '])) as family_readings,
    list_sort(list_distinct([split_part(r, ' ', 2) for r in p.readings if split_part(r, ' ', 2) <> '']))
        as given_readings,
    'placeholder' in p.name_flags and $placeholders as placeholder,
    'initial' in p.name_flags as initial,
    p.company_key, e.employer, p.prefecture, p.city, p.town, p.number, p.postal_code, p.birth_date,
    coalesce(m.e_mails, []) as e_mails, coalesce(t.phones, []) as phones,
    coalesce(e.domains, []) as employer_domains, coalesce(x.extra, map()) as extra
from changed_key k
join normalise.person p using (record_key)
left join weak_form w on w.family_key = p.family_key
left join employed e using (record_key)
left join mailboxes m using (record_key)
left join telephones t using (record_key)
left join own_values x using (record_key)
"""
