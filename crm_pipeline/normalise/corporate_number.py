"""Corporate numbers (法人番号): thirteen digits that the National Tax Agency gives to every corporation.

Belongs here: reading one, and its check digit. Not here: companies' names (company.py).
"""

from __future__ import annotations

import re

from crm_pipeline.normalise.text import width, written

#: The number of a qualified invoice issuer is that of the corporation behind a T.
_NUMBER = re.compile(r"t?([0-9]{13})")
_BETWEEN = re.compile(r"[\s\-‐‑–—−ー.,()]")


def corporate_number(raw: str | None) -> str | None:
    """7000012050002 of `7 0000 1205 0002`, `７０００－０１２０５０００２` or T7000012050002; None for anything else.

    The first digit checks the others (法人番号の指定等に関する省令, article 2): 9 less the remainder by 9 of their sum,
    every second one from the right doubled.
    """
    found = _NUMBER.fullmatch(_BETWEEN.sub("", width(written(raw)).lower()))
    if found is None:
        return None
    check, *digits = map(int, found[1])
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return found[1] if check == 9 - total % 9 else None
