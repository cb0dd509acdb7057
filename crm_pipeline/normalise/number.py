"""Numbers written in Kanji: 六十三, 二〇〇〇, 元."""

from __future__ import annotations

_DIGITS = {kanji: digit for digit, kanji in enumerate("〇一二三四五六七八九")} | {"元": 1, "零": 0}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def kanji_to_digits(text: str) -> str:
    """二十三 and 二三 are both 23; 元 (the first year of an era) is 1. Other characters must not occur."""
    if not any(c in _PLACES for c in text):
        return "".join(str(_DIGITS[c]) for c in text)
    total = pending = 0
    for char in text:
        if place := _PLACES.get(char):
            total, pending = total + (pending or 1) * place, 0
        else:
            pending = _DIGITS[char]
    return str(total + pending)
