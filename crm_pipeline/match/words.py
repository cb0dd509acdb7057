"""Evidence in words, English and Japanese, for the person who decides.

Pure. Values are shown as compared (folded names, parsed addresses); an area code as it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from crm_pipeline.match.tier import Outcome

_TEMPLATES = Path(__file__).parent / "tables" / "words.tsv"
_PREFECTURES = Path(__file__).parents[1] / "normalise" / "tables" / "prefectures.tsv"


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


@lru_cache(maxsize=1)
def _templates() -> Mapping[Outcome, tuple[str, str]]:
    return {(row[0], row[1]): (row[2], row[3]) for row in _rows(_TEMPLATES)}


@lru_cache(maxsize=1)
def _romaji() -> Mapping[str, str]:
    """Prefecture -> its name in Latin letters."""
    return {row[0]: row[1] for row in _rows(_PREFECTURES)}


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
