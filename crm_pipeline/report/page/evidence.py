"""The evidence of a match for a page that shows no values: what was compared and found stays, what it says is masked.

Belongs here: words of match/evidence with their values masked (law 45). Not here: the words themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from crm_pipeline.report import mask

_GAP = re.compile(r"\\\{[a-z]+\\\}")


def words(piece: Mapping[str, Any], *, in_full: bool) -> tuple[str, str]:
    """What a piece says in English and in Japanese, with a sign for or against. Values are masked unless `in_full`; of
    words that no template knows, only the name of what was compared is left then."""
    sign = "+" if piece["verdict"] == "supports" else "−"
    said = str(piece["words"]), str(piece["words_ja"])
    if not in_full:
        english, japanese = (_masked(text, language) for language, text in enumerate(said))
        name = str(piece["comparison"]).replace("_", " ")
        said = english or name, japanese or english or name
    return f"{sign} {said[0]}", f"{sign} {said[1]}"


def _masked(text: str, language: int) -> str:
    """The template of the text with each of its values masked; empty where no template fits."""
    for pattern in _patterns()[language]:
        if found := pattern.fullmatch(text):
            shown, end = "", 0
            for number in range(1, len(found.groups()) + 1):
                shown += text[end : found.start(number)] + mask.masked(found[number])
                end = found.end(number)
            return shown + text[end:]
    return ""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    """Of all templates, English and Japanese; what has the most words of its own first."""
    from crm_pipeline.match import tables  # a stage: not while the code location loads

    rows = tables.rows("words.tsv")

    def of(column: int) -> tuple[re.Pattern[str], ...]:
        templates = sorted({row[column] for row in rows}, key=lambda text: -len(_GAP.sub("", re.escape(text))))
        return tuple(re.compile(_GAP.sub("(.*?)", re.escape(text)), re.DOTALL) for text in templates)

    return of(2), of(3)
