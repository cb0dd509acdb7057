"""What tiers each kind of evidence allows, whatever the numbers (spec identity.md, Tiers)."""

from __future__ import annotations

import pytest

from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.tiers.tier import contradictory, identifying, standing
from crm_pipeline.model import Tier

NAME = "family_name:equal given_name:equal"


def _outcomes(text: str) -> list[tuple[str, str]]:
    return [(comparison, level) for comparison, _, level in (item.partition(":") for item in text.split())]


@pytest.mark.parametrize(
    ("found", "highest", "lowest"),
    [
        (f"{NAME} birth_date:equal", Tier.AUTO, Tier.RECOMMENDED),
        (f"{NAME} e_mail:equal", Tier.AUTO, Tier.RECOMMENDED),
        (NAME, Tier.RECOMMENDED, Tier.NONE),
        ("e_mail:equal", Tier.AUTO, Tier.NONE),
        ("family_name:equal e_mail:equal", Tier.AUTO, Tier.NONE),
        ("family_name:equal birth_date:equal address:city", Tier.POSSIBLE, Tier.NONE),
        ("birth_date:equal address:city", Tier.NONE, Tier.NONE),
        (f"{NAME} e_mail:local", Tier.RECOMMENDED, Tier.NONE),
        (f"{NAME} e_mail:similar", Tier.AUTO, Tier.RECOMMENDED),
        # contradictions
        (f"{NAME} birth_date:different address:city", Tier.NONE, Tier.NONE),
        (f"{NAME} birth_date:different e_mail:equal", Tier.POSSIBLE, Tier.NONE),
        ("family_name:changed given_name:equal birth_date:equal e_mail:equal", Tier.RECOMMENDED, Tier.NONE),
        # slips ask for more, but do not forbid
        (f"{NAME} birth_date:digit address:city", Tier.RECOMMENDED, Tier.NONE),
        # another birth date is never linked without a person, whatever else agrees
        (f"{NAME} birth_date:digit address:city phone:fixed", Tier.RECOMMENDED, Tier.NONE),
        (f"{NAME} birth_date:digit e_mail:equal", Tier.RECOMMENDED, Tier.NONE),
        (f"{NAME} birth_date:year e_mail:equal", Tier.RECOMMENDED, Tier.NONE),
        (f"{NAME} domain:different address:city", Tier.AUTO, Tier.RECOMMENDED),
        ("family_name:similar given_name:equal e_mail:similar domain:equal", Tier.RECOMMENDED, Tier.NONE),
        ("family_name:similar given_name:equal birth_date:equal", Tier.RECOMMENDED, Tier.NONE),
        ("family_name:similar given_name:similar birth_date:equal phone:fixed", Tier.AUTO, Tier.NONE),
        ("family_name:equal given_name:close birth_date:equal phone:fixed", Tier.RECOMMENDED, Tier.NONE),
        ("family_name:equal given_name:close birth_date:equal phone:fixed address:town", Tier.AUTO, Tier.NONE),
        ("family_name:equal given_name:initial birth_date:equal phone:fixed", Tier.RECOMMENDED, Tier.NONE),
        (f"{NAME} sample_name:one e_mail:equal", Tier.RECOMMENDED, Tier.RECOMMENDED),
        # workplaces are one fact
        ("family_name:similar given_name:equal address:town company:equal", Tier.RECOMMENDED, Tier.NONE),
    ],
)
def test_evidence_allows(found: str, highest: Tier, lowest: Tier) -> None:
    allowed = standing(_outcomes(found), PERSON)
    assert (allowed.highest, allowed.lowest) == (highest, lowest)
    assert (allowed.why_not_auto is None) == (highest is Tier.AUTO)


@pytest.mark.parametrize(
    ("found", "highest"),
    [
        ("company_name:equal domain:equal", Tier.AUTO),
        ("company_name:equal address:city", Tier.AUTO),
        ("company_name:equal domain:equal legal_form:different", Tier.RECOMMENDED),
        ("company_name:different domain:shared", Tier.NONE),
        ("company_name:different domain:equal", Tier.POSSIBLE),
        ("domain:name address:postal_code", Tier.RECOMMENDED),
    ],
)
def test_evidence_of_companies_allows(found: str, highest: Tier) -> None:
    assert standing(_outcomes(found), COMPANY).highest is highest


def test_what_keeps_apart_and_what_brings_back() -> None:
    assert contradictory(PERSON) == {
        ("family_name", "different"),
        ("given_name", "different"),
        ("birth_date", "different"),
    }
    assert identifying(PERSON) == {
        ("e_mail", "equal"),
        ("phone", "mobile"),
        ("birth_date", "equal"),
        ("birth_date", "swapped"),
    }
