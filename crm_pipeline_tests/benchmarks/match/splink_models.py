"""The models Splink is run with. Belongs here: comparisons, blocking rules, training, as Splink's documentation has or
advises them. Not here: running and measuring (splink_side.py).

FEBRL and fake_1000: the models of Splink's own examples (docs/demos/examples/duckdb: febrl3, febrl4,
accuracy_analysis_from_labels_column), with `suburb` added because ours is told it too, and looser blocking for
fake_1000. CRM: written for this benchmark, by Splink's advice: correlated columns in one comparison (company and mail
domain; parts of an address), term frequencies on names and companies, readings as an array level, u from 1e6 pairs,
training once blocked by name and once by e-mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on


@dataclass(frozen=True)
class Model:
    """`certain` rules find about `recall` of all matches and little else; `training`: blocking rules of each EM run."""

    settings: SettingsCreator
    certain: list[Any]
    recall: float
    training: list[Any]
    without_term_frequencies: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


_SWAPPED = "l.given_name = r.surname and l.surname = r.given_name"


def febrl(*, link: bool) -> Model:
    """FEBRL 3 (duplicates in one file) or 4 (two files)."""
    shared = [
        cl.DateOfBirthComparison(
            "date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
        ),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("suburb", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    names = [cl.NameComparison("given_name"), cl.NameComparison("surname")]
    if link:
        names = [one.configure(term_frequency_adjustments=True) for one in names]
        own = [
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ]
        blocking = [
            block_on("given_name", "surname"),
            _SWAPPED,
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("street_number", "suburb"),
            block_on("postcode"),
        ]
    else:
        own = [
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ]
        blocking = [block_on(name) for name in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")]
    certain = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    return Model(
        SettingsCreator(
            link_type="link_only" if link else "dedupe_only",
            comparisons=[*names, *shared, *own],
            blocking_rules_to_generate_predictions=blocking,
        ),
        certain if link else [*certain, f"{_SWAPPED} and l.date_of_birth = r.date_of_birth"],
        0.8 if link else 0.9,
        [block_on("date_of_birth"), block_on("postcode")],
        without_term_frequencies=link,
    )


def fake_1000() -> Model:
    """The quick model of the documentation for these data."""
    return Model(
        SettingsCreator(
            link_type="dedupe_only",
            comparisons=[
                cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
                cl.NameComparison("surname").configure(term_frequency_adjustments=True),
                cl.DateOfBirthComparison("dob", input_is_string=True),
                cl.ExactMatch("city").configure(term_frequency_adjustments=True),
                cl.EmailComparison("email"),
            ],
            blocking_rules_to_generate_predictions=[
                block_on("first_name"),
                block_on("surname"),
                block_on("dob"),
                block_on("email"),
                block_on("city", "substr(dob, 1, 4)"),
            ],
        ),
        [
            block_on("first_name", "surname", "dob"),
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            block_on("email"),
        ],
        0.7,
        [block_on("first_name", "surname"), block_on("dob")],
    )


def crm() -> Model:
    """Two CRMs, normalised (normalised.py)."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _name("family"),
            _name("given"),
            cl.EmailComparison("email"),
            cl.ArrayIntersectAtSizes("phones", [1]),
            _employer(),
            _place(),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("phones", arrays_to_explode=["phones"]),
            block_on("family", "given"),
            block_on("readings", arrays_to_explode=["readings"]),
            block_on("family", "company"),
            block_on("given", "company"),
            block_on("family", "domain"),
            block_on("given", "domain"),
            block_on("family", "city"),
            block_on("family", "birth_date"),
            block_on("given", "birth_date"),
            block_on("house", "given"),
            block_on("split_part(email, '@', 1)", "family"),
        ],
        retain_matching_columns=False,
    )
    return Model(
        settings,
        [
            block_on("email", "family"),
            block_on("family", "given", "company"),
            block_on("family", "given", "birth_date"),
            block_on("family", "given", "phones[1]"),
        ],
        0.4,
        [block_on("family", "given"), block_on("email")],
    )


def _name(column: str) -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column).configure(tf_adjustment_column=column),
            cll.ArrayIntersectLevel(f"{column}_readings", 1),
            cll.JaroWinklerLevel(column, 0.92),
            cll.JaroWinklerLevel(column, 0.8),
            cll.ElseLevel(),
        ],
    )


def _employer() -> cl.CustomComparison:
    nothing = "(company_l is null or company_r is null) and (domain_l is null or domain_r is null)"
    return cl.CustomComparison(
        output_column_name="employer",
        comparison_levels=[
            cll.CustomLevel(nothing).configure(is_null_level=True),
            cll.ExactMatchLevel("company").configure(tf_adjustment_column="company"),
            cll.ExactMatchLevel("domain").configure(tf_adjustment_column="domain"),
            cll.JaroWinklerLevel("company", 0.92),
            cll.ElseLevel(),
        ],
    )


def _place() -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            cll.CustomLevel("prefecture_l is null or prefecture_r is null").configure(is_null_level=True),
            cll.ExactMatchLevel("house"),
            cll.ExactMatchLevel("postal_code").configure(tf_adjustment_column="postal_code"),
            cll.ExactMatchLevel("city").configure(tf_adjustment_column="city"),
            cll.ExactMatchLevel("prefecture").configure(tf_adjustment_column="prefecture"),
            cll.ElseLevel(),
        ],
    )


MODELS = {
    "febrl3": lambda: febrl(link=False),
    "febrl4": lambda: febrl(link=True),
    "fake_1000": fake_1000,
    "crm": crm,
}
