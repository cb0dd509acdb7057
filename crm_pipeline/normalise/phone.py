"""Telephone numbers: E.164 with a status, the extension apart, and the prefecture of a Japanese area code.

A number that the plan does not allow is kept as `possible` and never blanked. The formatted number is a key: CRMs keep
what was typed (libphonenumber groups 026-000-0000 as 0260-00-0000).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.text import hyphens, is_junk, width, written

_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d{1,14}))?e\+?(\d{1,2})", re.IGNORECASE)
_FLOAT = re.compile(r"(\d{7,15})\.0+")
_EXTENSION = re.compile(r"(?:内線(?:番号)?|内|;?ext(?:ension|n)?|(?<=\d)\s*x|#)[\s.:=()]*(\d{1,7})", re.IGNORECASE)
_NOTE = re.compile(r"\([^()]*[^\d()+\s-][^()]*\)")
_NEXT = re.compile(r"[/、,;&|~〜]|fax|\s(?:or|又は)\s", re.IGNORECASE)
_LETTER_O = re.compile(r"(?<![a-z])o(?=[\d-])|(?<=\d)o(?=[\d-])", re.IGNORECASE)
_SEPARATORS = re.compile(r"[・･._:\s]+")
_FROM_JAPAN = re.compile(r"^(?:0033|0061|001|00)?-?(?:010|00|001)-?81-?")
_JAPAN = re.compile(r"^81-?\(?0?\)?-?[1-9][\d-]{8,}$")
_SEQUENCES = ("0123456789", "1234567890", "9876543210", "123456789", "12345678901")

_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.VOIP: "voip",
}


@dataclass(frozen=True)
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
    text = width(written(raw))
    if not text:
        return Phone()
    if is_junk(text):
        return Phone(status="junk")
    digits, extension = _cleaned(text)
    only = re.sub(r"\D", "", digits)
    if len(only) < 4 or len(set(only)) == 1 or only in _SEQUENCES:
        return Phone(status="junk")
    try:
        number = phonenumbers.parse(_international(digits, region), region)
    except NumberParseException:
        return Phone(extension=extension, status="junk")
    line = phonenumbers.number_type(number)
    if line != PhoneNumberType.UNKNOWN:
        status = "valid"
    elif phonenumbers.is_possible_number(number):
        status = "possible"
    else:
        return Phone(extension=extension, status="junk")
    kind = _KINDS.get(line, "other")
    country = number.country_code or 0
    found = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(country)
    return Phone(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        extension,
        status,
        found,
        _prefecture(number, kind) if found == "JP" else None,
        kind,
    )


def _cleaned(text: str) -> tuple[str, str | None]:
    """Digits, plus and hyphens of the first number, and its extension."""
    text = _as_typed_by_a_spreadsheet(text)
    text = hyphens(text.translate(_KANJI_DIGITS))
    extension = None
    if found := _EXTENSION.search(text):
        extension, text = found.group(1), text[: found.start()]
    text = re.sub(r"^\D*?(?=[+(\do])", "", _NOTE.sub(" ", text), count=1, flags=re.IGNORECASE)
    text = next((part for part in _NEXT.split(text) if len(re.sub(r"\D", "", part)) > 5), text)
    text = _SEPARATORS.sub("-", _LETTER_O.sub("0", text).strip())
    return re.sub(r"[^\d+()-]", "", text), extension


def _as_typed_by_a_spreadsheet(text: str) -> str:
    """9.012345678E9 and 9012345678.0 are 9012345678."""
    if found := _SCIENTIFIC.fullmatch(text):
        whole, fraction, power = found.group(1), found.group(2) or "", int(found.group(3))
        return (whole + fraction).ljust(power + 1, "0") if len(fraction) <= power <= 15 else text
    if found := _FLOAT.fullmatch(text):
        return found.group(1)
    return text


def _international(digits: str, region: str) -> str:
    """0081 26…, 010-81-26… and 81-26… are +81 26…, for a number typed in Japan."""
    if region != "JP" or digits.startswith("+"):
        return digits
    flat = re.sub(r"[()]", "", digits)
    if found := _FROM_JAPAN.match(flat):
        return "+81" + flat[found.end() :]
    return "+" + flat if _JAPAN.match(flat) and len(re.sub(r"\D", "", flat)) in (11, 12) else digits


def _prefecture(number: PhoneNumber, kind: str) -> str | None:
    if kind in ("mobile", "toll_free", "voip"):
        return None
    national = phonenumbers.national_significant_number(number)
    if national.startswith("0"):
        return None
    for prefix, prefectures in tables.listed("border_area_codes.tsv").items():
        if national.startswith(prefix):
            return prefectures[0] if len(prefectures) == 1 else None
    return _described(national[:7].ljust(len(national), "0"))


@lru_cache(maxsize=1 << 15)
def _described(national: str) -> str | None:
    """libphonenumber's geocoder, loaded late (0.4 s): "Matsumoto, Nagano" is 長野県. Seven digits decide."""
    from phonenumbers import geocoder

    name = geocoder.description_for_valid_number(PhoneNumber(country_code=81, national_number=int(national)), "en")
    return {row[1]: row[0] for row in tables.rows("prefectures.tsv")}.get(name.rsplit(", ", 1)[-1])
