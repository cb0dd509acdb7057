"""What the outcomes of a comparison say, as SQL over a row with its code, its weight and the two values.

Belongs here: a piece of evidence as JSON, and the text that is hashed. Columns of comparison 3: c3 (code), w3 (weight),
l3 and r3 (values as `escaped` makes them); `romaji`: the prefecture of an area code. Not here: the words (words.py),
reading and writing (evidence.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Set
from typing import NamedTuple

from crm_pipeline.match.evidence import words
from crm_pipeline.match.tiers.tier import speaks_against
from crm_pipeline.match.vocabulary import Comparison, Force, Level, Outcome

_GAP = re.compile(r"\{(left|right|area|region|prefecture)\}")
#: What JSON cannot hold as it is.
_SPECIAL = r"""["\\\x00-\x1f]"""


class Saying(NamedTuple):
    """`piece`: {comparison, verdict, weight, words, words_ja}. `compared`: [comparison, outcome, left, right];
    `identifying`: the same for outcomes that identify, empty where none does. All null where nothing was compared."""

    piece: str
    compared: str
    identifying: str


def saying(comparison: Comparison, place: int, identifies: Set[Outcome]) -> Saying:
    """`place`: the number in the names of the columns."""
    pieces, compared = [], []
    for code, level in enumerate(comparison.levels, start=1):
        pieces.append(f"when {code} then concat({_piece(comparison, level, place)})")
        beginning = _quoted(f'[{_json(comparison.name)}, {_json(level.name)}, "')
        compared.append(f"when {code} then concat({beginning}, l{place}, '\", \"', r{place}, '\"]')")
    sure = [
        str(code)
        for code, level in enumerate(comparison.levels, start=1)
        if (comparison.name, level.name) in identifies
    ]
    return Saying(
        f"case c{place} {' '.join(pieces)} end",
        f"case c{place} {' '.join(compared)} end",
        f"if(c{place} in ({', '.join(sure)}), s{place}, null)" if sure else "",
    )


def escaped(column: str) -> str:
    """A text as it stands between the quotation marks of JSON."""
    return f"if(regexp_matches({column}, '{_SPECIAL}'), (to_json({column})::varchar)[2:-2], {column})"


def _piece(comparison: Comparison, level: Level, place: int) -> str:
    verdict = "'contradicts'" if speaks_against(level.force) else "'supports'"
    if level.force is Force.NEUTRAL:
        verdict = f"if(w{place} < 0, 'contradicts', 'supports')"
    english, japanese = words.templates(comparison, level.name)
    return ", ".join(
        [
            _quoted(f'{{"comparison":{_json(comparison.name)},"verdict":"'),
            verdict,
            _quoted('","weight":'),
            f"to_json(w{place})",
            _quoted(',"words":"'),
            *_filled(english, place),
            _quoted('","words_ja":"'),
            *_filled(japanese, place),
            _quoted('"}'),
        ]
    )


def _filled(template: str, place: int) -> list[str]:
    """The parts of a sentence, some of them literal, some the pair's. A value of several parts has `|` between them."""
    part = f"split_part(l{place}, '|', 2)"
    gaps = {
        "left": f"replace(l{place}, '|', ' ')",
        "right": f"replace(r{place}, '|', ' ')",
        "area": f"split_part(l{place}, '|', 1)",
        "prefecture": part,
        "region": f"coalesce(romaji, {part})",
    }
    pieces = _GAP.split(template)
    return [gaps[piece] if number % 2 else _quoted(_json(piece)[1:-1]) for number, piece in enumerate(pieces) if piece]


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
