"""What two companies are compared by: each comparison's outcomes, what they weigh to start from, what they can do.

Start values as for people (people.py). Belongs here: the tables. Not here: how an outcome is found (comparison/).
"""

from __future__ import annotations

from crm_pipeline.match.vocabulary import Comparison, Force, Group, Level

_NAME, _PARTIAL, _SUPPORT, _IDENTIFIER = Force.NAME, Force.PARTIAL, Force.SUPPORT, Force.IDENTIFIER
_NEUTRAL, _DOUBT, _CONTRADICTION = Force.NEUTRAL, Force.DOUBT, Force.CONTRADICTION

COMPANY_NAME = Comparison(
    "company_name",
    Group.NAME,
    (
        Level("equal", 0, _NAME, 0.8, term=True, cap=4.5),
        Level("similar", 2, _PARTIAL, 0.12, cap=4),
        Level("close", -0.5, _NEUTRAL, 0.04, cap=2),
        Level("different", -2, _CONTRADICTION, 0.04),
    ),
)

LEGAL_FORM = Comparison(
    "legal_form",
    Group.LEGAL_FORM,
    (
        Level("equal", 0, _NEUTRAL, 0.95, cap=0.5),
        Level("position", -0.5, _DOUBT, 0.025),
        Level("different", -1, _DOUBT, 0.025),
    ),
)

#: `people`: the domain of its people's e-mail addresses. `name`: one is called as the other's domain.
DOMAIN = Comparison(
    "domain",
    Group.DOMAIN,
    (
        Level("equal", 4, _IDENTIFIER, 0.6, cap=6),
        Level("people", 2.5, _SUPPORT, 0.1, cap=5),
        Level("shared", 0.5, _SUPPORT, 0.02, cap=2),
        Level("name", 3, _PARTIAL, 0.08, cap=4),
        Level("different", -0.7, _DOUBT, 0.2),
    ),
    groups={"name": Group.NAME},
)

PHONE = Comparison(
    "phone",
    Group.WORKPLACE,
    (
        Level("mobile", 3, _IDENTIFIER, 0.1, cap=5),
        Level("fixed", 3, _IDENTIFIER, 0.45, cap=5),
        Level("not_valid", 1, _SUPPORT, 0.02, cap=4),
        Level("shared", 0.5, _SUPPORT, 0.03, cap=2),
        Level("different", 0, _NEUTRAL, 0.4, cap=0),
    ),
)

ADDRESS = Comparison(
    "address",
    Group.WORKPLACE,
    (
        Level("postal_code", 0, _SUPPORT, 0.5, term=True, cap=2),
        Level("town", 0, _SUPPORT, 0.08, term=True, cap=2),
        Level("near", 0, _SUPPORT, 0.05, term=True, cap=0.5),
        Level("similar", 0.7, _SUPPORT, 0.02, cap=2),
        Level("code_typo", 0.7, _SUPPORT, 0.02, cap=1.5),
        Level("city", 0, _SUPPORT, 0.1, term=True, cap=1.5),
        Level("prefecture", 0, _SUPPORT, 0.08, term=True, cap=1),
        Level("different", -0.5, _DOUBT, 0.15),
    ),
)

AREA_CODE = Comparison(
    "area_code",
    Group.WORKPLACE,
    (Level("agrees", 0, _SUPPORT, 0.8, term=True, cap=1), Level("differs", 0, _NEUTRAL, 0.2, cap=0)),
)

#: 法人番号: one of each corporation, its branches included. A wrong one is rare, as it has a check digit.
CORPORATE_NUMBER = Comparison(
    "corporate_number",
    Group.CORPORATE_NUMBER,
    (Level("equal", 5, _IDENTIFIER, 0.97, cap=6), Level("different", -4, _CONTRADICTION, 0.03)),
)

#: The order is that of a pattern's digits.
COMPANY: tuple[Comparison, ...] = (COMPANY_NAME, LEGAL_FORM, DOMAIN, PHONE, ADDRESS, AREA_CODE, CORPORATE_NUMBER)
