"""Which script a text is in: values in different scripts say nothing about each other.

Belongs here: the rule, for names in tables and texts of Subjects alike. Anything unknown counts as Latin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LATIN, KANA, KANJI, HANGUL = range(4)
#: As match.person has them.
NAMES = ("latin", "kana", "kanji", "hangul")

_KANJI = re.compile("[\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9d]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")


def script(text: str) -> int:
    if text.isascii():
        return LATIN
    if _KANJI.search(text):
        return KANJI
    if _KANA.search(text):
        return KANA
    return HANGUL if _HANGUL.search(text) else LATIN


def scripts(texts: Sequence[str]) -> NDArray[np.int8]:
    """Of each text; one more place at the end, so that code -1 has one as well (-1: none)."""
    return np.array([*map(script, texts), -1], dtype=np.int8)
