"""The country that phone numbers without a country code belong to.

Belongs here: finding it from the numbers themselves. Not here: what a number is (normalise/phone.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.normalise.phone import normalise_phone

#: Countries that are tried where the numbers are hardly ever valid in the one of the settings.
_TRIED = ("US", "GB", "JP", "DE", "FR", "AU", "IN", "CN", "KR", "TW", "IT", "ES", "NL", "BR", "SE", "CH", "PL", "MX")
_ENOUGH = 0.6


def region_of(numbers: Sequence[str], usual: str) -> str:
    """`usual`, unless few of these numbers are valid there, and many more in another country."""
    if not numbers:
        return usual
    here = _valid(numbers, usual)
    if here >= _ENOUGH:
        return usual
    share, _, region = max((_valid(numbers, region), -place, region) for place, region in enumerate(_TRIED))
    return region if share >= _ENOUGH and share > here + 0.2 else usual


def _valid(numbers: Sequence[str], region: str) -> float:
    return sum(normalise_phone(number, region).status == "valid" for number in numbers) / len(numbers)
