"""Salesforce record ids: 15 case-sensitive characters, or 18 with a checksum of the upper case.

Belongs here: making, checking and completing ids. Not here: which ids exist.
"""

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_PATTERN = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?\Z")
_INSTANCE = "5g0"


def with_checksum(id15: str) -> str:
    """The 18-character form: one character for each group of five says which are upper case."""
    suffix = "".join(
        _CHECKSUM[sum(1 << i for i, character in enumerate(group) if character.isupper())]
        for group in (id15[0:5], id15[5:10], id15[10:15])
    )
    return id15 + suffix


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
