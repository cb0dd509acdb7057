"""K(x), the canonical form of a field value: for comparing, never for writing (spec objects-and-fields.md, Values).

Belongs here: when two spellings of a value are the same value. Not here: keys for matching (normalise/), which fold far
more, and the spelling that is written (plan/fit/translate.py). Blank is the empty string.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers

from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.model import System, Value

#: Canonical parts of a field, in mapping order.
Canonical = tuple[str, ...]

#: A binary float holds so many decimal digits for sure; what follows behind the point is noise.
_SURE_DIGITS = Context(prec=15)
_LENGTH_OF_DATE = len("2026-01-01")
#: No CRM keeps numbers of so many digits: what says so is text.
_MOST_DIGITS = 400


def is_blank(parts: Canonical) -> bool:
    """A group is blank if all its parts are."""
    return not any(parts)


def canonical(
    field: FieldMapping,
    system: System,
    values: tuple[Value, ...],
    *,
    region: str = "JP",
    users: Mapping[tuple[System, str], str] | None = None,
    zone: tzinfo = UTC,
) -> Canonical:
    """The canonical parts of a field's raw values.

    `users` gives the e-mail address of (system, user id): owners of both CRMs are the same by it. `zone`: the
    organisation's, in which a moment has its calendar date and a calendar date begins. A value that cannot be read as
    its type compares as text: it equals itself and nothing else.
    """
    to_salesforce: Mapping[str, str] = {}
    if field.values:
        to_salesforce = field.values.to_salesforce if system is System.HUBSPOT else field.values.merged()
    match field.type:
        case FieldType.USER:
            return tuple(_user(system, value, users or {}) for value in values)
        case FieldType.PHONE:
            return tuple(_phone(_text(value), region) for value in values)
        case FieldType.DATE:
            return tuple(_date(_text(value), zone) for value in values)
        case FieldType.DATETIME:
            return tuple(_datetime(_text(value), zone) for value in values)
        case FieldType.MULTI_PICKLIST:
            return tuple(_multi_picklist(value, to_salesforce) for value in values)
    form = _FORMS.get(field.type, _text)
    if not to_salesforce:
        return tuple([form(value) for value in values])
    return tuple(form(to_salesforce.get(_text(value), value)) for value in values)


def protecting(field: FieldMapping) -> frozenset[Canonical]:
    """The canonical forms of a ratchet's tight values, which the mapping spells as Salesforce does."""
    return frozenset(canonical(field, System.SALESFORCE, (value,)) for value in field.tight)


def compared(type_: FieldType, text: str, *, region: str = "JP") -> str:
    """The canonical form of one text that is an address, a number or a name by itself, no mapped field."""
    return _phone(_text(text), region) if type_ is FieldType.PHONE else _FORMS.get(type_, _text)(text)


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def _e_mail(value: Value) -> str:
    return unicodedata.normalize("NFKC", _text(value)).strip().lower()


@lru_cache(maxsize=200_000)
def _phone(text: str, region: str) -> str:
    """E.164 with the extension apart when the number is valid, else its digits."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFKC", text)
    try:
        number = phonenumbers.parse(folded, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_valid_number(number):
        main = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{main};{number.extension}" if number.extension else str(main)
    digits = "".join(c for c in folded if c.isdecimal())
    return digits or _text(text)


def _url(value: Value) -> str:
    return _address(_text(value))


@lru_cache(maxsize=50_000)
def _address(text: str) -> str:
    """Scheme and host in lower case, no closing slash. What is no address compares as text."""
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
    except ValueError:
        return text
    if not parts.netloc:
        return text
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


def _date(text: str, zone: tzinfo) -> str:
    """A calendar date as it was typed, never shifted by a time zone; of a moment, its date in `zone`.

    HubSpot may give a date as midnight UTC in milliseconds.
    """
    try:
        if text.lstrip("-").isdecimal() and len(text) > 8:
            at = _from_milliseconds(text)
            if at is None:
                return text
            return (at if at.time() == time() else at.astimezone(zone)).date().isoformat()
        if "T" in text or " " in text:
            at = datetime.fromisoformat(text)
            return (at.astimezone(zone) if at.tzinfo else at).date().isoformat()
        return date.fromisoformat(text).isoformat()
    except (ValueError, OverflowError):
        return text


def _datetime(text: str, zone: tzinfo) -> str:
    """UTC, cut to seconds: Salesforce keeps no more. A calendar date is its beginning in `zone`."""
    try:
        if len(text) == _LENGTH_OF_DATE and not text.isdecimal():
            at: datetime | None = datetime.combine(date.fromisoformat(text), time(), zone)
        elif text.lstrip("-").isdecimal():
            at = _from_milliseconds(text)
        else:
            at = datetime.fromisoformat(text)
        if at is None:
            return text
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at.astimezone(UTC).replace(microsecond=0).isoformat()
    except (ValueError, OverflowError):
        return text


def _from_milliseconds(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _number(value: Value) -> str:
    text = _text(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return text
    if number != number.to_integral_value():
        number = _SURE_DIGITS.plus(number)
    return format(number.normalize(Context(prec=_MOST_DIGITS)), "f") if number else "0"


def _boolean(value: Value) -> str:
    text = _text(value).lower()
    return {"true": "true", "false": "false"}.get(text, text)


def _multi_picklist(value: Value, to_salesforce: Mapping[str, str]) -> str:
    """The set of chosen values. HubSpot's leading `;` (add to what is there) is none of them."""
    chosen = {part.strip() for part in _text(value).split(";")} - {""}
    return ";".join(sorted({to_salesforce.get(part, part) for part in chosen}))


def _user(system: System, value: Value, users: Mapping[tuple[System, str], str]) -> str:
    text = _text(value)
    return users.get((system, text), f"{system}:{text}") if text else ""


_FORMS: Mapping[FieldType, Callable[[Value], str]] = {
    FieldType.E_MAIL: _e_mail,
    FieldType.URL: _url,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
}
