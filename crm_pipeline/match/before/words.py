"""Evidence in words, English and Japanese, for the person who decides.

Pure. Values are shown as compared (folded names, parsed addresses); an area code as it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from crm_pipeline.match import tables
from crm_pipeline.match.before.tier import Outcome
from crm_pipeline.normalise import tables as places


def words(outcome: Outcome, left: str, right: str) -> tuple[str, str]:
    """What one piece of evidence says, in English and in Japanese."""
    english, japanese = _templates()[outcome]
    if outcome[0] == "area_code":
        area, _, prefecture = left.partition("|")
        values = {
            "area": area,
            "region": _romaji().get(prefecture, prefecture),
            "prefecture": prefecture,
            "right": right,
        }
    else:
        values = {"left": left.replace("|", " "), "right": right.replace("|", " ")}
    return english.format(**values), japanese.format(**values)


@cache
def _templates() -> Mapping[Outcome, tuple[str, str]]:
    """(comparison, outcome) -> English, Japanese."""
    return {(row[0], row[1]): (row[2], row[3]) for row in tables.rows("words.tsv")}


@cache
def _romaji() -> Mapping[str, str]:
    """Prefecture -> its name in Latin letters."""
    return {row[0]: row[1] for row in places.rows("prefectures.tsv")}
