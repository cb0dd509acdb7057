"""How common family names are in Japan (japanese-personal-name-dataset).

Belongs here: name -> share of the inhabitants. Not here: how common it is in the organisation (terms.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from japanese_personal_name_dataset import load_dataset

#: Inhabitants of Japan that the counts of the name dataset refer to.
_POPULATION = 126_000_000


def family_share(key: str) -> float | None:
    """Share of the inhabitants with this family name, a folded key in kanji or Latin letters; None: not in the data."""
    return _shares().get(_romaji(key))


@lru_cache(maxsize=1)
def _shares() -> Mapping[str, float]:
    _, _, families = load_dataset("org", include_last_names=True)
    shares: dict[str, float] = {}
    for kanji, entry in families.items():
        shares[kanji] = entry["count"] / _POPULATION
        romaji = _romaji(entry["en"])
        shares[romaji] = shares.get(romaji, 0.0) + entry["count"] / _POPULATION
    return shares


def _romaji(text: str) -> str:
    """Long vowels as normalise writes them: satou = sato. Other scripts stay."""
    return re.sub(r"ou|oo|oh(?=[^aeiou]|$)", "o", text).replace("uu", "u") if text.isascii() else text
