"""Kanji variants: 髙 is 高, 邊 and 邉 are 辺.

Two levels. `fold` joins what is one character in another spelling. `weak` also joins what is often mistaken for each
other (斎藤 and 斉藤): only good for looking up a reading, so that match gives such pairs partial credit.
"""

from __future__ import annotations

import re
from functools import cache

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.text import CJK, width

_DOUBLED = re.compile(f"(?![々〇])([{CJK}])\\1")


def fold(text: str) -> str:
    """One width, no glyph choices, one spelling of a Kanji."""
    text = width(text)
    return text if text.isascii() else text.translate(_variants("kanji_variants.tsv"))


def repeated(folded: str) -> str:
    """佐佐木 as 佐々木: for names of people, not for 四日市市."""
    return _DOUBLED.sub("\\1々", folded)


def weak(folded: str) -> str:
    """A folded text with easily mistaken Kanji joined as well, and a family name with those it is mistaken for."""
    joined = folded.translate(_weak_kanji())
    return _weak_names().get(joined, joined)


@cache
def _variants(table: str) -> dict[int, str]:
    return {ord(variant): row[0] for row in tables.rows(table) for variant in row[1]}


@cache
def _weak_kanji() -> dict[int, str]:
    return {ord(variant): row[0] for row in tables.rows("weak_kanji.tsv") if len(row[0]) == 1 for variant in row[1]}


@cache
def _weak_names() -> dict[str, str]:
    """Groups of whole names, their Kanji joined already."""
    groups = [row for row in tables.rows("weak_kanji.tsv") if len(row[0]) > 1]
    return {
        name.translate(_weak_kanji()): form.translate(_weak_kanji())
        for form, names in groups
        for name in names.split(" ")
    }
