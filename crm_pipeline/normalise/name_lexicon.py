"""The optional lexicon of the extra `[ja]`: more family and given names than the name dataset, and their readings.

Belongs here: all that is asked of SudachiPy. Without it every answer is "not known", and nothing else changes.
Not here: deciding (name_split.py). A name found here is a key of name_dictionary.key.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import metadata
from typing import Any

from crm_pipeline.normalise import kana

#: Longest name that is looked up; no Japanese one is longer.
_LONGEST = 12

_FAMILY, _GIVEN = "姓", "名"


@cache
def edition() -> str | None:
    """Which release of the lexicon there is, None without it: part of the keys' version. Does not load it."""
    try:
        return f"sudachi {metadata.version('sudachipy')} {metadata.version('sudachidict-core')}"
    except metadata.PackageNotFoundError:
        return None


@cache
def is_installed() -> bool:
    """Whether keys come from more than the name dataset."""
    return _lexicon() is not None


def is_family(name: str) -> bool:
    return _FAMILY in _found(name)


def is_given(name: str) -> bool:
    return _GIVEN in _found(name)


def family_readings(name: str) -> frozenset[str]:
    """Romaji keys; none if the lexicon is not installed or does not know the name."""
    return _found(name).get(_FAMILY, frozenset())


def given_readings(name: str) -> frozenset[str]:
    return _found(name).get(_GIVEN, frozenset())


def cut(name: str) -> int | None:
    """After how many characters a whole name is divided, if it is read as a family name and a given name."""
    tokenizer = _tokenizer()
    if tokenizer is None or len(name) > _LONGEST:
        return None
    words = list(tokenizer.tokenize(name))
    if len(words) < 2 or words[0].part_of_speech()[3] != _FAMILY:
        return None
    if any(word.part_of_speech()[3] != _GIVEN for word in words[1:]):
        return None
    return int(words[0].end())


@lru_cache(maxsize=1 << 16)
def _found(name: str) -> dict[str, frozenset[str]]:
    """Readings by 姓 and 名."""
    lexicon = _lexicon()
    if lexicon is None or not 0 < len(name) <= _LONGEST:
        return {}
    readings: dict[str, set[str]] = {}
    for word in lexicon.lookup(name):
        kind = word.part_of_speech()[3]
        if kind in (_FAMILY, _GIVEN):
            readings.setdefault(kind, set()).add(kana.to_romaji(word.reading_form()))
    return {kind: frozenset(spelled - {""}) for kind, spelled in readings.items()}


@cache
def _lexicon() -> Any:
    try:
        from sudachipy import dictionary
    except ImportError:
        return None
    try:
        return dictionary.Dictionary()
    except Exception:  # the package without its data, or data of another version: as if not installed
        return None


@cache
def _tokenizer() -> Any:
    """In its shortest units: longer ones hold famous names whole."""
    lexicon = _lexicon()
    if lexicon is None:
        return None
    from sudachipy import SplitMode

    return lexicon.tokenizer(mode=SplitMode.A) if hasattr(lexicon, "tokenizer") else lexicon.create(mode=SplitMode.A)
