"""The words of a name field: what is the name, and what only stands around it.

Belongs here: honorifics, titles, departments, company prefixes, readings in brackets. Not here: which word is the
family name (name_split.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from crm_pipeline.normalise import kana, tables
from crm_pipeline.normalise.name_dictionary import LONGEST, dictionary, key
from crm_pipeline.normalise.text import CJK, KANA, script, width

_BRACKETS = re.compile(r"[(（\[［【「『<〈]([^()（）\[\]［］【】「」『』<>〈〉]*)[)）\]］】」』>〉]")
_COMPANY = re.compile(
    r"(?:株式|有限|合同|合資|合名)会社|[㈱㈲㍿]|[(（][株有同][)）]|(?:社団|財団|学校|医療|宗教|NPO|ＮＰＯ)法人"
)
_SEPARATOR = re.compile(r"[\s・･·_＿/／]+")
_QUOTED = re.compile(r"[\"“”＂]([^\"“”＂]*)[\"“”＂]")
_FORMER = re.compile(r"\s*旧姓[\s:：]*\S+")
#: A letter of a Latin name in any width.
_LETTER = "[A-Za-zＡ-Ｚａ-ｚÀ-ɏ]"
#: T.Yamada, Mr.Smith: the last full stop before a word stands for a space as well; john.smith: for a space only.
_STOP = re.compile(rf"(?<={_LETTER}[.．])(?={_LETTER}{{2,}}(?:$|\s))")
_DOTTED = re.compile(rf"(?<={_LETTER}{{3}})[.．](?={_LETTER}{{2,}}$)")
#: A copy's number behind a Japanese name.
_NUMBER = re.compile(rf"(?<=[{CJK}{KANA}])\s*[0-9０-９①-⑳]+$")
_DOT = re.compile(r"[・･·]")
_ROMAJI_SUFFIX = re.compile(r"[-－](?:san|sama|kun|chan|ｓａｎ|ｓａｍａ)$", re.IGNORECASE)
#: As it is written besides: 田中サン. Behind katakana it belongs to the name (アンダーサン).
_KATAKANA_SUFFIX = re.compile(rf"(?<=[{CJK}])(?:サン|サマ|クン|チャン)$")
_AS_USUAL = {"サン": "さん", "サマ": "さま", "クン": "くん", "チャン": "ちゃん"}


@dataclass(frozen=True)
class Tokens:
    """The words as written. `comma`: how many of them stand before a comma (0: no comma).

    `brackets`: what brackets beside the name hold, if it may be a reading. `company`: a firm and no person.
    """

    words: tuple[str, ...]
    comma: int = 0
    dotted: bool = False
    brackets: str | None = None
    company: bool = False


def tokens(text: str) -> Tokens:
    """Split a written name into the words of the name."""
    dotted = bool(_DOT.search(text))
    words = _SEPARATOR.split(text)
    while len(words) > 1 and (_COMPANY.search(words[0]) or _is_unit(words[0])):
        words = words[1:]
    if _is_company(words):
        return Tokens((text,), company=True)
    text = " ".join(words)
    brackets = next(filter(_may_be_reading, map(str.strip, _BRACKETS.findall(text))), None)
    text = _NUMBER.sub("", _FORMER.sub("", _BRACKETS.sub(" ", text).strip()))
    text = _DOTTED.sub(" ", text)
    text = _STOP.sub(" ", _QUOTED.sub(" ", text).strip() or text)
    before, _, after = (part.strip() for part in re.sub("[、，]", ",", text).partition(","))
    head = _without_titles(_SEPARATOR.split(before)) if before else []
    tail = _without_titles(_SEPARATOR.split(after.replace(",", " "))) if after else []
    names = tuple(word for word in (*head, *tail) if word)
    return Tokens(names, len(head) if tail else 0, dotted, brackets)


def _is_company(words: list[str]) -> bool:
    """What is left of 株式会社山田製作所 or Acme Inc. when a firm's name was to be taken off a person's."""
    if len(words) == 1 and _COMPANY.search(words[0]):
        return True
    return len(words) > 1 and _plain(words[-1]).strip(",") in tables.listed("name_words.tsv")["company"]


def _may_be_reading(inside: str) -> bool:
    """Kana, a whole name in Latin letters, or the Kanji of a name in Latin letters."""
    found = script(inside)
    return found == "cjk" or (found == "latin" and " " in inside) or kana.is_kana(key(inside))


def _without_titles(words: list[str]) -> list[str]:
    known = tables.listed("name_words.tsv")
    while len(words) > 1 and (_plain(words[0]) in known["title"] or words[0] in known["prefix"] or _is_unit(words[0])):
        words = words[1:]
    while len(words) > 1 and (
        _plain(words[-1]) in (*known["credential"], *known["romaji_suffix"]) or _is_unit(words[-1])
    ):
        words = words[:-1]
    if len(words) == 1 and _plain(words[0]) in known["credential"]:
        return []
    while words and len(words) > 1 and words[-1] in known["suffix"] and words[-1] != "君":
        words = words[:-1]
    return [*words[:-1], _without_honorific(words[-1])] if words else words


def _without_honorific(word: str) -> str:
    """山田様 is 山田; 山田博士 and 君子 stay, since they can be names."""
    word = _ROMAJI_SUFFIX.sub("", word)
    word = _KATAKANA_SUFFIX.sub(lambda found: _AS_USUAL[found[0]], word)
    if not word.endswith(suffixes := _suffixes()):
        return word
    for suffix in suffixes:
        rest = word[: -len(suffix)]
        if not rest or not word.endswith(suffix) or _is_name(word):
            continue
        if len(rest) > 1 or (suffix not in "君氏" and _is_short_name(rest, suffix)):
            return _without_honorific(rest)
    return word


@cache
def _suffixes() -> tuple[str, ...]:
    """The longest first."""
    return tuple(sorted(tables.listed("name_words.tsv")["suffix"], key=len, reverse=True))


def _is_short_name(word: str, suffix: str) -> bool:
    """林 in 林様, 歩 in 歩さん; 真殿 is rather a family name than 真."""
    known, name = dictionary(), key(word)
    given = suffix != "殿" and name in known.given and re.search(f"[{CJK}]", name) is not None
    return given or name in known.family


def _is_name(word: str) -> bool:
    """Whether the dictionary knows the word as it stands: as a name, or as family and given name.

    It knows somebody called さん as well; the others behind whose names that stands are many more.
    """
    known, name = dictionary(), key(word)
    return len(name) <= LONGEST and (
        name in known.family
        or (name in known.given and re.search(f"[{CJK}]", name) is not None)
        or any(
            name[:cut] in known.family and name[cut:] in known.given and word[cut:] not in _suffixes()
            for cut in range(1, len(name))
        )
    )


def _is_unit(word: str) -> bool:
    """A department or an office: ends like one, and is no family name (渡部, 長谷部)."""
    known = tables.listed("name_words.tsv")
    return len(word) > 2 and word.endswith(known["unit"]) and key(word) not in dictionary().family


def _plain(word: str) -> str:
    return width(word).lower().replace(".", "")
