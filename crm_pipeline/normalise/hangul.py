"""Hangul as romaji keys, by the Revised Romanisation; its usual exceptions for family names are a table here."""

from __future__ import annotations

import re

from crm_pipeline.normalise import romaji

#: Syllables, without letters that stand alone.
IS_HANGUL = re.compile("[가-힣]+")

_INITIAL = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")
_VOWEL = (
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
)
_FINAL = (
    "",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "l",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "ng",
    "t",
    "t",
    "k",
    "t",
    "p",
    "h",
)

#: How families spell themselves, besides the rule.
_FAMILY = {
    "김": "kim", "이": "lee yi", "박": "park pak", "최": "choi", "정": "jung chung", "강": "kang", "조": "cho",
    "윤": "yoon yun", "장": "chang", "임": "lim", "오": "oh", "서": "suh", "신": "shin", "권": "kwon", "안": "ahn",
    "류": "ryu", "유": "yoo", "전": "chun", "고": "ko", "문": "moon", "손": "sohn", "배": "bae", "백": "baek paik",
    "허": "huh", "노": "roh", "우": "woo", "구": "koo", "주": "joo", "곽": "kwak", "성": "sung",
}  # fmt: skip


def readings(name: str, is_family: bool) -> frozenset[str]:
    """Romaji keys of a name in syllables: 민수 is minsu, the family name 김 gim and kim."""
    spelled = {"".join(map(_syllable, name))}
    if is_family:
        spelled.update(_FAMILY.get(name, "").split())
    return frozenset(map(romaji.key, spelled)) - {""}


def _syllable(char: str) -> str:
    code = ord(char) - 0xAC00
    if not 0 <= code < 11172:
        return ""
    return _INITIAL[code // 588] + _VOWEL[code % 588 // 28] + _FINAL[code % 28]
