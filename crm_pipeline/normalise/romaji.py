"""One spelling for romanised Japanese: matumoto = mathumoto = matsumoto, ohtani = ootani = otani.

The spelling is Hepburn without long vowels. It is a key: 大野 and 小野 meet in it, and so do Western John and Jon.
"""

from __future__ import annotations

import re

from crm_pipeline.normalise.text import plain_latin

#: In this order. Consonants to Hepburn first, then the syllabic n, then the long vowels.
_RULES = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"sy+", "sh"),
        (r"si", "shi"),
        (r"[tc]y+", "ch"),
        (r"ti", "chi"),
        (r"t[sh]?u", "tsu"),
        (r"[zj]y+", "j"),
        (r"[zd]i", "ji"),
        (r"d+z?u", "zu"),
        (r"(?<![sc])hu", "fu"),
        (r"t(?=ch)", "c"),
        (r"m(?=[bpm])", "n"),
        (r"n{2,}(?=[^aiueoyn]|$)", "n"),
        (r"n{3,}", "nn"),
        (r"(?:w+o[ouh]*)+$", "o"),
        (r"o[ou]*(?:h+(?![aiueoh])|h(?=h))|o[ou]+", "o"),
        (r"u+(?:h+(?![aiueoh])|h(?=h))|uu+", "u"),
        (r"aa+", "a"),
    )
)


#: Where a second reading is possible: junnichi for jun'ichi, Ohishi for Oishi.
_DOUBLE_N = re.compile("nn(?=[aiueoy])")
_LONG_O = re.compile("^oh(?=[aiueo])")


def readings(text: str) -> frozenset[str]:
    """The key of romaji, and of what else it may have been typed for."""
    plain = re.sub("[^a-z]", "", plain_latin(text).lower())
    return frozenset({key(plain), key(_DOUBLE_N.sub("n", plain)), key(_LONG_O.sub("o", plain))}) - {""}


def key(text: str) -> str:
    """Lower-case letters only: no accents, apostrophes or spaces."""
    text = re.sub("[^a-z]", "", plain_latin(text).lower())
    for pattern, new in _RULES:
        text = pattern.sub(new, text)
    return text
