"""Salesforce record ids: 15 characters that differ by case, or 18 with a checksum that does not need case."""

from __future__ import annotations

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def to_18(record_id: str) -> str:
    """The 18-character form; anything that is not 15 characters long is given back as it is."""
    if len(record_id) != 15:
        return record_id
    suffix = ""
    for start in (0, 5, 10):
        part = record_id[start : start + 5]
        suffix += _ALPHABET[sum(1 << place for place, letter in enumerate(part) if letter.isupper())]
    return record_id + suffix
