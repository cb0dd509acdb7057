"""The two values that a piece of evidence shows: the SQL of each comparison over a pair of records `a` and `b`.

Belongs here: which of a record's values a person should see. Both are the columns of columns.py, worked out for the
records of shown pairs only. Not here: words (words.py), the pairs (evidence.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crm_pipeline.match.own_columns import PREFIX
from crm_pipeline.match.records import columns
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind


class Shown(NamedTuple):
    """SQL of the value here and the value there; `outcome` may be asked."""

    left: str
    right: str


def _both(expression: str) -> Shown:
    """The same column of both; `{0}` is the record."""
    return Shown(expression.format("a"), expression.format("b"))


def _common(column: str) -> Shown:
    """The best value that both have, without its rank; where they have none in common, the first of each."""
    shared = f"list_min(list_intersect(a.{column}, b.{column}))"
    return Shown(
        f"coalesce({shared}, list_min(a.{column}))[2:]",
        f"coalesce({shared}, list_min(b.{column}))[2:]",
    )


_PLACE = _both("coalesce(nullif(concat({0}.prefecture, {0}.city, {0}.town), ''), {0}.postal_code)")
_ADDRESS = Shown(
    f"if(outcome in ('postal_code', 'code_typo'), a.postal_code, {_PLACE.left})",
    f"if(outcome in ('postal_code', 'code_typo'), b.postal_code, {_PLACE.right})",
)

#: Whose number, whose address: agreement is looked for first.
_CALLS = "if(outcome = 'agrees', list_contains(a.area, b.prefecture), b.prefecture is not null and len(a.area) > 0)"
_CALLED = (
    f"if({_CALLS}, if(outcome = 'agrees', b.prefecture, a.area[1]), if(outcome = 'agrees', a.prefecture, b.area[1]))"
)
_NUMBER = f"list_filter(if({_CALLS}, a.fixed, b.fixed), lambda t: t.prefecture = {_CALLED})[1].e164"
_AREA_CODE = Shown(
    # as it was typed; a number without a visible area code in full
    f"concat(coalesce((select area from typed where e164 = {_NUMBER}), {_NUMBER}), '|', {_CALLED})",
    f"if({_CALLS}, concat(b.prefecture, b.city), concat(a.prefecture, a.city))",
)

_MAILBOX = "list_min(list_transform(list_filter({0}.e_mails, lambda m: not m.shared), lambda m: m.identity))"
_PERSON: Mapping[str, Shown] = {
    "family_name": _both("coalesce({0}.family_key, {0}.full_key)"),
    "given_name": Shown(
        f"if(outcome = 'mailbox', if(a.given_key is null, {_MAILBOX.format('a')}, {_MAILBOX.format('b')}), "
        "coalesce(a.given_key, a.full_key))",
        "if(outcome = 'mailbox', coalesce(b.given_key, a.given_key), coalesce(b.given_key, b.full_key))",
    ),
    "e_mail": _common("e_mail"),
    "birth_date": _both("{0}.birth_date"),
    "company": _both("{0}.company_key"),
    "domain": Shown(
        "coalesce(list_min(list_intersect(a.domain, b.domain)), list_min(a.domain))",
        "coalesce(list_min(list_intersect(a.domain, b.domain)), list_min(b.domain))",
    ),
}
_COMPANY: Mapping[str, Shown] = {
    "company_name": _both("{0}.name_key"),
    "corporate_number": _both("{0}.corporate_number"),
    "legal_form": _both("concat({0}.legal_form, '|', {0}.legal_form_position)"),
    "domain": Shown(
        "if(outcome = 'name', if(list_contains(a.label, b.name_key), list_min(a.own_site), list_min(b.own_site))[2:], "
        f"{_common('site').left})",
        "if(outcome = 'name', if(list_contains(a.label, b.name_key), b.name_key, a.name_key), "
        f"{_common('site').right})",
    ),
}
_ANY: Mapping[str, Shown] = {
    "phone": _common("phone"),
    "extension": Shown(
        "list_min(list_intersect(a.extended, b.extended))", "list_min(list_intersect(a.extended, b.extended))"
    ),
    "address": _ADDRESS,
    "area_code": _AREA_CODE,
}


def shown(kind: Kind, comparison: Comparison, outcome: str) -> Shown:
    """The two values of a comparison, as SQL over the rows `a` and `b` of `records(kind, ids)`. `outcome`: the column
    with the outcome's name."""
    if comparison.method is not None:
        name = comparison.name.replace("'", "''")
        return _both("{0}.extra['" + name.replace("{", "{{").replace("}", "}}") + "']")
    known = _PERSON if kind is Kind.PERSON else _COMPANY
    found = known.get(comparison.name) or _ANY[comparison.name]
    return Shown(found.left.replace("outcome", outcome), found.right.replace("outcome", outcome))


def records(kind: Kind, ids: str) -> str:
    """SQL of the records whose id is in the relation `ids`, with what is shown of them."""
    several = {name: sql for name, sql in columns.SETS[kind].items() if not name.startswith(PREFIX)}
    single = {name: sql for name, sql in columns.VALUES[kind].items() if name != "source"}
    listed = ", ".join(f'{sql} as "{name}"' for name, sql in (single | several).items())
    mails = "e_mails, " if kind is Kind.PERSON else ""
    fixed = "list_filter(phones, lambda t: not t.mobile and t.prefecture is not null) as fixed"
    return f"select id, record_key, extra, {mails}{fixed}, {listed} from match.{kind} semi join {ids} using (id)"
