"""What every kind of value needs first: a text without invisible characters, one width, one alphabet.

Belongs here: folding that means the same for names, addresses, companies and numbers. Not here: Kanji variants
(kanji.py) and everything one kind alone needs.
"""

from __future__ import annotations

import re
import unicodedata

from crm_pipeline.normalise import tables

#: No name, address or number is longer; what stands behind is not looked at.
LONGEST = 1000

#: No value of junk_values.txt is longer, with a few spaces.
_LONGEST_JUNK = 30

#: Zero-width, direction and byte-order marks, soft hyphen, and lone surrogates.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

#: Marks that choose a glyph, not a character (VS1-16 and the ideographic VS17-256).
VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_COMBINING = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "œ": "oe"})

#: Everything that is typed for a hyphen between digits; the long vowel mark among them.
DASHES = "-‐‑‒–—―−ー－ｰ⁻₋﹣─━"
_DASH = re.compile(f"[{DASHES}]")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")

CJK = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_HAS_CJK = re.compile(f"[{CJK}]")
_HAS_KANA = re.compile(f"[{KANA}\uff66-\uff9d]")
_HAS_LATIN = re.compile("[A-Za-zＡ-Ｚａ-ｚ]")


def written(raw: str | None) -> str:
    """The value as somebody wrote it, without what cannot be seen. Blank and null are the empty text."""
    if not raw:
        return ""
    if len(raw) <= LONGEST and raw.isprintable():  # most values, at a tenth of the cost
        return raw.strip()
    return _CONTROL.sub(" ", _INVISIBLE.sub("", raw[:LONGEST])).strip()


def width(text: str) -> str:
    """Half-width kana become full, full-width Latin and digits half; ㈱ becomes (株). NFKC without glyph choices."""
    return text if text.isascii() else unicodedata.normalize("NFKC", VARIATION.sub("", text))


def plain_latin(text: str) -> str:
    """Latin letters without their accents; Kana keep their marks."""
    if text.isascii():
        return text
    text = _ACCENTED.sub(lambda found: unicodedata.normalize("NFD", found.group()), text.translate(_LETTERS))
    return _COMBINING.sub("", text)


def hyphens(text: str) -> str:
    """All dashes as "-": for numbers only, since ー is a vowel in a name."""
    return _DASH.sub("-", text)


def digits(text: str) -> str:
    """Digits of every script as 0-9: ٣ and ३ are 3."""
    return text if text.isascii() else _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.decimal(found.group())), text)


def script(text: str) -> str | None:
    """cjk (any Kanji), kana, latin or other; None where there is no letter."""
    if _HAS_CJK.search(text):
        return "cjk"
    if _HAS_KANA.search(text):
        return "kana"
    if _HAS_LATIN.search(plain_latin(text)):
        return "latin"
    return "other" if any(c.isalpha() for c in text) else None


def is_junk(folded: str) -> bool:
    """Whether a folded, non-empty text is what people type when they have nothing to type (なし, N/A, -)."""
    return len(folded) <= _LONGEST_JUNK and folded.lower().replace(" ", "") in tables.words("junk_values.txt")
