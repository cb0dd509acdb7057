"""Which part of a name is the family name.

Belongs here: the order of words and the split of an undivided Japanese name. The dictionary is asked first; where it
does not know, an undivided name stays whole and says so. Not here: cleaning (name_tokens.py), keys (name.py).
"""

from __future__ import annotations

import re

from crm_pipeline.normalise import hangul, kana, name_lexicon, romaji, tables
from crm_pipeline.normalise.name_dictionary import LONGEST, Dictionary, dictionary, key
from crm_pipeline.normalise.name_tokens import Tokens
from crm_pipeline.normalise.text import plain_latin, script, width

#: A character with everything that belongs to it: glyph choice, half-width voicing marks.
_CLUSTER = re.compile("(?s).[\ufe00-\ufe0f\U000e0100-\U000e01ef\u3099\u309a\uff9e\uff9f]*")

#: Family name, given name (None where missing), and whether the parts are certain.
Split = tuple[str | None, str | None, bool]


def split(name: Tokens) -> Split:
    """Family and given name as written. The last item is False for a name that nobody could divide."""
    words = name.words
    if not words:
        return None, None, True
    if name.company:
        return words[0], None, False
    if name.comma:
        return " ".join(words[: name.comma]), " ".join(words[name.comma :]), True
    japanese = script("".join(words)) in ("cjk", "kana")
    if hangul.IS_HANGUL.fullmatch("".join(words)):
        return _korean(words)
    if len(words) == 1:
        return _undivided(words[0]) if japanese else _single(words[0])
    return _japanese(words, name.dotted) if japanese else _western(words)


def _undivided(word: str) -> Split:
    """山田太郎: both halves must be names. 松本 is a family name and 太郎 a given name before they are divided."""
    known = dictionary()
    clusters = _CLUSTER.findall(word)
    folded = [key(width(cluster)) for cluster in clusters]
    whole = key(word)
    if whole in known.family or len(clusters) > LONGEST:
        return word, None, whole in known.family
    # A whole name in Kana is longer than a given name of the same sound is likely: タロウ, but ヤマダタロウ.
    best: tuple[int, int] | None = None
    for cut in range(1, len(clusters)):
        family, given = "".join(folded[:cut]), "".join(folded[cut:])
        if family in known.family and (given in known.given or (kana.is_kana(given) and not kana.is_kana(family))):
            best = max(best or (0, 0), (known.population.get(family, 0), cut))
    if whole in known.given and (best is None or best[0] < _COMMON):
        return None, word, True
    if best is None and name_lexicon.is_family(whole):
        return word, None, True
    at = best[1] if best else _kana_tail(folded) or _chinese(folded) or _in_lexicon(folded)
    if not at:
        return word, None, False
    return "".join(clusters[:at]), "".join(clusters[at:]), True


def _kana_tail(folded: list[str]) -> int:
    """Where a given name in Kana begins after Kanji, if it has two letters or more: 綾瀬はるか; 0 if none does."""
    cut = len(folded)
    while cut and kana.is_kana(folded[cut - 1]):
        cut -= 1
    return cut if 0 < cut < len(folded) - 1 and "".join(folded[cut:]) in dictionary().given else 0


def _chinese(folded: list[str]) -> int:
    """Where the given name of 王小明 begins: one or two Kanji after a family name of China or Korea, else 0."""
    known = tables.listed("name_words.tsv")["chinese"]
    for length in (2, 1):
        if "".join(folded[:length]) in known and length < len(folded) <= length + 2:
            return 0 if "".join(folded[:2]) in dictionary().family else length
    return 0


def _in_lexicon(folded: list[str]) -> int:
    """Where the optional lexicon divides a name: both halves known, else as it reads the whole; 0 if it does not."""
    known = dictionary()
    cuts = [
        cut
        for cut in range(1, len(folded))
        if ((family := "".join(folded[:cut])) in known.family or name_lexicon.is_family(family))
        and ((given := "".join(folded[cut:])) in known.given or name_lexicon.is_given(given))
    ]
    read = name_lexicon.cut("".join(folded)) or 0
    return read if read in cuts or not cuts else cuts[-1]


def _korean(words: tuple[str, ...]) -> Split:
    """김민수 and 김 민수: a family name of one syllable, or two of the few that have two."""
    known = tables.listed("name_words.tsv")["korean"]
    if len(words) > 1:
        return words[0], " ".join(words[1:]), True
    for length in (2, 1):
        if words[0][:length] in known and length < len(words[0]) <= length + 2:
            return words[0][:length], words[0][length:], True
    return words[0], None, False


#: From this population on, 林誠 is a family and a given name although it could be one given name.
_COMMON = 100_000


def _single(word: str) -> Split:
    """One Latin word: a given name only if it is known as one and not as a family name."""
    known, spelled = dictionary(), romaji.key(width(word))
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
        return romaji.key(width(word)) in known.romaji_family, romaji.key(width(word)) in known.romaji_given
    return name in known.family, name in known.given


def _western(words: tuple[str, ...]) -> Split:
    """Latin words: capitals mark the family name; then the dictionary; then particles; then the last word."""
    known, plain = tables.listed("name_words.tsv"), [plain_latin(width(word)).lower() for word in words]
    marked = _in_capitals(words, [word in known["particle"] for word in plain])
    if any(marked) and not all(marked):
        family = [w for w, is_family in zip(words, marked, strict=True) if is_family]
        given = [w for w, is_family in zip(words, marked, strict=True) if not is_family]
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
        if first.given and last.family > _COMMON:
            return words[1], words[0], True
    if _begins_with_family(plain):
        return words[0], " ".join(words[1:]), True
    start = next((i for i, word in enumerate(plain) if i and word in known["particle"]), len(words) - 1)
    if start == len(words) - 1 > 1 and plain[-1] in known["double"] and plain[-2] in known["double"]:
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]), True


def _in_capitals(words: tuple[str, ...], particle: list[bool]) -> list[bool]:
    """Which words are in capitals (BERG, McDONALD, not J.R.), with the particles right before them."""
    marked: list[bool] = []
    for word in map(width, words):
        rest = re.sub("^(?:Mc|Mac|De|Di|O['’])(?=[A-Z]{2})", "", word)
        marked.append(rest == rest.upper() and _CAPITALS.search(rest) is not None)
    for place in range(len(words) - 1, 0, -1):
        marked[place - 1] = marked[place - 1] or (marked[place] and particle[place - 1])
    return marked


_CAPITALS = re.compile(r"[^\W\d_a-z][^\W\d_]")


def _begins_with_family(plain: list[str]) -> bool:
    """Wang Xiaoming, Nguyen Thi Lan, Kim Min-su: romanised names that begin with the family name."""
    known = tables.listed("name_words.tsv")
    given = [syllable for word in plain[1:] for syllable in word.split("-")]
    if plain[0] in known["korean_first"] and len(given) == 2 and all(map(_KOREAN.fullmatch, given)):
        return True
    return plain[0] in known["first"] and plain[-1] not in known["first"]


#: One syllable of a romanised Korean name.
_KOREAN = re.compile(
    "(?:kk?|g|n|d|t|r|l|m|b|p|s|sh|j|ch|h|y|w)?(?:ae?|eo?|ya|yeo?|oe?|wa|yo|oo?|woo?|wi|u|ui|yu|yoo|eu|i|ee)"
    "(?:ng?|k|g|m|l|p|b|t|h)?"
)


class _Latin:
    """What is known of one Latin word."""

    def __init__(self, word: str) -> None:
        known, spelled = dictionary(), romaji.key(width(word))
        self.initial = len(spelled) == 1
        self.family = known.romaji_family.get(spelled, 0)
        self.given = spelled in known.romaji_given
