"""Salesforce record ids: 15 case-sensitive characters, or 18 with a checksum of the upper case.

Belongs here: making, checking and completing ids. Not here: which ids exist.
"""

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_UPPER_CASE = {one + other: one.isupper() + 2 * other.isupper() for one in _ALPHABET for other in _ALPHABET}
"""Which of two characters are upper case, as two bits: checksums are made a million times."""
_PATTERN = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?\Z")
_INSTANCE = "5g0"


def with_checksum(id15: str) -> str:
    """The 18-character form: one character for each group of five says which are upper case."""
    upper = _UPPER_CASE
    return id15 + "".join(
        [
            _CHECKSUM[upper[id15[i : i + 2]] + 4 * upper[id15[i + 2 : i + 4]] + 16 * id15[i + 4].isupper()]
            for i in (0, 5, 10)
        ]
    )


def canonical(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when it is not an id at all."""
    if not _PATTERN.match(text):
        return None
    complete = with_checksum(text[:15])
    return complete if len(text) == 15 or text == complete else None


def make_id(key_prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record with this prefix; ascending in `number`."""
    digits = ""
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return with_checksum(key_prefix + _INSTANCE + digits.rjust(9, "0"))
