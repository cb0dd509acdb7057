"""Personal names: family and given name, their keys, and every way they may be read.

Belongs here: the two public functions and what they return. Not here: splitting (name_split.py), honorifics
(name_tokens.py), readings known (name_dictionary.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_pipeline.normalise import hangul, kana, romaji, tables
from crm_pipeline.normalise.name_dictionary import dictionary, key
from crm_pipeline.normalise.name_split import split
from crm_pipeline.normalise.name_tokens import Tokens, tokens
from crm_pipeline.normalise.text import is_junk, script, width, written

#: Most names are shorter; longer ones are not worth keeping.
_USUAL = 40

_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_PLACEHOLDER = re.compile(r"[〇○◯●△□]+\S*|テスト\S*|サンプル\S*|ダミー\S*|test\d*|test ?(?:user|test|taro|tarou)\d*")


@dataclass(frozen=True)
class Name:
    """A name as compared.

    `family`, `given`: as written. `readings`: "family given" as romaji keys (" given" without a family name), a set of
    possibilities and never a fact. `script`: cjk, kana, latin or other. `flags`: placeholder (a form's sample name),
    initial (the given name is only initials), unsplit (nobody could divide it; `family` holds all), company (a firm's
    name; with unsplit), junk (no name).
    """

    family: str | None = None
    given: str | None = None
    family_key: str | None = None
    given_key: str | None = None
    readings: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    script: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "family": self.family,
            "given": self.given,
            "family_key": self.family_key,
            "given_key": self.given_key,
            "readings": list(self.readings),
            "script": self.script,
            "flags": sorted(self.flags),
        }


def normalise_name(raw: str | None) -> Name:
    """A whole name in one field: 山田太郎, ヤマダ タロウ, "Yamada, Taro", Mr. Taro YAMADA. Never raises."""
    text = written(raw)
    if not text:
        return Name()
    if script(text) is None or is_junk(width(text)):
        return Name(flags=frozenset({"junk"}))
    words = tokens(text)
    family, given, certain = split(words)
    flags = ("company", "unsplit") if words.company else () if certain else ("unsplit",)
    return _name(family, given, flags, words.brackets)


def normalise_name_parts(family: str | None, given: str | None) -> Name:
    """A name in two fields. One field may hold all of it, or the two may be the wrong way round. Never raises."""
    last, first = _cleaned(family), _cleaned(given)
    if not last.words or not first.words:
        return _one_field(family, last) if last.words or not first.words else _given_only(given, first)
    whole, part = " ".join(last.words), " ".join(first.words)
    if script(whole) in ("cjk", "kana"):
        if whole == part:
            return normalise_name(whole)
        if part.startswith(whole) and len(part) > len(whole) and not _is_given(part):
            part = part[len(whole) :].strip()
        elif _is_given(whole) and _is_family(part) and not _is_family(whole) and not _is_given(part):
            whole, part = part, whole
    return _name(whole, part, (), last.brackets or first.brackets)


def _cleaned(raw: str | None) -> Tokens:
    return _kept(raw) if raw and len(raw) <= _USUAL else _clean(raw)


def _clean(raw: str | None) -> Tokens:
    text = written(raw)
    return Tokens(()) if not text or script(text) is None or is_junk(width(text)) else tokens(text)


#: Family and given names are few, and come again and again: half the work of a name is not done twice.
_kept = lru_cache(maxsize=1 << 15)(_clean)


def _one_field(raw: str | None, words: Tokens) -> Name:
    """The family field alone. It holds a whole name only if Japanese or divided by a comma: García Márquez does not."""
    name = normalise_name(raw)
    if not words.words or words.comma or name.script in ("cjk", "kana") or len(words.words) == 1:
        return name if name.family or not name.given else _name(name.given, None, (), None)
    if name.given and _is_family(name.family or "") and _is_given(name.given):
        return name
    return _name(" ".join(words.words), None, (), words.brackets)


def _given_only(raw: str | None, words: Tokens) -> Name:
    """The given field alone: 山田太郎 is divided, 松本 is a family name, all else a given name."""
    name = normalise_name(raw)
    if name.given or (name.family and _is_family(name.family) and not _is_given(name.family)):
        return name
    return _name(None, " ".join(words.words), (), words.brackets)


def _is_family(word: str) -> bool:
    known = dictionary()
    return romaji.key(width(word)) in known.romaji_family if script(word) == "latin" else key(word) in known.family


def _is_given(word: str) -> bool:
    known = dictionary()
    return romaji.key(width(word)) in known.romaji_given if script(word) == "latin" else key(word) in known.given


def _name(family: str | None, given: str | None, flags: tuple[str, ...], brackets: str | None) -> Name:
    family_key, given_key = _part_key(family), _part_key(_without_initials(given))
    found = set(flags)
    if given_key and given_key.isascii() and max(map(len, given_key.split())) == 1:
        found.add("initial")
    if _is_placeholder(family_key, given_key):
        found.add("placeholder")
    if not family_key and not given_key:
        return Name(flags=frozenset({"junk"}))
    readings = _readings(family_key, given_key)
    if brackets:
        readings |= _read_aloud(brackets, family_key, given_key)
    return Name(
        family if family_key else None,
        given if given_key else None,
        family_key,
        given_key,
        tuple(sorted(readings)),
        frozenset(found),
        script((family_key or "") + (given_key or "")),
    )


@lru_cache(maxsize=1 << 15)
def _part_key(part: str | None) -> str | None:
    return (key(part) or None) if part else None


def _without_initials(given: str | None) -> str | None:
    """John F. is John: a middle initial is left out where there is a longer name; J.R.R. is three initials."""
    if not given or not any(mark in given for mark in " .．"):
        return given
    words = _INITIALS.sub(lambda found: found.group().replace(".", " "), width(given)).split()
    longer = [word for word in words if len(word.strip(".")) > 1 or not word.isascii()]
    return " ".join(longer or words)


def _read_aloud(brackets: str, family_key: str | None, given_key: str | None) -> frozenset[str]:
    """What a reading in brackets says: 山田星（ヤマダ キララ） of the whole, 角田（カクタ）光代 of one part only."""
    said = normalise_name(brackets)
    found = frozenset(said.readings)
    if not (family_key and given_key) or (said.family and said.given):
        return found if bool(said.family) == bool(family_key) else frozenset()
    both = frozenset[str]()
    for spelled in found:
        if said.family:
            both |= {f"{spelled} {given}" for given in _part_readings(given_key, False)}
        else:
            both |= {f"{family}{spelled}" for family in _part_readings(family_key, True)}
    return both


def _is_placeholder(family_key: str | None, given_key: str | None) -> bool:
    samples = _samples()
    pair = [part for part in (family_key, given_key) if part]
    return (
        "".join(pair).replace(" ", "") in samples
        or "".join(reversed(pair)).replace(" ", "") in samples
        or any(_PLACEHOLDER.fullmatch(part) for part in (*pair, "".join(pair)))
    )


@lru_cache(maxsize=1)
def _samples() -> frozenset[str]:
    return frozenset(key(name) for name in tables.words("placeholder_names.txt"))


@lru_cache(maxsize=1 << 15)
def _part_readings(part: str, is_family: bool) -> frozenset[str]:
    if kana.is_kana(part):
        return frozenset({kana.to_romaji(part)} - {""})
    if script(part) == "latin":
        return romaji.readings(part)
    if hangul.IS_HANGUL.fullmatch(part):
        return hangul.readings(part, is_family)
    return dictionary().family_readings(part) if is_family else dictionary().given_readings(part)


def _readings(family_key: str | None, given_key: str | None) -> frozenset[str]:
    """All combinations; none if a part cannot be read, since half a reading would name somebody else."""
    families = _part_readings(family_key, True) if family_key else frozenset({""})
    givens = _part_readings(given_key, False) if given_key else frozenset({""})
    return frozenset(f"{family} {given}".rstrip() for family in families for given in givens)
