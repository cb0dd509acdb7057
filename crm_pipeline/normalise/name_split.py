"""Which part of a name is the family name.

Belongs here: the order of words and the split of an undivided Japanese name. The dictionary is asked first; where it
does not know, an undivided name stays whole and says so. Not here: cleaning (name_tokens.py), keys (name.py).
"""

from __future__ import annotations

import re

from crm_pipeline.normalise import kana, romaji, tables
from crm_pipeline.normalise.name_dictionary import Dictionary, dictionary, key
from crm_pipeline.normalise.name_tokens import Tokens
from crm_pipeline.normalise.text import script, width

#: A character with everything that belongs to it: glyph choice, half-width voicing marks.
_CLUSTER = re.compile("(?s).[\ufe00-\ufe0f\U000e0100-\U000e01ef\u3099\u309a\uff9e\uff9f]*")

#: Family name, given name (None where missing), and whether the parts are certain.
Split = tuple[str | None, str | None, bool]


def split(name: Tokens) -> Split:
    """Family and given name as written. The last item is False for a name that nobody could divide."""
    words = name.words
    if not words:
        return None, None, True
    if name.comma:
        return " ".join(words[: name.comma]), " ".join(words[name.comma :]), True
    japanese = script("".join(words)) in ("cjk", "kana")
    if len(words) == 1:
        return _undivided(words[0]) if japanese else _single(words[0])
    return _japanese(words, name.dotted) if japanese else _western(words)


def _undivided(word: str) -> Split:
    """山田太郎: both halves must be names. 松本 is a family name and 太郎 a given name before they are divided."""
    known = dictionary()
    clusters = _CLUSTER.findall(word)
    folded = [key(width(cluster)) for cluster in clusters]
    whole = key(word)
    if whole in known.family:
        return word, None, True
    # A whole name in Kana is longer than a given name of the same sound is likely: タロウ, but ヤマダタロウ.
    best: tuple[int, int] | None = None
    for cut in range(1, len(clusters)):
        family, given = "".join(folded[:cut]), "".join(folded[cut:])
        if family in known.family and (given in known.given or (kana.is_kana(given) and not kana.is_kana(family))):
            best = max(best or (0, 0), (known.population.get(family, 0), cut))
    if whole in known.given and (best is None or best[0] < _COMMON):
        return None, word, True
    if best is None and (cut := _kana_tail(folded)) and "".join(folded[cut:]) in known.given:
        best = (0, cut)
    if best is None:
        return word, None, False
    return "".join(clusters[: best[1]]), "".join(clusters[best[1] :]), True


def _kana_tail(folded: list[str]) -> int:
    """Where the Kana begin after Kanji, if there are two or more: 綾瀬はるか; 0 if not."""
    cut = len(folded)
    while cut and kana.is_kana(folded[cut - 1]):
        cut -= 1
    return cut if 0 < cut < len(folded) - 1 else 0


#: From this population on, 林誠 is a family and a given name although it could be one given name.
_COMMON = 100_000


def _single(word: str) -> Split:
    """One Latin word: a given name only if it is known as one and not as a family name."""
    known, spelled = dictionary(), romaji.key(word)
    if spelled in known.romaji_given and spelled not in known.romaji_family:
        return None, word, True
    return word, None, script(word) == "latin"


def _japanese(words: tuple[str, ...], dotted: bool) -> Split:
    """Family name first, unless only the other order is in the dictionary; foreign names in Kana go the other way."""
    first, last = words[0], words[-1]
    known = dictionary()
    as_family, as_given = _known_as(known, first)
    last_as_family, last_as_given = _known_as(known, last)
    swapped = as_given and last_as_family and not (as_family and last_as_given)
    foreign = dotted and kana.is_kana(key(first)) and not as_family
    if swapped or foreign:
        return last, " ".join(words[:-1]), True
    return first, " ".join(words[1:]), True


def _known_as(known: Dictionary, word: str) -> tuple[bool, bool]:
    """Whether a word is known as a family name and as a given name."""
    name = key(word)
    if script(word) == "latin":
        return romaji.key(word) in known.romaji_family, romaji.key(word) in known.romaji_given
    return name in known.family, name in known.given


def _western(words: tuple[str, ...]) -> Split:
    """Latin words: capitals mark the family name; then the dictionary; then particles; then the last word."""
    capitals = [len(re.sub("[^A-Z]", "", word := width(w))) > 1 and word == word.upper() for w in words]
    if any(capitals) and not all(capitals):
        family = [w for w, capital in zip(words, capitals, strict=True) if capital]
        given = [w for w, capital in zip(words, capitals, strict=True) if not capital]
        return " ".join(family), " ".join(given), True
    if len(words) == 2:
        first, last = (_Latin(word) for word in words)
        if last.initial and not first.initial:
            return words[0], words[1], True
        if first.family and last.given and not (first.given and last.family):
            return words[0], words[1], True
        if first.family and not first.given and not last.family and not last.initial and last.given:
            return words[0], words[1], True
        if first.family and first.given and last.family and last.given and first.family > last.family:
            return words[0], words[1], True
    particles = tables.listed("name_words.tsv")["particle"]
    start = next((i for i, w in enumerate(words) if i and width(w).lower() in particles), len(words) - 1)
    return " ".join(words[start:]), " ".join(words[:start]), True


class _Latin:
    """What is known of one Latin word."""

    def __init__(self, word: str) -> None:
        known, spelled = dictionary(), romaji.key(width(word))
        self.initial = len(spelled) == 1
        self.family = known.romaji_family.get(spelled, 0)
        self.given = spelled in known.romaji_given
