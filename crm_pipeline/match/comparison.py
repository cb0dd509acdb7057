"""The evidence of a pair: what supports and what contradicts that two records are one customer.

Belongs here: one statement a comparison, over the whole table of pairs; string distances on distinct pairs of values.
Null on either side is no evidence, nor is a name in another script that has no reading. Short Japanese names are
compared by parts, never by a ratio of the whole (facts on Japanese identity data, section 9).
Not here: what evidence means for the tier (tier.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Names of one edit's distance are similar from this length on: Sato and Saito are two names.
_SHORTEST_TYPO = 6
#: Company keys: similar from here; below the other bound they are clearly different.
_SIMILAR_COMPANY, _DIFFERENT_COMPANY = 0.92, 0.75

_PAIRED = "from {pairs} p join subject a on a.id = p.l join subject b on b.id = p.r"

_PART = """
select p.l, p.r, '{part}_name', case
    when a.{part}_key = b.{part}_key then 'equal'
    {more}
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
"""

_GIVEN = """
    when n.l_value is not null and a.family_key not in (from japanese) then 'nickname'
    when (a.initial or b.initial) and list_has_any(
        [a.given_key[1:1]] || [g[1:1] for g in a.given_readings],
        [b.given_key[1:1]] || [g[1:1] for g in b.given_readings]
    ) then 'initial'
    when (a.initial and (b.given_script = 'latin' or len(b.given_readings) > 0))
        or (b.initial and (a.given_script = 'latin' or len(a.given_readings) > 0)) then 'different'
    when a.initial or b.initial then null
"""

#: A whole name that nobody could divide equals the other one's two parts.
_UNSPLIT = """
select p.l, p.r, part, 'equal', if(part = 'given_name', coalesce(g.weight, 2.8), coalesce(f.weight, 2)),
    a.full_key, b.full_key
{paired}
cross join (values ('family_name'), ('given_name')) t(part)
left join rarity f on f.what = 'family' and f.value = coalesce(a.family_key, b.family_key)
left join rarity g on g.what = 'given' and g.value = coalesce(a.given_key, b.given_key)
where a.full_key = b.full_key and (a.unsplit or b.unsplit)
"""

#: A mailbox supports a given name only for a record that has none: one that echoes its own record's name says nothing.
_MAILBOX_NAME = """
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

_E_MAIL = """
select p.l, p.r, 'e_mail', case when bool_and(a.shared or b.shared) then 'shared' else 'equal' end, 0.0,
    min(a.identity order by a.shared, a.identity), min(a.identity order by a.shared, a.identity)
from {pairs} p join mailbox a on a.id = p.l join mailbox b on b.id = p.r and a.identity = b.identity
group by p.l, p.r
"""

_PHONE = """
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

_BIRTH_DATE = """
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

_ADDRESS = """
with outcome as (
    select p.l, p.r, case
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
left join rarity f on f.what = o.outcome and f.value = case o.outcome
    when 'postal_code' then o.postal_code when 'town' then o.city || o.town when 'city' then o.city
    when 'prefecture' then o.prefecture end
where outcome is not null
"""

#: The area code of one record against the address of the other. Agreement is looked for first.
_AREA_CODE = """
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

_PERSON_COMPANY = """
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

_PERSON_DOMAIN = """
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

_COMPANY_NAME = """
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

_LEGAL_FORM = """
select p.l, p.r, 'legal_form', case
    when a.legal_form <> b.legal_form then 'different'
    when a.legal_form_position <> b.legal_form_position then 'position' end,
    0.0, concat(a.legal_form, '|', a.legal_form_position), concat(b.legal_form, '|', b.legal_form_position)
{paired}
where a.legal_form is not null and b.legal_form is not null
"""

_COMPANY_DOMAIN = """
select distinct on (p.l, p.r) p.l, p.r, 'domain',
    case when a.shared then 'shared' when a.own and b.own then 'equal' else 'people' end, 0.0, a.domain, a.domain
from {pairs} p join site a on a.id = p.l join site b on b.id = p.r and a.domain = b.domain
where a.own or b.own
order by p.l, p.r, a.shared, not (a.own and b.own), a.domain
"""

_PERSON = (_UNSPLIT, _MAILBOX_NAME, _E_MAIL, _PHONE, _BIRTH_DATE, _ADDRESS, _AREA_CODE, _PERSON_COMPANY, _PERSON_DOMAIN)
_COMPANY = (_COMPANY_NAME, _LEGAL_FORM, _COMPANY_DOMAIN, _PHONE, _ADDRESS, _AREA_CODE)

#: Somebody who married: another family name, but given name, birth date and a contact agree.
_CHANGED_NAME = """
update evidence set outcome = 'changed', weight = (select base from weigh where outcome = 'changed')
where comparison = 'family_name' and outcome = 'different' and (l, r) in (
    select (l, r) from evidence group by l, r
    having bool_or(comparison = 'given_name' and outcome in ('equal', 'reading'))
        and bool_or(comparison = 'birth_date' and outcome = 'equal')
        and bool_or(comparison in ('e_mail', 'phone') and weight > 0)
)
"""


def start(connection: Connection) -> None:
    """An empty temporary table `evidence`: pair, comparison, outcome, weight, both values as compared."""
    connection.execute(
        "create or replace temp table evidence (l integer, r integer, comparison varchar, outcome varchar, "
        "weight decimal(8, 2), l_value varchar, r_value varchar)"
    )


def compare(connection: Connection, kind: Kind, pairs: str) -> None:
    """Add the evidence of the table `pairs` (l, r) to the temporary table `evidence`."""
    for statement in _statements(connection, kind, pairs):
        connection.execute(
            f"""
            insert into evidence
            select l, r, comparison, outcome, least(base + if(base = cap, 0, rarity), cap), l_value, r_value
            from ({statement}) t(l, r, comparison, outcome, rarity, l_value, r_value)
            join weigh using (comparison, outcome)
            """
        )
    if kind is Kind.PERSON:
        connection.execute(_CHANGED_NAME)


def _statements(connection: Connection, kind: Kind, pairs: str) -> list[str]:
    paired = _PAIRED.format(pairs=pairs)
    column = "company_key" if kind is Kind.PERSON else "name_key"
    _measure_companies(connection, paired, column)
    bounds = {"similar": _SIMILAR_COMPANY, "different": _DIFFERENT_COMPANY}
    templates = _PERSON if kind is Kind.PERSON else _COMPANY
    statements = [template.format(pairs=pairs, paired=paired, **bounds) for template in templates]
    if kind is Kind.PERSON:
        _measure_names(connection, paired)
        for part, more in (("family", ""), ("given", _GIVEN)):
            joins = (
                f"left join rarity f on f.what = '{part}' and f.value = a.{part}_key "
                f"left join rarity g on g.what = '{part}' and g.value = b.{part}_key "
                "left join nickname n on n.l_value = a.given_key and n.r_value = b.given_key"
            )
            statements.append(_PART.format(part=part, paired=paired, more=more, joins=joins))
    return statements


def _measure_names(connection: Connection, paired: str) -> None:
    """The table `typo` (l_value, r_value): names in Latin letters that are one edit apart."""
    frame = connection.execute(
        " union ".join(
            f"select a.{part}_key as l_value, b.{part}_key as r_value {paired} "
            f"where a.{part}_script = 'latin' and b.{part}_script = 'latin' and a.{part}_key <> b.{part}_key "
            f"and least(length(a.{part}_key), length(b.{part}_key)) >= {_SHORTEST_TYPO} "
            f"and abs(length(a.{part}_key) - length(b.{part}_key)) <= 1"
            for part in ("family", "given")
        )
    ).df()
    edits = process.cpdist(frame["l_value"].tolist(), frame["r_value"].tolist(), scorer=OSA.distance, dtype=np.int32)
    _keep(connection, "typo", frame[edits == 1])


def _measure_companies(connection: Connection, paired: str, column: str) -> None:
    """The table `ratio` (l_value, r_value, ratio): Jaro-Winkler similarity of company keys that differ."""
    frame = connection.execute(
        f"select distinct a.{column} as l_value, b.{column} as r_value {paired} where a.{column} <> b.{column}"
    ).df()
    left, right = frame["l_value"].tolist(), frame["r_value"].tolist()
    ratio = process.cpdist(left, right, scorer=JaroWinkler.normalized_similarity, dtype=np.float64)
    _keep(connection, "ratio", frame.assign(ratio=ratio))


def _keep(connection: Connection, table: str, frame: pd.DataFrame) -> None:
    columns = ", ".join(f"{name}::{'double' if name == 'ratio' else 'varchar'} as {name}" for name in frame.columns)
    connection.register("measured", frame)
    connection.execute(f"create or replace temp table {table} as select {columns} from measured")
    connection.unregister("measured")
