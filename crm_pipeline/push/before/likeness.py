"""By what two records may be the same customer, as far as a push asks: coarser than matching, and on purpose.

A false alarm costs one night, a miss a duplicate in a CRM. Pure. Belongs here: which values count. Not here: the keys
of a value (normalise/), which records are compared (newcomers.py), who is matched (match/).
"""

from __future__ import annotations

from collections.abc import Iterable

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

#: (what, key): two records that share one may be the same.
Mark = tuple[str, str]


def marks(kind: Kind, held: Iterable[tuple[str, Value]], region: str) -> frozenset[Mark]:
    """Of a record that holds these values, by role: e-mail addresses, telephones, domains, corporate numbers, and the
    name, a person's as written and as read. `region`: the country of a telephone without a country code.

    A person's company is not asked: people change it, and matching asks a person about a namesake elsewhere as well.
    """
    by_role: dict[str, list[str]] = {}
    for role, value in held:
        if role in ROLES and value is not None and str(value).strip():
            by_role.setdefault(role, []).append(str(value))
    found: set[Mark] = set()
    for text in by_role.get("e_mail", ()):
        for one in text.split(_SEVERAL):
            address = normalise_e_mail(one)
            found |= {("e_mail", key) for key in (address.delivery, address.identity) if key}
    for text in by_role.get("phone", ()):
        number = normalise_phone(text, region)
        if number.e164 and number.status != "junk":
            found.add(("phone", number.e164))
    found |= {("website", key) for text in by_role.get("website", ()) if (key := company_domain(text))}
    found |= {("number", key) for text in by_role.get("corporate_number", ()) if (key := corporate_number(text))}
    if kind is Kind.COMPANY:
        names = {key for text in by_role.get("company", ()) if (key := normalise_company(text).key)}
    else:
        names = _names(by_role)
    return frozenset(found | {("name", key) for key in names})


def _names(by_role: dict[str, list[str]]) -> set[str]:
    family, given = (next(iter(by_role.get(role, ())), None) for role in ("family_name", "given_name"))
    name = normalise_name_parts(family, given)
    written = (name.family_key or "") + (name.given_key or "")
    return {written, *name.readings} - {""}
