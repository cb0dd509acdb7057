"""Kana: one kind of it, and its romaji."""

from __future__ import annotations

import re

from crm_pipeline.normalise import romaji
from crm_pipeline.normalise.text import KANA

_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)} | dict(
    zip(map(ord, "ゖヶゕヵ"), "ケケカカ", strict=True)
)
_ONLY_KANA = re.compile(f"[{KANA}]+")

_VOWELS = "aiueo"
_GOJUON = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ",
}  # fmt: skip
_ROMAJI = {kana: row + vowel for row, line in _GOJUON.items() for kana, vowel in zip(line, _VOWELS, strict=True)} | {
    "シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu", "ヤ": "ya", "ユ": "yu",
    "ヨ": "yo", "ワ": "wa", "ヰ": "i", "ヱ": "e", "ヲ": "o", "ン": "n", "ヴ": "vu", "ー": "", "ヽ": "", "ヾ": "",
}  # fmt: skip
_SMALL = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ヮ": "wa"}


def katakana(text: str) -> str:
    """Hiragana as Katakana; the small ヶ and ヵ as large."""
    return text.translate(_TO_KATAKANA)


def is_kana(text: str) -> bool:
    """Whether a text of one width holds Kana and nothing else."""
    return _ONLY_KANA.fullmatch(text) is not None


def to_romaji(text: str) -> str:
    """The romaji key (romaji.py) of Kana: ヤマダ and やまだ give yamada, オオタニ and オータニ otani."""
    spelled = ""
    doubled = False
    for char in katakana(text):
        if char == "ッ":
            doubled = True
            continue
        if small := _SMALL.get(char):
            spelled = _contracted(spelled, small)
            continue
        syllable = _ROMAJI.get(char, "")
        if doubled and syllable[:1].isalpha() and syllable[0] not in _VOWELS:
            syllable = ("t" if syllable.startswith("ch") else syllable[0]) + syllable
        doubled = False
        spelled += syllable
    return romaji.key(spelled)


def _contracted(spelled: str, small: str) -> str:
    """シ + ャ is sha, キ + ャ kya, フ + ァ fa."""
    if not spelled or spelled[-1] not in _VOWELS:
        return spelled + small
    if small[0] == "y" and spelled.endswith(("shi", "chi", "ji")):
        return spelled[:-1] + small[1:]
    return spelled[:-1] + small
