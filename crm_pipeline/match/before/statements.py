"""The SQL of each comparison: pairs in, rows (l, r, comparison, outcome, rarity, left value, right value) out.

Belongs here: one statement a comparison, and when it says nothing. Null on either side is no evidence, nor is a name in
another script that has no reading. Short Japanese names are compared by parts, never by a ratio of the whole (facts on
Japanese identity data, section 9). `{pairs}` is the table of pairs, `{paired}` its join with both subjects.
Not here: running them (comparison.py), weights (weights.py).
"""

PART = """
select p.l, p.r, '{part}_name', case
    when a.{part}_key = b.{part}_key then 'equal'
    {more}
    {weak}
    when list_has_any(a.{part}_readings, b.{part}_readings)
        then case when a.{part}_script = 'kanji' and b.{part}_script = 'kanji' then 'weak' else 'reading' end
    when a.{part}_script <> b.{part}_script and (len(a.{part}_readings) = 0 or len(b.{part}_readings) = 0) then null
    when a.{part}_script <> b.{part}_script then 'reading_differs'
    when s.l_value is not null then 'similar'
    else 'different' end,
    least(f.weight, g.weight), a.{part}_key, b.{part}_key
{paired}
left join typo s on s.l_value = a.{part}_key and s.r_value = b.{part}_key
{joins}
where a.{part}_key is not null and b.{part}_key is not null
    and (a.family_key = b.family_key or a.full_key is distinct from b.full_key)
"""

GIVEN = """
    when n.l_value is not null and a.family_key not in (from japanese) then 'nickname'
    when (a.initial or b.initial) and list_has_any(
        [a.given_key[1:1]] || [g[1:1] for g in a.given_readings],
        [b.given_key[1:1]] || [g[1:1] for g in b.given_readings]
    ) then 'initial'
    when (a.initial and (b.given_script = 'latin' or len(b.given_readings) > 0))
        or (b.initial and (a.given_script = 'latin' or len(a.given_readings) > 0)) then 'different'
    when a.initial or b.initial then null
"""

#: One name, divided in two ways or not at all.
UNSPLIT = """
select p.l, p.r, part, 'equal', if(part = 'given_name', coalesce(g.weight, 2.8), coalesce(f.weight, 2)),
    a.full_key, b.full_key
{paired}
cross join (values ('family_name'), ('given_name')) t(part)
left join rarity f on f.what = 'family' and f.value = coalesce(a.family_key, b.family_key)
left join rarity g on g.what = 'given' and g.value = coalesce(a.given_key, b.given_key)
where a.full_key = b.full_key and a.family_key is distinct from b.family_key
"""

#: A mailbox supports a given name only for a record that has none: one that echoes its own record's name says nothing.
MAILBOX_NAME = """
select distinct on (p.l, p.r) p.l, p.r, 'given_name', 'mailbox', 0.0, m.identity, o.given_key
from (select l, r, l as bare, r as named from {pairs} union all select l, r, r, l from {pairs}) p
join subject s on s.id = p.bare and s.given_key is null
join subject o on o.id = p.named and o.given_key is not null
join mailbox m on m.id = p.bare and not m.shared
where list_has_any(
    regexp_split_to_array(m.local, '[^a-z]+'),
    [g for g in o.given_readings || [o.given_key] if length(g) >= 3]
)
order by p.l, p.r, m.identity, o.given_key
"""

E_MAIL = """
select p.l, p.r, 'e_mail', case when bool_and(a.shared or b.shared) then 'shared' else 'equal' end, 0.0,
    min(a.identity order by a.shared, a.identity), min(a.identity order by a.shared, a.identity)
from {pairs} p join mailbox a on a.id = p.l join mailbox b on b.id = p.r and a.identity = b.identity
group by p.l, p.r
"""

PHONE = """
with equal as (
    select p.l, p.r, a.e164, a.extension <> b.extension as other_extension,
        case when a.shared then 'shared' when a.not_valid then 'not_valid' when a.mobile then 'mobile' else 'fixed' end
        as outcome
    from {pairs} p join telephone a on a.id = p.l join telephone b on b.id = p.r and a.e164 = b.e164
), best as (
    select distinct on (l, r) * from equal
    order by l, r, list_position(['mobile', 'fixed', 'not_valid', 'shared'], outcome), e164
)
select l, r, 'phone', outcome, 0.0, e164, e164 from best
union all
select l, r, 'extension', 'different', 0.0, e164, e164 from best where other_extension
"""

BIRTH_DATE = """
select p.l, p.r, 'birth_date', case
    when a.birth_date = b.birth_date then 'equal'
    when year(a.birth_date) = year(b.birth_date) and month(a.birth_date) = day(b.birth_date)
        and day(a.birth_date) = month(b.birth_date) then 'swapped'
    else 'different' end,
    f.weight, a.birth_date::varchar, b.birth_date::varchar
{paired}
left join rarity f on f.what = 'birth_date' and f.value = a.birth_date::varchar
where a.birth_date is not null and b.birth_date is not null
"""

ADDRESS = """
with outcome as (
    select p.l, p.r, case
        when a.number <> b.number and (a.postal_code = b.postal_code or (a.city = b.city and a.town = b.town))
            then 'near'
        when a.postal_code = b.postal_code then 'postal_code'
        when a.city = b.city and a.town = b.town then 'town'
        when a.city = b.city and coalesce(a.prefecture = b.prefecture, true) then 'city'
        when a.prefecture = b.prefecture then 'prefecture'
        when a.prefecture <> b.prefecture then 'different' end as outcome,
        a.postal_code, a.city, a.town, a.prefecture,
        concat(a.prefecture, a.city, a.town) as l_value, concat(b.prefecture, b.city, b.town) as r_value
    {paired}
)
select l, r, 'address', outcome, f.weight,
    coalesce(nullif(l_value, ''), o.postal_code), coalesce(nullif(r_value, ''), o.postal_code)
from outcome o
left join rarity f on f.what = if(o.outcome = 'near', 'city', o.outcome) and f.value = case o.outcome
    when 'postal_code' then o.postal_code when 'town' then o.city || o.town
    when 'city' then o.city when 'near' then o.city when 'prefecture' then o.prefecture end
where outcome is not null
"""

#: The area code of one record against the address of the other. Agreement is looked for first.
AREA_CODE = """
with against as (
    select p.l, p.r, t.prefecture = s.prefecture as agrees, s.prefecture,
        coalesce(nullif(y.area, ''), t.e164) || '|' || t.prefecture as l_value,
        s.prefecture || coalesce(s.city, '') as r_value
    from (select l, r, l as caller, r as resident from {pairs} union all select l, r, r, l from {pairs}) p
    join telephone t on t.id = p.caller and t.prefecture is not null and not t.mobile
    left join typed y on y.e164 = t.e164
    join subject s on s.id = p.resident and s.prefecture is not null
)
select distinct on (l, r)
    l, r, 'area_code', case when agrees then 'agrees' else 'differs' end, f.weight, l_value, r_value
from against left join rarity f on f.what = 'prefecture' and f.value = against.prefecture
order by l, r, agrees desc, l_value, r_value
"""

PERSON_COMPANY = """
select p.l, p.r, 'company', case
    when a.company_key = b.company_key or a.employer = b.employer then 'equal'
    when script_of(a.company_key) <> script_of(b.company_key) then null
    when s.ratio >= {similar} or contains(a.company_key, b.company_key) or contains(b.company_key, a.company_key)
        then 'similar'
    when s.ratio < {different} then 'different' end,
    least(coalesce(f.weight, g.weight, 2), coalesce(g.weight, 2)), a.company_key, b.company_key
{paired}
left join ratio s on s.l_value = a.company_key and s.r_value = b.company_key
left join rarity f on f.what = 'company' and f.value = a.company_key
left join rarity g on g.what = 'company' and g.value = b.company_key
where a.company_key is not null and b.company_key is not null
"""

PERSON_DOMAIN = """
with domain as (
    select id, domain, 'equal' as what from mailbox where domain is not null
    union select id, domain, 'employer' from employer_domain
), common as (
    select domain, -log10((greatest(count(distinct id) - 2, 0) + 200 * 0.003) / (200 + (select count(*) from subject)))
        as weight
    from domain group by domain
)
select distinct on (p.l, p.r) p.l, p.r, 'domain', case when a.what = b.what then 'equal' else 'employer' end,
    c.weight, a.domain, a.domain
from {pairs} p
join domain a on a.id = p.l
join domain b on b.id = p.r and b.domain = a.domain and (a.what = 'equal' or b.what = 'equal')
join common c on c.domain = a.domain
order by p.l, p.r, a.what = b.what, a.domain
"""

COMPANY_NAME = """
select p.l, p.r, 'company_name', case
    when a.name_key = b.name_key then 'equal'
    when script_of(a.name_key) <> script_of(b.name_key) then null
    when s.ratio >= {similar} or (least(length(a.name_key), length(b.name_key)) >= 3
        and (contains(a.name_key, b.name_key) or contains(b.name_key, a.name_key))) then 'similar'
    when s.ratio < {different} then 'different' end,
    f.weight, a.name_key, b.name_key
{paired}
left join ratio s on s.l_value = a.name_key and s.r_value = b.name_key
left join rarity f on f.what = 'company_name' and f.value = a.name_key
where a.name_key is not null and b.name_key is not null
"""

LEGAL_FORM = """
select p.l, p.r, 'legal_form', case
    when script_of(a.legal_form) <> script_of(b.legal_form) then null
    when a.legal_form <> b.legal_form then 'different'
    when a.legal_form_position <> b.legal_form_position then 'position' end,
    0.0, concat(a.legal_form, '|', a.legal_form_position), concat(b.legal_form, '|', b.legal_form_position)
{paired}
where a.legal_form is not null and b.legal_form is not null
"""

COMPANY_DOMAIN = """
select distinct on (p.l, p.r) p.l, p.r, 'domain',
    case
        when a.domain <> b.domain then 'different'
        when a.shared then 'shared'
        when a.own and b.own then 'equal'
        else 'people' end as outcome,
    0.0, a.domain, b.domain
from {pairs} p join site a on a.id = p.l join site b on b.id = p.r
where if(a.domain = b.domain, a.own or b.own, a.own and b.own)
order by p.l, p.r, list_position(['equal', 'people', 'shared', 'different'], outcome), a.domain, b.domain
"""

#: One company's name in Latin letters is how the other one spells itself in its domain.
NAME_IN_DOMAIN = """
select distinct on (p.l, p.r) p.l, p.r, 'domain', 'name', 0.0, s.domain, c.name_key
from (select l, r, l as here, r as there from {pairs} union all select l, r, r, l from {pairs}) p
join site s on s.id = p.here and s.own
join subject c on c.id = p.there and c.name_key = label_of(s.domain)
where (p.l, p.r) not in (select (l, r) from evidence where comparison = 'domain' and outcome <> 'different')
    and (p.l, p.r) not in (select (l, r) from evidence where comparison = 'company_name' and outcome = 'equal')
order by p.l, p.r, s.domain
"""

PERSON = (UNSPLIT, MAILBOX_NAME, E_MAIL, PHONE, BIRTH_DATE, ADDRESS, AREA_CODE, PERSON_COMPANY, PERSON_DOMAIN)
COMPANY = (COMPANY_NAME, LEGAL_FORM, COMPANY_DOMAIN, NAME_IN_DOMAIN, PHONE, ADDRESS, AREA_CODE)
