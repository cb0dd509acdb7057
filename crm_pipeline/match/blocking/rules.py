"""The rules of blocking: which values two records have to share to be compared.

Belongs here: one rule, its SQL over the changed records, and what refines its large blocks. A rule is for a kind of
mistake: another script, a typing slip, swapped names, a missing part. Not here: how keys are kept (keys.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from crm_pipeline.model import Kind

#: Records that may share a key before the block is refined (facts/matching.md, section 3: 400).
LARGEST = 200
#: The same for names: of so many people of one name, something else has to tell who is who.
_LARGEST_NAMED = 50
#: The same for rules that are about similar values, not equal ones: their blocks are mostly strangers.
_LARGEST_SIMILAR = 30
#: The same for parts of values.
_LARGEST_PART = 10
#: The bearers of a rare family name: worth comparing whatever else they share.
_RARE = 20


@dataclass(frozen=True)
class Rule:
    """`rows`: SQL with (id, the value, or values, that are the key, probe). Two records with one key are a pair if at
    least one of them is a probe. `values`: how many values make the key; null in one of them: no key.

    `largest`: size of a block that is compared whole. A larger one is divided by each column of `refined_by`; without
    those the rule is about small blocks only. `several`: a record may have one key twice.
    """

    name: str
    rows: str
    values: int = 1
    largest: int = LARGEST
    refined_by: Sequence[str] = ()
    several: bool = False


#: The consonants of a name in Latin letters by their sound, as in Soundex: katherine and catharine are one but for
#: the first letter, smith and smyth are one.
_SOUND = "translate(translate({0}[2:], 'aeiouyhw ''-.', ''), 'bfpvcgjkqsxzdtlmnr', '111122222222334556')"
MACROS = f"""
create or replace temp macro sound_of(name) as name[1:1] ||
    replace(replace(replace(replace(replace(replace({_SOUND.format("name")}, '11', '1'), '22', '2'), '33', '3'),
    '44', '4'), '55', '5'), '66', '6')[1:3];
create or replace temp macro label_of(domain) as replace(split_part(domain, '.', 1), '-', '');
create or replace temp macro letters_of(name) as
    array_to_string(list_sort(list_distinct(string_split(replace(name, ' ', ''), ''))), '');
create or replace temp macro both_of(a, b) as least(a, b) || ' ' || greatest(a, b);
"""

_WHERE = ("birth_date", "postal_code", "city", "company_key")
_WHO = ("full_key", *_WHERE)

_PERSON = (
    Rule("e-mail", "select id, m.identity, true from (select id, unnest(e_mails) as m from subject)", refined_by=_WHO),
    Rule("phone", "select id, t.e164, true from (select id, unnest(phones) as t from subject)", refined_by=_WHO),
    # The weak form of the name as well: 斎藤健二 is found by 斉藤健二.
    Rule(
        "full name",
        "select id, full_key, true from subject union all select id, family_weak || given_key, true from subject "
        "where family_weak <> family_key",
        largest=_LARGEST_NAMED,
        refined_by=_WHERE,
    ),
    Rule(
        "reading",
        "select id, unnest(flatten([[f || ' ' || g for g in given_readings] for f in family_readings])), true "
        "from subject",
        largest=_LARGEST_NAMED,
        refined_by=_WHERE,
    ),
    Rule(
        "reading and initial",
        "select id, unnest(flatten([[f || ' ' || i for i in letters] for f in family_readings])), initial from ("
        "select id, initial, family_readings, case when initial then [given_key[1:1]] "
        "else list_distinct([g[1:1] for g in given_readings]) end as letters from subject)",
        largest=_LARGEST_NAMED,
        refined_by=_WHERE,
    ),
    # One side has the family name only: it is compared with every bearer of that name, in either script.
    Rule(
        "family name alone",
        "select id, family_weak, given_key is null from subject",
        largest=_LARGEST_NAMED,
        refined_by=_WHERE,
    ),
    Rule(
        "family reading alone",
        "select id, unnest(family_readings), given_key is null from subject",
        largest=_LARGEST_NAMED,
        refined_by=_WHERE,
    ),
    Rule("rare family name", "select id, family_key, true from subject", largest=_RARE),
    Rule(
        "family name and postal code",
        "select id, family_weak, postal_code, true from subject",
        2,
        refined_by=("birth_date", "company_key"),
    ),
    Rule(
        "family name and company",
        "select id, family_weak, company_key, true from subject",
        2,
        refined_by=("birth_date", "postal_code", "city"),
    ),
    Rule("birth date and family name", "select id, birth_date, family_weak, true from subject", 2),
    Rule("birth date and given name", "select id, birth_date, given_key, true from subject", 2),
    Rule("birth date and postal code", "select id, birth_date, postal_code, true from subject", 2),
    Rule(
        "birth date and initials",
        "select id, birth_date, both_of(family_key[1:1], given_key[1:1]), true from subject",
        2,
        _LARGEST_SIMILAR,
        ("postal_code", "city"),
    ),
    Rule("birth date", "select id, birth_date, true from subject", largest=_LARGEST_SIMILAR),
    # Letters in another order, doubled or not: matthew hall, mathewhall and hall mattehw.
    Rule(
        "letters of the name",
        "select id, letters_of(family_key || given_key), true from subject "
        "where family_script not in ('kanji', 'kana') and given_script not in ('kanji', 'kana')",
        largest=_LARGEST_PART,
        refined_by=("year(birth_date)", "postal_code", "city"),
    ),
    Rule(
        "letters of a name and birth year",
        "select id, unnest(list_distinct([letters_of(family_key), letters_of(given_key)])), year(birth_date), true "
        "from subject where birth_date is not null and coalesce(family_script, given_script) not in ('kanji', 'kana')",
        2,
        _LARGEST_PART,
        ("postal_code", "city"),
    ),
    Rule(
        "names as they sound",
        "with part as (select id, family_key, given_key from subject "
        "where family_script = 'latin' and given_script = 'latin'), "
        "sound as (select name, sound_of(name) as sound "
        "from (select family_key from part union select given_key from part) t(name)) "
        "select id, both_of(f.sound, g.sound), true from part "
        "join sound f on f.name = family_key join sound g on g.name = given_key",
        largest=_LARGEST_SIMILAR,
        refined_by=("year(birth_date)", "postal_code", "city"),
    ),
    Rule(
        "beginning of the names and birth year",
        "select id, both_of(family_key[1:2], given_key[1:2]), year(birth_date), true from subject",
        2,
        _LARGEST_SIMILAR,
        ("postal_code", "city"),
    ),
    Rule(
        "given name and postal code",
        "select id, given_key, postal_code, true from subject",
        2,
        _LARGEST_SIMILAR,
        ("birth_date", "company_key"),
    ),
    Rule(
        "given name, initial and city",
        "select id, given_key, family_key[1:1], city, true from subject",
        3,
        _LARGEST_SIMILAR,
        ("year(birth_date)", "postal_code"),
    ),
    Rule(
        "family name, initial and city",
        "select id, family_weak, given_key[1:1], city, true from subject",
        3,
        _LARGEST_SIMILAR,
        ("year(birth_date)", "postal_code"),
    ),
    Rule(
        "address and initial",
        "select id, postal_code, number, given_key[1:1], true from subject",
        3,
        _LARGEST_SIMILAR,
        ("birth_date", "family_weak"),
    ),
    Rule(
        "mailbox name and company",
        "select id, m.local, company_key, true from (select id, unnest(e_mails) as m, company_key from subject) "
        "where not m.shared",
        2,
        refined_by=("full_key",),
    ),
    Rule(
        "mailbox name",
        "select id, m.local, true from (select id, unnest(e_mails) as m from subject) "
        "where not m.shared and length(m.local) >= 5",
        largest=_LARGEST_SIMILAR,
        refined_by=_WHO,
        several=True,
    ),
    Rule(
        "mailbox initial and domain",
        "select id, m.local[1:1], m.domain, true from (select id, unnest(e_mails) as m from subject) "
        "where not m.shared",
        2,
        _LARGEST_SIMILAR,
        several=True,
    ),
    Rule(
        "company domain and given name",
        "select id, unnest(list_distinct(list_concat([m.domain for m in e_mails], employer_domains))), given_key, true "
        "from subject where given_key is not null",
        2,
        refined_by=("family_weak", "birth_date", "postal_code"),
    ),
    Rule(
        "own column",
        "select id, e.key, lower(e.value), true from (select id, unnest(map_entries(extra)) as e from subject)",
        2,
        refined_by=_WHO,
    ),
)

_WHERE_FIRM = ("postal_code", "city")

_COMPANY = (
    Rule("name", "select id, name_key, true from subject", refined_by=_WHERE_FIRM),
    Rule("corporate number", "select id, corporate_number, true from subject", refined_by=("name_key", *_WHERE_FIRM)),
    Rule(
        "domain", "select id, s.domain, true from (select id, unnest(sites) as s from subject)", refined_by=_WHERE_FIRM
    ),
    Rule(
        "name in the domain",
        "select id, label_of(s.domain), false from (select id, unnest(sites) as s from subject) "
        "union all select id, name_key, true from subject",
        refined_by=_WHERE_FIRM,
        several=True,
    ),
    Rule(
        "phone",
        "select id, t.e164, true from (select id, unnest(phones) as t from subject)",
        refined_by=("name_key", *_WHERE_FIRM),
    ),
    Rule(
        "beginning of the name and city",
        "select id, name_key[1:2], city, true from subject",
        2,
        refined_by=("postal_code", "town"),
    ),
    Rule(
        "beginning of the name",
        "select id, name_key[1:5], true from subject where length(name_key) >= 5",
        refined_by=_WHERE_FIRM,
    ),
    Rule(
        "end of the name and city",
        "select id, name_key[-3:], city, true from subject where length(name_key) >= 3",
        2,
        _LARGEST_SIMILAR,
        ("postal_code", "town"),
    ),
    Rule(
        "name as it sounds",
        "select id, sound_of(name_key) || length(name_key) // 4, true from subject "
        "where regexp_full_match(name_key, '[a-z0-9 ]{5,}')",
        largest=_LARGEST_SIMILAR,
        refined_by=_WHERE_FIRM,
    ),
    Rule("address", "select id, postal_code, number, true from subject", 2, refined_by=("name_key",)),
    Rule(
        "own column",
        "select id, e.key, lower(e.value), true from (select id, unnest(map_entries(extra)) as e from subject)",
        2,
        refined_by=("name_key", *_WHERE_FIRM),
    ),
)

RULES: Mapping[Kind, Sequence[Rule]] = {Kind.PERSON: _PERSON, Kind.COMPANY: _COMPANY}

#: The bit, and the name, of pairs inside a component of links that no rule brought.
CLOSURE, CLOSURE_NAME = 62, "closure"


def version(kind: Kind) -> str:
    """Another one when keys are made in another way; DuckDB's hash may differ between its versions."""
    return hashlib.sha256(f"{duckdb.__version__} {MACROS} {RULES[kind]}".encode()).hexdigest()[:12]


def fits(kind: Kind) -> str:
    """SQL over a block (rule, n records, of them probes): whether it is compared whole.

    A probe is compared with the whole block, everybody else only with the probes.
    """
    largest = f"{[rule.largest for rule in RULES[kind]]}[rule + 1]"
    return f"(n <= {largest} or probes * n <= {largest} * {largest} // 2)"


def names(rules: int, kind: Kind) -> list[str]:
    """The names of the rules whose bits are set, sorted."""
    found = [rule.name for place, rule in enumerate(RULES[kind]) if rules >> place & 1]
    return sorted([*found, CLOSURE_NAME] if rules >> CLOSURE & 1 else found)
