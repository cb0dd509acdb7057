"""K(x), the canonical form of a field value: for comparing, never for writing (spec objects-and-fields.md, Values).

Belongs here: when two spellings of a value are the same value. Not here: keys for matching (normalise/), which fold far
more, and the spelling that is written (plan/fit/translate.py). Blank is the empty string.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers

from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.model import System, Value

#: Canonical parts of a field, in mapping order.
Canonical = tuple[str, ...]


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
) -> Canonical:
    """The canonical parts of a field's raw values.

    `users` gives the e-mail address of (system, user id): owners of both CRMs are the same by it. A value that cannot
    be read as its type compares as text: it equals itself and nothing else.
    """
    if field.type is FieldType.USER:
        return tuple(_user(system, value, users or {}) for value in values)
    if field.values and system is System.HUBSPOT:
        to_salesforce = field.values.to_salesforce
        values = tuple(to_salesforce.get(str(v), v) if v is not None else None for v in values)
    form = _FORMS.get(field.type, _text)
    if field.type is FieldType.PHONE:
        return tuple(_phone(_text(value), region) for value in values)
    return tuple(form(value) for value in values)


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = unicodedata.normalize("NFC", str(value))
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


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
    """Scheme and host in lower case, no closing slash. What is no address compares as text."""
    text = _text(value)
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
    except ValueError:
        return text
    if not parts.netloc:
        return text
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


def _date(value: Value) -> str:
    """A calendar date, never shifted by a time zone. HubSpot may give midnight UTC in milliseconds."""
    text = _text(value)
    if text.lstrip("-").isdigit() and len(text) > 8:
        try:
            return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
        except (ValueError, OverflowError, OSError):
            return text
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return text


def _datetime(value: Value) -> str:
    """UTC, cut to seconds: Salesforce keeps no more."""
    text = _text(value)
    try:
        at = datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return text
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _number(value: Value) -> str:
    text = _text(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    return format(number.normalize(), "f") if number else "0"


def _boolean(value: Value) -> str:
    text = _text(value).lower()
    return {"true": "true", "false": "false"}.get(text, text)


def _multi_picklist(value: Value) -> str:
    return ";".join(sorted({part.strip() for part in _text(value).split(";")} - {""}))


def _user(system: System, value: Value, users: Mapping[tuple[System, str], str]) -> str:
    text = _text(value)
    return users.get((system, text), f"{system}:{text}") if text else ""


_FORMS: Mapping[FieldType, Callable[[Value], str]] = {
    FieldType.E_MAIL: _e_mail,
    FieldType.URL: _url,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.MULTI_PICKLIST: _multi_picklist,
}
