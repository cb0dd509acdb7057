"""How much each piece of evidence weighs, and how common names, places and dates are in the organisation's own data.

Weights are log10 of the likelihood ratio (Fellegi-Sunter): +3 says "a thousand times likelier for one customer than
for two". Start values: facts on Japanese identity data, section 10. Not here: what is compared (comparison.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import pandas as pd
from japanese_personal_name_dataset import load_dataset

from crm_pipeline.match import tables
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Inhabitants of Japan that the counts of the name dataset refer to.
_POPULATION = 126_000_000
#: Share of a family name that the dataset does not have.
_UNKNOWN_FAMILY = 0.0003
#: Expected duplicates of a record in its own CRM, and expected counterparts of a record in the other one.
_DUPLICATES, _COUNTERPARTS = 0.05, 0.5
#: Odds beyond this are certainty; the limit keeps sums of odds exact.
MOST_ODDS = 1e9


class Force(StrEnum):
    """What an outcome can do beyond its weight (tier.py)."""

    NAME = "name"  # agreement of names, or of parts of them
    PARTIAL = "partial"  # half agreement of names
    SUPPORT = "support"  # independent of the name
    IDENTIFIER = "identifier"  # belongs to one customer only
    DOUBT = "doubt"  # speaks against, may be explained
    CONTRADICTION = "contradiction"  # never linked without a person


class Group(StrEnum):
    """Evidence of one group is one fact: the strongest counts, not the sum (names apart: parts of one value)."""

    NAME = "name"
    E_MAIL = "e_mail"
    PHONE = "phone"
    BIRTH = "birth"
    DOMAIN = "domain"
    WORKPLACE = "workplace"  # company, its domain, its address, its switchboard
    LEGAL_FORM = "legal_form"


@dataclass(frozen=True)
class Weight:
    """`base` plus the rarity of the agreed value, at most `cap`."""

    base: float
    cap: float
    group: Group
    force: Force


def _fixed(weight: float, group: Group, force: Force) -> Weight:
    return Weight(weight, weight, group, force)


_NAME, _WORK = Group.NAME, Group.WORKPLACE

#: (comparison, outcome) -> weight.
PERSON: Mapping[tuple[str, str], Weight] = {
    ("family_name", "equal"): Weight(0, 5.5, _NAME, Force.NAME),
    ("family_name", "reading"): Weight(0, 4, _NAME, Force.NAME),
    ("family_name", "weak"): Weight(-0.7, 4, _NAME, Force.PARTIAL),
    ("family_name", "similar"): Weight(-1, 3, _NAME, Force.PARTIAL),
    ("family_name", "reading_differs"): _fixed(-1.5, _NAME, Force.DOUBT),
    ("family_name", "changed"): _fixed(-1.5, _NAME, Force.DOUBT),
    ("family_name", "different"): _fixed(-4, _NAME, Force.CONTRADICTION),
    ("given_name", "equal"): Weight(0, 4, _NAME, Force.NAME),
    ("given_name", "reading"): _fixed(1, _NAME, Force.NAME),
    ("given_name", "initial"): _fixed(1, _NAME, Force.PARTIAL),
    ("given_name", "nickname"): _fixed(1, _NAME, Force.NAME),
    ("given_name", "mailbox"): _fixed(1.5, _NAME, Force.PARTIAL),
    ("given_name", "weak"): _fixed(0.3, _NAME, Force.PARTIAL),
    ("given_name", "similar"): _fixed(0.3, _NAME, Force.PARTIAL),
    ("given_name", "reading_differs"): _fixed(-1.5, _NAME, Force.DOUBT),
    ("given_name", "different"): _fixed(-4, _NAME, Force.CONTRADICTION),
    ("e_mail", "equal"): _fixed(6, Group.E_MAIL, Force.IDENTIFIER),
    ("e_mail", "shared"): _fixed(1, _WORK, Force.SUPPORT),
    ("phone", "mobile"): _fixed(5, Group.PHONE, Force.IDENTIFIER),
    ("phone", "fixed"): _fixed(3, Group.PHONE, Force.SUPPORT),
    ("phone", "not_valid"): _fixed(2, Group.PHONE, Force.SUPPORT),
    ("phone", "shared"): _fixed(0.5, _WORK, Force.SUPPORT),
    ("extension", "different"): _fixed(-1, Group.PHONE, Force.DOUBT),
    ("birth_date", "equal"): Weight(0, 4, Group.BIRTH, Force.SUPPORT),
    ("birth_date", "swapped"): _fixed(1.5, Group.BIRTH, Force.SUPPORT),
    ("birth_date", "different"): _fixed(-3, Group.BIRTH, Force.CONTRADICTION),
    ("address", "postal_code"): Weight(0, 3, _WORK, Force.SUPPORT),
    ("address", "town"): Weight(0, 3, _WORK, Force.SUPPORT),
    ("address", "near"): Weight(0, 1.5, _WORK, Force.SUPPORT),
    ("address", "city"): Weight(0, 2.5, _WORK, Force.SUPPORT),
    ("address", "prefecture"): Weight(0, 1.8, _WORK, Force.SUPPORT),
    ("address", "different"): _fixed(-0.7, _WORK, Force.DOUBT),
    ("area_code", "agrees"): Weight(0, 1.7, _WORK, Force.SUPPORT),
    ("area_code", "differs"): _fixed(-0.3, _WORK, Force.DOUBT),
    ("company", "equal"): Weight(0, 2, _WORK, Force.SUPPORT),
    ("company", "similar"): _fixed(1, _WORK, Force.SUPPORT),
    ("company", "different"): _fixed(-1, _WORK, Force.DOUBT),
    ("domain", "employer"): Weight(0, 2.5, _WORK, Force.SUPPORT),
    ("domain", "equal"): Weight(0, 2, _WORK, Force.SUPPORT),
}

COMPANY: Mapping[tuple[str, str], Weight] = {
    ("company_name", "equal"): Weight(0, 4.5, _NAME, Force.NAME),
    ("company_name", "similar"): _fixed(2, _NAME, Force.PARTIAL),
    ("company_name", "different"): _fixed(-2, _NAME, Force.CONTRADICTION),
    ("legal_form", "different"): _fixed(-1, Group.LEGAL_FORM, Force.DOUBT),
    ("legal_form", "position"): _fixed(-0.5, Group.LEGAL_FORM, Force.DOUBT),
    ("domain", "equal"): _fixed(4, Group.DOMAIN, Force.IDENTIFIER),
    ("domain", "people"): _fixed(2.5, Group.DOMAIN, Force.SUPPORT),
    ("domain", "shared"): _fixed(0.5, Group.DOMAIN, Force.SUPPORT),
    ("domain", "different"): _fixed(-0.7, Group.DOMAIN, Force.DOUBT),
    ("domain", "name"): _fixed(3, _NAME, Force.PARTIAL),
    ("phone", "mobile"): _fixed(3, _WORK, Force.IDENTIFIER),
    ("phone", "fixed"): _fixed(3, _WORK, Force.IDENTIFIER),
    ("phone", "not_valid"): _fixed(1, _WORK, Force.SUPPORT),
    ("phone", "shared"): _fixed(0.5, _WORK, Force.SUPPORT),
    ("address", "postal_code"): Weight(0, 2, _WORK, Force.SUPPORT),
    ("address", "town"): Weight(0, 2, _WORK, Force.SUPPORT),
    ("address", "near"): Weight(0, 0.5, _WORK, Force.SUPPORT),
    ("address", "city"): Weight(0, 1.5, _WORK, Force.SUPPORT),
    ("address", "prefecture"): Weight(0, 1, _WORK, Force.SUPPORT),
    ("address", "different"): _fixed(-0.5, _WORK, Force.DOUBT),
    ("area_code", "agrees"): Weight(0, 1, _WORK, Force.SUPPORT),
}

#: The whole name together weighs at most this; a placeholder name, such as 山田太郎 on a sample form, next to nothing.
NAME_CAP, PLACEHOLDER_CAP = 5.5, 1.0


@dataclass(frozen=True)
class _Common:
    """How common a value of `column` is before anything is known, and how many records outweigh that guess."""

    column: str
    share: float
    guess_counts: int


_COMMON: Mapping[Kind, Mapping[str, _Common]] = {
    Kind.PERSON: {
        "given": _Common("given_key", 0.0015, 1000),
        "birth_date": _Common("birth_date::varchar", 1 / 25_000, 1000),
        "postal_code": _Common("postal_code", 0.001, 200),
        "town": _Common("city || coalesce(town, '')", 0.001, 200),
        "city": _Common("city", 0.03, 200),
        "prefecture": _Common("prefecture", 1 / 47, 50),
        "company": _Common("company_key", 0.003, 200),
    },
    Kind.COMPANY: {
        "company_name": _Common("name_key", 0.0001, 1000),
        "postal_code": _Common("postal_code", 0.001, 200),
        "town": _Common("city || coalesce(town, '')", 0.001, 200),
        "city": _Common("city", 0.03, 200),
        "prefecture": _Common("prefecture", 1 / 47, 50),
    },
}


def of(kind: Kind) -> Mapping[tuple[str, str], Weight]:
    return PERSON if kind is Kind.PERSON else COMPANY


def load(connection: Connection, kind: Kind) -> None:
    """Write the temporary tables `weigh` (of each outcome) and `rarity` (what, value, weight); for people also
    `japanese` (family names that the national table has) and `nickname`.

    A value's rarity is -log10 of its share among the other records: its count without the pair that is being
    compared, drawn towards the start value while the records are few. Needs the table `subject` (features.py).
    """
    frame = pd.DataFrame([(c, o, w.base, w.cap, w.group.value) for (c, o), w in of(kind).items()])
    frame.columns = pd.Index(["comparison", "outcome", "base", "cap", "evidence_group"])
    connection.register("weigh_frame", frame)
    connection.execute("create or replace temp table weigh as from weigh_frame")
    connection.unregister("weigh_frame")
    connection.execute("create or replace temp table rarity (what varchar, value varchar, weight double)")
    for what, common in _COMMON[kind].items():
        connection.execute(
            f"""
            insert into rarity
            select ?, value, -log10((greatest(n - 2, 0) + $m * $share) / (total - 2 + $m)) from (
                select {common.column} as value, count(*) as n, greatest(sum(count(*)) over (), 2) as total
                from subject where {common.column} is not null group by value
            )
            """.replace("?", "$what"),
            {"what": what, "m": common.guess_counts, "share": common.share},
        )
    if kind is Kind.PERSON:
        _load_families(connection)
        _load_nicknames(connection)


def _load_families(connection: Connection) -> None:
    rows = connection.execute("select family_key, count(*) from subject where family_key is not null group by 1")
    counts = pd.DataFrame(rows.fetchall(), columns=pd.Index(["value", "n"]), dtype=object)
    shares = national_shares()
    counts["share"] = [shares.get(_romaji(value), _UNKNOWN_FAMILY) for value in counts["value"]]
    counts = counts.astype({"value": "str", "n": "int64", "share": "float64"})
    connection.register("family_frame", counts)
    connection.execute(
        """
        insert into rarity
        select 'family', value, -log10((greatest(n - 2, 0) + 1000 * share) / (greatest(sum(n) over (), 2) - 2 + 1000))
        from family_frame
        """
    )
    connection.unregister("family_frame")
    known = counts["share"] != _UNKNOWN_FAMILY
    connection.register("japanese_frame", counts[known][["value"]])
    connection.execute("create or replace temp table japanese as select value::varchar from japanese_frame")
    connection.unregister("japanese_frame")


def _load_nicknames(connection: Connection) -> None:
    """The table `nickname` (l_value, r_value): a given name and its short form, in both orders."""
    pairs = [(full, short) for full, forms in tables.rows("nicknames.tsv") for short in forms.split(" ")]
    frame = pd.DataFrame(pairs + [(short, full) for full, short in pairs], columns=pd.Index(["l_value", "r_value"]))
    connection.register("nickname_frame", frame)
    connection.execute("create or replace temp table nickname as select distinct * from nickname_frame")
    connection.unregister("nickname_frame")


@lru_cache(maxsize=1)
def national_shares() -> Mapping[str, float]:
    """Family name, in kanji or romaji, -> share of Japan's inhabitants (japanese-personal-name-dataset)."""
    _, _, families = load_dataset("org", include_last_names=True)
    shares: dict[str, float] = {}
    for kanji, entry in families.items():
        shares[kanji] = entry["count"] / _POPULATION
        romaji = _romaji(entry["en"])
        shares[romaji] = shares.get(romaji, 0.0) + entry["count"] / _POPULATION
    return shares


def _romaji(text: str) -> str:
    """Long vowels as normalise writes them: satou = sato. Other scripts stay."""
    return re.sub(r"ou|oo|oh(?=[^aeiou]|$)", "o", text).replace("uu", "u") if text.isascii() else text


def prior_odds(own: int, other: int, *, same_system: bool) -> float:
    """Odds that two records taken at random are one customer; `own`, `other`: records in the two CRMs.

    Half of the smaller side is expected on the other one: 0.5 / n (facts, section 10). Inside one CRM `own` counts.
    """
    return _DUPLICATES / max(own, 1) if same_system else _COUNTERPARTS / max(own, other, 1)
