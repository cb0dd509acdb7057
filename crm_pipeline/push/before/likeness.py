"""By what two records may be the same customer, as far as a push asks: coarser than matching, and on purpose.

A false alarm costs one night, a miss a duplicate in a CRM. Pure. Belongs here: which values count, and when two records
meet. Not here: the keys of a value (normalise/), which records are compared (newcomers.py), who is matched (match/).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm_pipeline.model import Kind, Value
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.corporate_number import corporate_number
from crm_pipeline.normalise.domain import company_domain
from crm_pipeline.normalise.e_mail import normalise_e_mail
from crm_pipeline.normalise.name import normalise_name_parts
from crm_pipeline.normalise.phone import normalise_phone

#: The roles (config/field.py) that are asked.
ROLES = frozenset({"family_name", "given_name", "e_mail", "phone", "company", "website", "corporate_number"})
#: What may hold several values at once, with `;` between.
_SEVERAL = ";"

#: (role, key): two records that share one may be the same.
Mark = tuple[str, str]


@dataclass(frozen=True)
class Likeness:
    """`marks`: e-mail addresses, telephones, domains, corporate numbers, and a company's name. `names`: a person's name
    as written and as read; it counts unless both records name a company (`firms`) and none of one's is the other's."""

    marks: frozenset[Mark] = frozenset()
    names: frozenset[str] = frozenset()
    firms: frozenset[str] = frozenset()

    def less(self, known: Likeness) -> Likeness:
        """What is new beside what was known: marks, and the name if it or the company is another one."""
        renamed = bool(self.names - known.names or self.firms - known.firms)
        return Likeness(self.marks - known.marks, self.names if renamed else frozenset(), self.firms)

    def __or__(self, other: Likeness) -> Likeness:
        return Likeness(self.marks | other.marks, self.names | other.names, self.firms | other.firms)


def likeness(kind: Kind, held: Iterable[tuple[str, Value]], region: str) -> Likeness:
    """Of a record that holds these values, by role. `region`: the country of a telephone without a country code."""
    by_role: dict[str, list[str]] = {}
    for role, value in held:
        if role in ROLES and value is not None and str(value).strip():
            by_role.setdefault(role, []).append(str(value))
    marks: set[Mark] = set()
    for text in by_role.get("e_mail", ()):
        for one in text.split(_SEVERAL):
            address = normalise_e_mail(one)
            marks |= {("e_mail", key) for key in (address.delivery, address.identity) if key}
    for text in by_role.get("phone", ()):
        number = normalise_phone(text, region)
        if number.e164 and number.status != "junk":
            marks.add(("phone", number.e164))
    marks |= {("website", key) for text in by_role.get("website", ()) if (key := company_domain(text))}
    marks |= {("number", key) for text in by_role.get("corporate_number", ()) if (key := corporate_number(text))}
    firms = {key for text in by_role.get("company", ()) if (key := normalise_company(text).key)}
    if kind is Kind.COMPANY:
        return Likeness(frozenset(marks | {("name", key) for key in firms}))
    return Likeness(frozenset(marks), _names(by_role), frozenset(firms))


def _names(by_role: dict[str, list[str]]) -> frozenset[str]:
    family, given = (next(iter(by_role.get(role, ())), None) for role in ("family_name", "given_name"))
    name = normalise_name_parts(family, given)
    written = (name.family_key or "") + (name.given_key or "")
    return frozenset({written, *name.readings} - {""})


@dataclass
class Crowd:
    """Many records, asked for one that may be the same as another; each has a name to tell it by."""

    _marked: dict[Mark, str] = field(default_factory=dict)
    _named: dict[str, list[tuple[frozenset[str], str]]] = field(default_factory=dict)

    def add(self, name: str, one: Likeness) -> None:
        for mark in one.marks:
            self._marked.setdefault(mark, name)
        for text in one.names:
            self._named.setdefault(text, []).append((one.firms, name))

    def __bool__(self) -> bool:
        return bool(self._marked or self._named)

    def met_by(self, one: Likeness) -> str | None:
        """The first record, by its name, that may be the same; None if there is none."""
        found = {self._marked[mark] for mark in one.marks if mark in self._marked}
        for text in one.names:
            found |= {
                name
                for firms, name in self._named.get(text, ())
                if not firms or not one.firms or not firms.isdisjoint(one.firms)
            }
        return min(found, default=None)
