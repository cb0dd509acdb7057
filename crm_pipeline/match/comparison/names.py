"""Family and given names of people.

Short Japanese names are compared by parts, never by a ratio of the whole (facts on Japanese identity data, section 9);
letters only tell something in Latin names and, one edit apart, in long kana. A name in another script than the other's
is compared by readings, and says nothing without them. Not here: what an outcome weighs (people.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from crm_pipeline.match import tables
from crm_pipeline.match.comparison.pairs import Levels, Pairs, Places, Rarity, common
from crm_pipeline.match.comparison.similarity import distinct, jaro_winkler, lengths, one_edit, passing, shorter
from crm_pipeline.match.people import FAMILY_NAME, GIVEN_NAME
from crm_pipeline.match.records.subjects import Flags

#: Names of one edit's distance are similar from this length on: Sato and Saito are two names.
_SHORTEST_TYPO = 6
#: Names in Latin letters: similar, and close, from these Jaro-Winkler similarities and lengths on.
_SIMILAR, _SIMILAR_LENGTH = 0.95, 5
_CLOSE, _CLOSE_LENGTH = 0.88, 4
#: One edit makes a name close from this length on, in Latin letters.
_SHORTEST_CLOSE = 3
#: A name of three letters that begins one of twelve has this similarity.
_BEGINS = 0.75
#: Kana say more in one sign.
_SHORTEST_KANA = 5
#: A part of a name that stands alone elsewhere: García for García López.
_SHORTEST_PART = 3

_FAMILY = {level.name: FAMILY_NAME.code(level.name) for level in FAMILY_NAME.levels}
_GIVEN = {level.name: GIVEN_NAME.code(level.name) for level in GIVEN_NAME.levels}
#: What is only guessed about a name that nobody could divide: the rarity of its halves.
_FAMILY_RARITY, _GIVEN_RARITY = np.float32(2), np.float32(2.8)


def family_name(pairs: Pairs) -> tuple[Levels, Rarity]:
    levels, open_ = _started(pairs, "family", _FAMILY)
    open_ = _settled(levels, open_, pairs.some(open_).equal("family_weak"), _FAMILY["weak"])
    _by_reading(pairs, levels, open_, "family", _FAMILY)
    return levels, _rarity(pairs, levels, "family_key", _FAMILY_RARITY)


def given_name(pairs: Pairs) -> tuple[Levels, Rarity]:
    levels, open_ = _started(pairs, "given", _GIVEN)
    open_ = _nicknames(pairs, levels, open_)
    open_ = _initials(pairs, levels, open_)
    _by_reading(pairs, levels, open_, "given", _GIVEN)
    _mailboxes(pairs, levels)
    return levels, _rarity(pairs, levels, "given_key", _GIVEN_RARITY)


def _whole(pairs: Pairs) -> Flags:
    """One name, divided in two ways or not at all."""
    left, right = pairs.codes("family_key")
    whole: Flags = pairs.equal("full_key") & (left != right)
    return whole


def _started(pairs: Pairs, part: str, level: Mapping[str, int]) -> tuple[Levels, Places]:
    """Levels with what is equal, and the places of pairs that need a closer look."""
    levels = np.zeros(len(pairs), dtype=np.uint8)
    equal = pairs.equal(f"{part}_key")
    whole = _whole(pairs)
    # Undivided on both sides, the names are equal as a whole only if they are one text.
    left, right = pairs.codes("family_key")
    undivided = pairs.equal("full_key") & (left < 0) & (right < 0)
    settled = equal | whole | undivided
    levels[settled] = level["equal"]
    return levels, np.flatnonzero(pairs.both(f"{part}_key") & ~settled)


def _settled(levels: Levels, open_: Places, where: Flags, level: int) -> Places:
    """Give these of the open pairs a level; returns those still open."""
    levels[open_[where]] = level
    return open_[~where]


def _rarity(pairs: Pairs, levels: Levels, column: str, unknown: np.float32) -> Rarity:
    """Of the more common of both values; of the only one, or a guess, where the name was not divided."""
    left, right = pairs.codes(column)
    one, other = pairs.rarity(column, left), pairs.rarity(column, right)
    found = np.where(left < 0, other, np.where(right < 0, one, np.minimum(one, other)))
    found[(left < 0) & (right < 0)] = unknown
    found[levels == 0] = 0
    return found


def _by_reading(pairs: Pairs, levels: Levels, open_: Places, part: str, level: Mapping[str, int]) -> None:
    some = pairs.some(open_)
    script, other_script = some.codes(f"{part}_script")
    names = some.texts(f"{part}_script")
    kanji, latin, kana = (_code(names, name) for name in ("kanji", "latin", "kana"))
    reading, other_reading = some.codes(f"{part}_readings")
    readable = (reading >= 0) & (other_reading >= 0)
    alike = readable.copy()
    places = np.flatnonzero(readable)
    words = some.subjects.values[f"{part}_readings"].words
    alike[places] = common(words, reading[places], words, other_reading[places]) >= 0
    same_script = script == other_script
    outcome = np.where(same_script, np.uint8(level["different"]), np.uint8(level["reading_differs"]))
    outcome[~same_script & ~readable] = 0
    _by_letters(some, outcome, np.flatnonzero(same_script & ~alike & (script == latin)), part, level)
    _by_signs(some, outcome, np.flatnonzero(same_script & ~alike & (script == kana)), part, level)
    outcome[alike] = level["reading"]
    outcome[alike & same_script & (script == kanji)] = level["weak"]
    levels[open_] = outcome


def _code(names: Sequence[str], name: str) -> int:
    """The code of a script, one that no record has if none is in it."""
    return names.index(name) if name in names else -2


def _by_letters(pairs: Pairs, outcome: Levels, places: Places, part: str, level: Mapping[str, int]) -> None:
    """Slips of the pen in Latin letters, and a name that is a part of the other."""
    if not len(places):
        return
    some = pairs.some(places)
    texts = some.texts(f"{part}_key")
    found = distinct(*some.codes(f"{part}_key"))
    length = some.of_texts(f"{part}_key", lengths)
    alike, off, least = jaro_winkler(texts, found), one_edit(texts, length, found), shorter(length, found)
    similar = (off & (least >= _SHORTEST_TYPO)) | ((alike >= _SIMILAR) & (least >= _SIMILAR_LENGTH))
    compound = some.of_texts(f"{part}_key", _compound)
    similar |= passing(_part_of, texts, found, compound[found.low] | compound[found.high])
    close = (off & (least >= _SHORTEST_CLOSE)) | ((alike >= _CLOSE) & (least >= _CLOSE_LENGTH))
    close |= passing(_begins, texts, found, (least >= _SHORTEST_CLOSE) & (alike >= _BEGINS) & ~close & ~similar)
    similar, close = similar[found.places], close[found.places]
    # Yuko and Yuki, Sato and Saito are different people as a rule: in Japan one letter is a syllable.
    japanese, other = some.flags("japanese")
    outcome[places[close & ~(japanese & other)]] = level["close"]
    outcome[places[similar]] = level["similar"]


def _by_signs(pairs: Pairs, outcome: Levels, places: Places, part: str, level: Mapping[str, int]) -> None:
    """Slips in long names in kana."""
    if not len(places):
        return
    some = pairs.some(places)
    texts = some.texts(f"{part}_key")
    found = distinct(*some.codes(f"{part}_key"))
    length = some.of_texts(f"{part}_key", lengths)
    similar = one_edit(texts, length, found) & (shorter(length, found) >= _SHORTEST_KANA)
    outcome[places[similar[found.places]]] = level["similar"]


def _part_of(one: str, other: str) -> bool:
    """García, García López; Mary, Mary-Ann."""
    parts, others = (set(text.replace("-", " ").split()) for text in (one, other))
    return (parts <= others or others <= parts) and any(len(word) >= _SHORTEST_PART for word in parts & others)


def _begins(one: str, other: str) -> bool:
    """Bob and Bobby, Theo and Theodore: one begins as the other is."""
    return one.startswith(other) or other.startswith(one)


def _compound(texts: Sequence[str]) -> Flags:
    return np.array([" " in text or "-" in text for text in texts], dtype=np.bool_)


def _nicknames(pairs: Pairs, levels: Levels, open_: Places) -> Places:
    some = pairs.some(open_)
    japanese, other = some.flags("japanese")
    texts = some.texts("given_key")
    known = some.of_texts("given_key", _short)
    left, right = some.codes("given_key")
    places = np.flatnonzero(known[left] & known[right] & ~(japanese | other))
    short = np.zeros(len(open_), dtype=np.bool_)
    found = distinct(left[places], right[places])
    short[places] = passing(lambda one, other: other in _nicknamed()[one], texts, found)[found.places]
    return _settled(levels, open_, short, _GIVEN["nickname"])


def _short(texts: Sequence[str]) -> Flags:
    """Names that have short forms, or are some; one more place for code -1."""
    return np.array([*(text in _nicknamed() for text in texts), False])


@cache
def _nicknamed() -> Mapping[str, frozenset[str]]:
    """A given name -> its short forms; a short form -> what it may stand for."""
    found: dict[str, set[str]] = {}
    for full, forms in tables.rows("nicknames.tsv"):
        for short in forms.split(" "):
            found.setdefault(full, set()).add(short)
            found.setdefault(short, set()).add(full)
    return {name: frozenset(names) for name, names in found.items()}


def _initials(pairs: Pairs, levels: Levels, open_: Places) -> Places:
    """An initial fits or not; without letters to compare it says nothing, but it is settled."""
    some = pairs.some(open_)
    one, other = some.flags("initial")
    initial = np.flatnonzero(one | other)
    some = some.some(initial)
    one, other = one[initial], other[initial]
    fits = some.common("given_letters") >= 0
    script, other_script = some.codes("given_script")
    latin = _code(some.texts("given_script"), "latin")
    reading, other_reading = some.codes("given_readings")
    lettered = (one & ((other_script == latin) | (other_reading >= 0))) | (other & ((script == latin) | (reading >= 0)))
    levels[open_[initial]] = np.where(fits, _GIVEN["initial"], np.where(lettered, _GIVEN["different"], 0))
    return np.delete(open_, initial)


def _mailboxes(pairs: Pairs, levels: Levels) -> None:
    """The mailbox of a record without a given name contains the other's."""
    left, right = pairs.codes("given_key")
    places = np.flatnonzero((levels == 0) & ((left < 0) != (right < 0)))
    some = pairs.some(places)
    said = (some.common("mailbox_words", "given_words") >= 0) | (some.common("given_words", "mailbox_words") >= 0)
    levels[places[said]] = _GIVEN["mailbox"]
