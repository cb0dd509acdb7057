"""What two people are compared by: each comparison's outcomes, what they weigh to start from, what they can do.

Start weights: facts on Japanese identity data, section 10. Start shares are own estimates: estimation (model/) replaces
both as far as the data carry it. Belongs here: the tables. Not here: how an outcome is found (comparison/).
"""

from __future__ import annotations

from crm_pipeline.match.vocabulary import Comparison, Force, Group, Level

_NAME, _PARTIAL, _SUPPORT, _IDENTIFIER = Force.NAME, Force.PARTIAL, Force.SUPPORT, Force.IDENTIFIER
_NEUTRAL, _DOUBT, _CONTRADICTION = Force.NEUTRAL, Force.DOUBT, Force.CONTRADICTION

FAMILY_NAME = Comparison(
    "family_name",
    Group.NAME,
    (
        Level("equal", 0, _NAME, 0.85, term=True, cap=5.5),
        Level("reading", 0, _NAME, 0.05, term=True, cap=4),
        Level("weak", -0.7, _PARTIAL, 0.01, term=True, cap=4),
        Level("similar", -1, _PARTIAL, 0.03, term=True, cap=3),
        Level("close", -0.5, _NEUTRAL, 0.015, cap=2),
        Level("reading_differs", -1.5, _DOUBT, 0.005),
        Level("changed", -1.5, _DOUBT, 0.01),
        Level("different", -4, _CONTRADICTION, 0.03),
    ),
)

GIVEN_NAME = Comparison(
    "given_name",
    Group.NAME,
    (
        Level("equal", 0, _NAME, 0.79, term=True, cap=4),
        Level("reading", 1, _NAME, 0.05, cap=3.5),
        Level("initial", 1, _PARTIAL, 0.03, cap=2),
        Level("nickname", 1, _NAME, 0.02, cap=3),
        Level("mailbox", 1.5, _PARTIAL, 0.01, cap=2.5),
        Level("weak", 0.3, _PARTIAL, 0.01, cap=3),
        Level("similar", 0.3, _PARTIAL, 0.03, cap=3),
        Level("close", -0.5, _NEUTRAL, 0.015, cap=2),
        Level("reading_differs", -1.5, _DOUBT, 0.005),
        Level("different", -4, _CONTRADICTION, 0.04),
    ),
)

#: `local`: the same name at another provider, which somebody with the same name may have as well. `similar`: one edit.
E_MAIL = Comparison(
    "e_mail",
    Group.E_MAIL,
    (
        Level("equal", 6, _IDENTIFIER, 0.55, cap=9),
        Level("shared", 1, _SUPPORT, 0.03, cap=2),
        Level("similar", 1.5, _SUPPORT, 0.02, cap=3.5),
        Level("local", 0.7, _NEUTRAL, 0.05, cap=2),
        Level("different", 0, _NEUTRAL, 0.35, cap=0),
    ),
    groups={"shared": Group.WORKPLACE},
)

PHONE = Comparison(
    "phone",
    Group.PHONE,
    (
        Level("mobile", 5, _IDENTIFIER, 0.3, cap=8),
        Level("fixed", 3, _SUPPORT, 0.28, cap=7),
        Level("not_valid", 2, _SUPPORT, 0.02, cap=5),
        Level("shared", 0.5, _SUPPORT, 0.03, cap=2),
        Level("different", 0, _NEUTRAL, 0.37, cap=0),
    ),
    groups={"shared": Group.WORKPLACE},
)

EXTENSION = Comparison(
    "extension",
    Group.PHONE,
    (Level("equal", 0, _NEUTRAL, 0.8, cap=1), Level("different", -1, _DOUBT, 0.2)),
)

#: `digit`: one digit off; `year`: the same year only. Often slips, once all else agrees.
BIRTH_DATE = Comparison(
    "birth_date",
    Group.BIRTH,
    (
        Level("equal", 0, _SUPPORT, 0.93, term=True, cap=4),
        Level("swapped", 1.5, _SUPPORT, 0.01, cap=4),
        Level("digit", 1, _NEUTRAL, 0.02, cap=2.5),
        Level("year", -1, _NEUTRAL, 0.01, cap=1),
        Level("different", -3, _CONTRADICTION, 0.03),
    ),
)

#: `similar`: the town in other words; `code_typo`: the postal code is one digit off.
ADDRESS = Comparison(
    "address",
    Group.WORKPLACE,
    (
        Level("postal_code", 0, _SUPPORT, 0.45, term=True, cap=3),
        Level("town", 0, _SUPPORT, 0.08, term=True, cap=3),
        Level("near", 0, _SUPPORT, 0.05, term=True, cap=1.5),
        Level("similar", 1, _SUPPORT, 0.02, cap=3),
        Level("code_typo", 1, _SUPPORT, 0.02, cap=2.5),
        Level("city", 0, _SUPPORT, 0.1, term=True, cap=2.5),
        Level("prefecture", 0, _SUPPORT, 0.08, term=True, cap=1.8),
        Level("different", -0.7, _DOUBT, 0.2),
    ),
)

AREA_CODE = Comparison(
    "area_code",
    Group.WORKPLACE,
    (Level("agrees", 0, _SUPPORT, 0.75, term=True, cap=1.7), Level("differs", -0.3, _DOUBT, 0.25)),
)

COMPANY_OF_PERSON = Comparison(
    "company",
    Group.WORKPLACE,
    (
        Level("equal", 0, _SUPPORT, 0.6, term=True, cap=3),
        Level("similar", 1, _SUPPORT, 0.12, cap=2),
        Level("different", -1, _DOUBT, 0.28),
    ),
)

DOMAIN_OF_PERSON = Comparison(
    "domain",
    Group.WORKPLACE,
    (
        Level("employer", 0, _SUPPORT, 0.15, term=True, cap=3),
        Level("equal", 0, _SUPPORT, 0.45, term=True, cap=3),
        Level("different", 0, _NEUTRAL, 0.4, cap=0),
    ),
)

#: One of the names is a sample, such as 山田太郎 on a form: weighs nothing by itself, bounds the name (scoring.py).
SAMPLE_NAME = Comparison("sample_name", Group.SAMPLE, (Level("one", 0, _NEUTRAL, 1.0, cap=0),))

#: The order is that of a pattern's digits; `changed` looks back at what stands before it.
PERSON: tuple[Comparison, ...] = (
    FAMILY_NAME,
    GIVEN_NAME,
    E_MAIL,
    PHONE,
    EXTENSION,
    BIRTH_DATE,
    ADDRESS,
    AREA_CODE,
    COMPANY_OF_PERSON,
    DOMAIN_OF_PERSON,
    SAMPLE_NAME,
)
