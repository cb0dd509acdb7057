"""Telephone numbers: E.164 with a status, the extension apart, and the prefecture of a Japanese area code.

A number that the plan does not allow is kept as `possible` and never blanked. The formatted number is a key: CRMs keep
what was typed (libphonenumber groups 026-000-0000 as 0260-00-0000).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.phone_text import number_and_extension, only_digits
from crm_pipeline.normalise.text import width, written

_FROM_JAPAN = re.compile(r"^(?:0033|0061|001|00)?-?(?:010|00|001)-?81-?|^011-?81-?(?=[\d-]{9,})")
_JAPAN = re.compile(r"^81-?\(?0?\)?-?[1-9][\d-]{8,}$")
_ENUMERATED = re.compile("[\u2460-\u24ff\u2776-\u2793]")  # ① is no 1 of a number
_SEQUENCES = ("0123456789", "1234567890", "9876543210", "123456789", "12345678901", "12345678", "01234567")

#: A number of Japan whose first five digits say all: with its trunk 0, without it (as a spreadsheet leaves it), or +81.
#: 010 is how Japan dials abroad.
_OF_JAPAN = re.compile(r"(?:\+?810?|0(?!10)|)([1-9]\d{8,9})")

_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.VOIP: "voip",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as compared. `status`: valid, possible (has the right length), junk, none (nothing was typed).

    `prefecture`: of the area code of a Japanese fixed line, None where the code reaches over a border. `kind`: mobile,
    fixed, fixed_or_mobile, toll_free, voip or other.
    """

    e164: str | None = None
    extension: str | None = None
    status: str = "none"
    region: str | None = None
    prefecture: str | None = None
    kind: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "e164": self.e164,
            "extension": self.extension,
            "status": self.status,
            "region": self.region,
            "prefecture": self.prefecture,
            "kind": self.kind,
        }


def normalise_phone(raw: str | None, region: str = "JP") -> Phone:
    """The first number of a field. `region`: ISO country of numbers without a country code. Never raises."""
    text = width(_ENUMERATED.sub(" ", written(raw)))
    if not text:
        return Phone()
    number, extension = number_and_extension(text)
    only = only_digits(number)
    if len(only) < 4 or len(set(only)) == 1 or only in _SEQUENCES:
        return Phone(extension=extension, status="junk")
    if region == "JP":
        number = _international(number)
        digits = f"+{only_digits(number)}" if number[0] == "+" else only
        if found := _OF_JAPAN.fullmatch(digits):
            return _japanese(found.group(1), extension)
        if number[0] != "+" and (abroad := _dialled_abroad(digits)):
            number = abroad
        elif number[0] not in "+0(" and len(only) < 9:
            return Phone(extension=extension, status="junk")  # lacks its area code
    return _by_library(number, region, extension)


def _japanese(national: str, extension: str | None) -> Phone:
    """What the library says of a national number of nine or ten digits: five of them decide in its plan of Japan."""
    kind, status = _line(national[:5], len(national))
    prefecture = None if kind in ("mobile", "toll_free", "voip") else _prefecture(national)
    return Phone(f"+81{national}", extension, status, "JP", prefecture, kind)


@lru_cache(maxsize=1 << 14)
def _line(beginning: str, length: int) -> tuple[str, str]:
    """Kind and status of Japanese numbers that begin so. Nine and ten digits are always possible."""
    line = phonenumbers.number_type(PhoneNumber(country_code=81, national_number=int(beginning.ljust(length, "5"))))
    return _KINDS.get(line, "other"), "possible" if line == PhoneNumberType.UNKNOWN else "valid"


def _by_library(number: str, region: str, extension: str | None) -> Phone:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return Phone(extension=extension, status="junk")
    line = phonenumbers.number_type(parsed)
    if line == PhoneNumberType.UNKNOWN and not phonenumbers.is_possible_number(parsed):
        return Phone(extension=extension, status="junk")
    country = parsed.country_code or 0
    national = phonenumbers.national_significant_number(parsed)
    found = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(country)
    kind = _KINDS.get(line, "other")
    return Phone(
        f"+{country}{national}",
        extension,
        "possible" if line == PhoneNumberType.UNKNOWN else "valid",
        found,
        _prefecture(national) if found == "JP" and kind not in ("mobile", "toll_free", "voip") else None,
        kind,
    )


def _international(number: str) -> str:
    """0081 26…, 010-81-26… and 81-26… are +81 26…, for a number typed in Japan."""
    if "+" in number:
        return number[number.index("+") :]
    if not number.startswith(("0", "8", "(")):
        return number
    flat = number.replace("(", "").replace(")", "")
    if found := _FROM_JAPAN.match(flat):
        return "+81" + flat[found.end() :]
    return "+" + flat if _JAPAN.match(flat) and len(only_digits(flat)) in (11, 12) else number


def _dialled_abroad(digits: str) -> str | None:
    """00 44 20 7031 3000 as +44…: only where such a number exists."""
    if not digits.startswith("00"):
        return None
    number = "+" + digits.lstrip("0")
    try:
        return number if phonenumbers.is_valid_number(phonenumbers.parse(number)) else None
    except NumberParseException:
        return None


def _prefecture(national: str) -> str | None:
    """The prefecture of a fixed line; None where there is no such area, or it reaches over a border."""
    codes = _area_codes()
    for length in (4, 3, 2, 1):
        if found := codes.get(national[:length]):
            return found[0] if len(found) == 1 else None
    return None


@cache
def _area_codes() -> dict[str, tuple[str, ...]]:
    return tables.listed("area_codes.tsv")
