"""What is compared of a company: SQL from normalise.company and the e-mail domains of its people to match.company.

Belongs here: the columns of match.company. Not here: which records need it (refresh.py).
"""

#: Domains of a company: its own, and those of the e-mail addresses of its people.
SITES = """
create or replace temp table owned as
with used as (
    select record_key, unnest(domains) as domain, true as own from normalise.company
    union all
    select p.company_record_key, m.domain, false from normalise.person p, unnest(p.e_mails) as u(m)
    where p.company_record_key is not null and m.domain is not null
        and not list_has_any(m.flags, ['free', 'disposable', 'junk'])
), site as (
    select record_key, domain, bool_or(own) as own from used where domain is not null group by record_key, domain
)
select record_key, list({domain: domain, own: own, shared: s.value is not null} order by domain) as sites
from site left join shared_value s on s.what = 'domain' and s.value = site.domain
group by record_key
"""

#: (place in normalise.company, row_hash) of every company. `$seed`: what changes every row:
#: settings, shared values, this file.
HASHES = """
create or replace temp table now as
select c.rowid as place, hash(
    $seed, c.record_key, name_key, legal_form, legal_form_position, phones, prefecture, city, town, number,
    postal_code, sites, extra, corporate_number
) as row_hash
from normalise.company c left join owned using (record_key) left join own_values using (record_key)
where c.record_key not in (from echo)
"""

ROWS = """
insert into match.company by name
select
    k.id, k.record_key, c.system as source, c.object, k.row_hash, c.name_key, c.legal_form, c.legal_form_position,
    c.prefecture, c.city, c.town, c.number, c.postal_code, coalesce(t.phones, []) as phones,
    coalesce(o.sites, []) as sites, coalesce(x.extra, map()) as extra, c.corporate_number
from changed_key k
join fresh_row c using (record_key)
left join owned o using (record_key)
left join telephones t using (record_key)
left join own_values x using (record_key)
"""
