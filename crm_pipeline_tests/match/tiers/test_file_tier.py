"""What kinds of evidence allow in a file: facts are counted, and what a household shares is no proof of one person."""

from dataclasses import replace

import pytest

from crm_pipeline.match.file.learning import softened
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.tiers.file_tier import standing_in_file
from crm_pipeline.match.tiers.tier import Own
from crm_pipeline.match.vocabulary import Force
from crm_pipeline.model import Tier

#: As a file teaches in which names and birth dates are often mistyped.
CARELESS = tuple(
    replace(
        comparison,
        learned=True,
        levels=tuple(
            replace(level, force=Force.DOUBT) if level.force is Force.CONTRADICTION else level
            for level in comparison.levels
        ),
    )
    for comparison in PERSON
)
NAMES = {"family_name=equal", "given_name=equal"}
NUMBER = Own(supports=1, identified=True)


def highest(words, own=None, comparisons=CARELESS):
    outcomes = [tuple(word.split("=")) for word in words]
    return standing_in_file(outcomes, comparisons, own).highest


@pytest.mark.parametrize(
    ("outcomes", "own", "tier"),
    [
        (NAMES, None, Tier.RECOMMENDED),
        ({*NAMES, "address=city"}, None, Tier.AUTO),
        ({"given_name=equal", "birth_date=equal"}, None, Tier.AUTO),
        ({"e_mail=equal"}, None, Tier.AUTO),
        (set(), NUMBER, Tier.AUTO),
        # a slip in the birth date, if the given name or a number of the person agrees
        ({*NAMES, "e_mail=equal", "birth_date=different"}, None, Tier.AUTO),
        ({"family_name=equal", "e_mail=equal", "birth_date=different"}, None, Tier.RECOMMENDED),
        # another given name: a household shares its mailbox, twins share the birth date
        ({"family_name=equal", "given_name=different", "e_mail=equal"}, None, Tier.RECOMMENDED),
        ({"family_name=reading", "given_name=reading_differs", "e_mail=equal"}, None, Tier.RECOMMENDED),
        ({"family_name=equal", "given_name=different", "birth_date=equal", "address=town"}, NUMBER, Tier.AUTO),
        (
            {"family_name=equal", "given_name=different", "birth_date=equal", "address=town"},
            Own(differs=True),
            Tier.RECOMMENDED,
        ),
        # the family name only
        ({"family_name=equal", "address=town"}, None, Tier.POSSIBLE),
        # a name of forms and tests
        ({*NAMES, "address=town", "sample_name=one"}, None, Tier.RECOMMENDED),
    ],
)
def test_facts_are_counted(outcomes, own, tier):
    assert highest(outcomes, own) is tier


def test_what_is_hardly_ever_wrong_contradicts_in_files_too():
    careful = tuple(replace(comparison, learned=True) for comparison in PERSON)
    outcomes = {*NAMES, "address=town", "birth_date=different"}
    assert highest(outcomes, comparisons=careful) is Tier.NONE
    assert highest({*outcomes, "e_mail=equal"}, comparisons=careful) is Tier.POSSIBLE


def test_a_model_is_made_again_only_where_a_contradiction_became_a_doubt():
    assert softened(PERSON, CARELESS)
    assert not softened(PERSON, PERSON)


@pytest.mark.parametrize(
    ("outcomes", "own"),
    [
        ({"e_mail=equal", "given_name=different", "family_name=equal"}, None),
        ({"e_mail=equal", "birth_date=different"}, None),
        ({"family_name=equal", "given_name=different", "birth_date=equal"}, Own(supports=1, differs=True)),
    ],
)
def test_where_differences_are_slips_nobody_else_in_the_house_is_feared(outcomes, own):
    slips = tuple(replace(one, slips=one.name == "given_name") for one in CARELESS)
    assert highest(outcomes, own) is Tier.RECOMMENDED
    assert highest(outcomes, own, slips) is Tier.AUTO
