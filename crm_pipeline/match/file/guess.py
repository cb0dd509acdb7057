"""What the columns of a file mean, guessed: by their headers, and by what their values look like.

Belongs here: from headers and samples of values to a mapping, and to words about columns that have no part. Not here:
the known headers (headers.py), a mapping that a person wrote (mapping.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from crm_pipeline.match.file.headers import ANSWER, NO_HELP, OWNERS, Meaning, is_numbered, meaning, words_of
from crm_pipeline.match.file.mapping import OF_COMPANIES, Column, FileMapping, is_of_companies
from crm_pipeline.match.own_columns import METHODS

#: Roles that take several columns, and how many at most.
_SEVERAL = {"e_mail": 3, "phone": 3, "reading": 2, "address": 6}
_E_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?=(?:\D*\d){9,15}\D*$)(?:\+|\(?0|\d{3}[-. )])[\d\s().+/-]+")
_ANY_NUMBER = re.compile(r"(?:\D*\d){6}")
_DATE = re.compile(
    r"((?:18|19|20)\d\d)[-/.年]?[01]?\d[-/.月]?[0-3]?\d日?(?:[ T].*)?|[0-3]?\d[-/.][0-3]?\d[-/.]((?:18|19|20)\d\d)"
)
_YEAR, _MONTH, _DAY = (
    re.compile(parts + r"(?:\.0)?[年月日]?")
    for parts in (r"(?:18|19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])")
)
_NO_PERSON = re.compile(r"[a-zA-Z'’]+|(?:\S+\s+){3,}\S+|.*[\d&].*")
#: Two words at least, or a name in kanji.
_WORDS = re.compile(r"(?=\D*\Z)[^\W\d_][^\s,、]*[\s,、][\W_]*[^\W_].*|[^\W\d_a-zA-Z]{3,}", re.DOTALL)
_CODE = re.compile(r"(?=.*\d)[\w./-]{5,40}")
_LEGAL_FORM = re.compile(
    r"株式会社|有限会社|合同会社|[㈱㈲]|\((?:株|有)\)|\b(?:inc|ltd|llc|gmbh|corp|co|plc|limited|company|s\.?a\.?|b\.?v\.?|ag)\b\.?$",
    re.IGNORECASE,
)
#: A mailing address goes before a billing one; all of one address come from one of them.
_DATE_PARTS = ("birth_year", "birth_month", "birth_day")
_ADDRESSES = ("", "home", "mailing", "自宅", "billing", "shipping", "work", "business", "company", "会社", "other")


@dataclass(frozen=True)
class Look:
    """A column's values: some of them, how many rows have one, how many different ones there are."""

    sample: Sequence[str]
    filled: int
    distinct: int

    def share(self, pattern: re.Pattern[str], *, whole: bool = True) -> float:
        """The share of the sample that looks so."""
        fits = pattern.fullmatch if whole else pattern.search
        return sum(fits(value) is not None for value in self.sample) / len(self.sample) if self.sample else 0.0


@dataclass(frozen=True)
class Guess:
    """`left_out`: column -> why it has no part, in words."""

    mapping: FileMapping
    left_out: Mapping[str, str]


def guess(header: Sequence[str], rows: int, look: Callable[[str], Look]) -> Guess:
    """The mapping of a file with these columns and so many rows."""
    left_out: dict[str, str] = {}
    looks = {name: look(name) for name in header}
    said: dict[str, Meaning] = {}
    for name in header:
        found = _checked(meaning(name), looks[name]) or _by_values(name, looks[name])
        if not looks[name].filled:
            left_out[name] = "it is empty"
        elif found is None or found.role == NO_HELP:
            left_out[name] = "it says nothing about who it is"
        elif found.role == ANSWER:
            left_out[name] = "it seems to say which rows are one customer, and the answer is not used"
        else:
            said[name] = found
    _name_alone(said, looks, left_out)
    born = _date_in_parts(said)
    id_ = _identifier(said, looks, rows)
    roles = _roles({name: found for name, found in said.items() if name != id_})
    if born:
        roles["birth_date"] = tuple(map(Column, born))
    for role in OF_COMPANIES & set(roles) if not is_of_companies(roles) else ():
        left_out[roles.pop(role)[0].name] = "it is the employer's"
    compare = {name: said[name].role for name in header if name in said and said[name].role in METHODS and name != id_}
    for name in said:
        if said[name].role == "id" and name != id_ and looks[name].distinct < 0.98 * looks[name].filled:
            compare[name] = "exact"
    mapping = FileMapping(id_, roles, compare)
    for name in header:
        if name not in mapping.used and name not in left_out:
            left_out[name] = "another column has its place"
    return Guess(mapping, left_out)


def _checked(found: Meaning | None, look: Look) -> Meaning | None:
    """What the header says, unless the values say no."""
    if found is None:
        return None
    if found.role == "birth_date" and look.share(_DAY) >= 0.8:
        return Meaning("birth_day", found.rank)  # birth_day, not birthday
    no = {
        "e_mail": look.share(_E_MAIL, whole=False) < 0.3,
        "phone": look.share(_ANY_NUMBER, whole=False) < 0.3,
        "birth_date": look.share(re.compile(r"(?:.*\d){4}.*")) < 0.5,
        "family_name": look.share(re.compile(r"[\d\W]+")) > 0.5,
        "given_name": look.share(re.compile(r"[\d\W]+")) > 0.5,
        "full_name": look.share(re.compile(r"[\d\W]+")) > 0.5,
        "birth_year": look.share(_YEAR) < 0.8,
        "birth_month": look.share(_MONTH) < 0.8,
        "birth_day": look.share(_DAY) < 0.8,
    }
    return None if look.sample and no.get(found.role, False) else found


def _by_values(name: str, look: Look) -> Meaning | None:
    """A column whose header says nothing: e-mail addresses, phone numbers, dates of birth, numbers of customers."""
    if look.share(_E_MAIL) > 0.6:
        return Meaning("e_mail", 2_000)
    if look.share(_DATE) > 0.8:
        years = [int(found[1] or found[2]) for value in look.sample if (found := _DATE.fullmatch(value))]
        return Meaning("birth_date", 2_000) if median(years) < 2008 else None
    if look.share(_PHONE) > 0.8:
        return Meaning("phone", 2_000)
    if look.distinct > 0.5 * look.filled and look.share(_CODE) > 0.9:
        return Meaning("id" if is_numbered(name) and look.distinct == look.filled else "exact", 2_000)
    return None


def _name_alone(said: dict[str, Meaning], looks: Mapping[str, Look], left_out: dict[str, str]) -> None:
    """A column that is called just `name`, or `customer`: the family name beside a given one, a company's, or the whole
    name."""
    roles = {found.role for found in said.values()}
    for name in [name for name in left_out if looks[name].filled and _may_name(words_of(name), looks[name])]:
        if "given_name" in roles and "family_name" not in roles:
            role = "family_name"
        elif roles & {"family_name", "full_name"}:
            role = "full_name" if "full_name" not in roles else ""
        else:
            role = "company" if _names_firms(looks[name], roles) else "full_name"
        if role:
            said[name] = Meaning(role, 500)
            del left_out[name]


def _may_name(words: Sequence[str], look: Look) -> bool:
    """`Customer` names somebody where hardly a value is a number or comes up all the time."""
    if words == ["name"]:
        return True
    return len(words) == 1 and words[0] in OWNERS and look.distinct > 0.2 * look.filled and look.share(_WORDS) > 0.8


def _names_firms(look: Look, roles: set[str]) -> bool:
    """By legal forms; or, in a list of places to call at, by names of one word, of many, or with a number: few people
    are called so."""
    if look.share(_LEGAL_FORM, whole=False) > 0.1:
        return True
    called_at = roles & {"phone", "address", "website"} and is_of_companies({*roles, "company"})
    return bool(called_at) and look.share(_NO_PERSON) > 0.3


def _date_in_parts(said: dict[str, Meaning]) -> list[str]:
    """The columns of year, month and day, where a birth date stands in three. A year alone is compared as a number."""
    best: dict[str, str] = {}
    for name in sorted(said, key=lambda name: said[name].rank):
        if said[name].role in _DATE_PARTS:
            best.setdefault(said[name].role, name)
    whole = any(found.role == "birth_date" for found in said.values())
    parts = [best[role] for role in _DATE_PARTS if role in best]
    for name in [name for name, found in said.items() if found.role in _DATE_PARTS]:
        rank = said.pop(name).rank
        if name == best.get("birth_year") and not whole and len(parts) < len(_DATE_PARTS):
            said[name] = Meaning("number", rank)
    return parts if len(parts) == len(_DATE_PARTS) and not whole else []


def _identifier(said: Mapping[str, Meaning], looks: Mapping[str, Look], rows: int) -> str | None:
    """The column that names the rows: every row has one, no two the same."""
    named = [name for name, found in said.items() if found.role == "id"]
    unique = [name for name in named if looks[name].filled == looks[name].distinct == rows > 0]
    return min(unique, key=lambda name: said[name].rank, default=None)


def _roles(said: Mapping[str, Meaning]) -> dict[str, tuple[Column, ...]]:
    by_role: dict[str, list[str]] = {}
    for name, found in said.items():
        if found.role not in METHODS and found.role != "id":
            by_role.setdefault(found.role, []).append(name)
    roles: dict[str, tuple[Column, ...]] = {}
    for role, names in by_role.items():
        if role == "address":
            names = _one_address(names)
        most = _SEVERAL.get(role, 1)
        chosen = sorted(names, key=lambda name: said[name].rank)[:most]
        if role == "reading" and len(chosen) == 2 and any(_is_whole_reading(name) for name in chosen):
            chosen = [name for name in chosen if _is_whole_reading(name)][:1]
        roles[role] = tuple(Column(name) for name in names if name in chosen)
    return roles


def _one_address(names: Sequence[str]) -> list[str]:
    def owner(name: str) -> int:
        joined = "".join(words_of(name))
        return next((place for place, word in enumerate(_ADDRESSES) if word and joined.startswith(word)), 0)

    best = min(map(owner, names))
    return [name for name in names if owner(name) == best]


def _is_whole_reading(name: str) -> bool:
    """フリガナ, and not セイ or メイ."""
    joined = "".join(words_of(name))
    return (
        not re.search(r"姓|名カナ|名フリガナ|名ふりがな|セイ|せい|メイ|めい|sei|mei|first|last|given|family", joined)
        or "氏名" in joined
    )
