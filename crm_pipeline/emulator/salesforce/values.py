"""Field values as stored: exactly what the REST API answers in JSON.

Belongs here: checking a value against its field's type and bringing it into the stored form.
Not here: anything that needs other records. Stored forms: text trimmed, empty is None; datetimes
`2024-01-01T00:00:00.000+0000`, always UTC, so that they compare as text; dates `2024-01-01`;
references 18 characters.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.errors import ApiError, parser_error
from crm_pipeline.emulator.salesforce.schema import Field

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})\Z")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}\Z")
_INT_RANGE = range(-(2**31), 2**31)
_YEARS = range(1700, 4001)
"""Dates that Salesforce keeps."""


def format_datetime(at: datetime) -> str:
    """Stored form of a time; Salesforce keeps whole seconds."""
    return f"{at.astimezone(UTC).isoformat()[:19]}.000+0000"


def parse_datetime(text: str) -> datetime | None:
    """A datetime literal with an offset or Z; None when it is none."""
    if not _DATETIME.match(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def parse_date(text: str) -> date | None:
    """A date literal `yyyy-MM-dd`; None when it is none."""
    if not _DATE.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def coerce(field: Field, value: Any) -> Any:
    """The stored form of a JSON value for this field.

    Raises ApiError: JSON_PARSER_ERROR (wrong JSON type), STRING_TOO_LONG, INVALID_EMAIL_ADDRESS,
    INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, NUMBER_OUTSIDE_VALID_RANGE, MALFORMED_ID,
    FIELD_INTEGRITY_EXCEPTION (a date that is not kept). Whether null
    is allowed for the record is not checked, except for checkboxes, which never take it.
    """
    if type(value) in (dict, list):
        raise _cannot_deserialize(field, value)
    if value is None:
        if field.type == "boolean":
            raise _cannot_deserialize(field, value)
        return None
    convert: Callable[[Field, Any], Any] = _CONVERTERS.get(field.type, _text)
    return convert(field, value)


def _text(field: Field, value: Any) -> str | None:
    text = value if isinstance(value, str) else str(value).lower()
    text = text.strip()
    if field.type == "textarea":
        text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    if not text:
        return None
    if len(text) > field.length:
        raise ApiError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            [field.name],
        )
    return text


def _email(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is not None and not _EMAIL.match(text):
        raise ApiError(
            "INVALID_EMAIL_ADDRESS",
            f"{field.label}: invalid email address: {text}",
            [field.name],
        )
    return text


def _picklist(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is None:
        return None
    chosen = [text]
    if field.type == "multipicklist":
        chosen = _in_order(field, text)
        text = ";".join(chosen) or None
    if field.restricted and any(choice not in field.active_values for choice in chosen):
        raise ApiError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
            [field.name],
        )
    return text


def _in_order(field: Field, text: str) -> list[str]:
    """The chosen values once each, in the order in which the field lists them; unknown ones come last."""
    chosen = dict.fromkeys(part for choice in text.split(";") if (part := choice.strip()))
    order = {choice["value"]: place for place, choice in enumerate(field.described["picklistValues"])}
    return sorted(chosen, key=lambda choice: order.get(choice, len(order)))


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _cannot_deserialize(field, value)


def _number(field: Field, value: Any) -> float | None:
    number = _decimal(field, value)
    if number is None:
        return None
    if abs(number) >= Decimal(10) ** (field.precision - field.scale):
        raise ApiError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {float(number)!r}",
            [field.name],
        )
    rounded = number.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_UP)
    return float(rounded)


def _int(field: Field, value: Any) -> int | None:
    number = _decimal(field, value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _cannot_deserialize(field, value)
    if int(number) not in _INT_RANGE or abs(number) >= 10 ** (field.digits or 10):
        raise ApiError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {int(number)}",
            [field.name],
        )
    return int(number)


def _decimal(field: Field, value: Any) -> Decimal | None:
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise _cannot_deserialize(field, value)
    if isinstance(value, str) and not value.strip():
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _cannot_deserialize(field, value) from None
    if not number.is_finite():
        raise _cannot_deserialize(field, value)
    return number


def _date(field: Field, value: Any) -> str | None:
    if value == "":
        return None
    day = parse_date(value) if isinstance(value, str) else None
    if day is None:
        raise _cannot_deserialize(field, value)
    _check_year(field, datetime(day.year, day.month, day.day, tzinfo=UTC))
    return day.isoformat()


def _datetime(field: Field, value: Any) -> str | None:
    if value == "":
        return None
    at = parse_datetime(value) if isinstance(value, str) else None
    if at is None:
        raise _cannot_deserialize(field, value)
    _check_year(field, at)
    return format_datetime(at)


def _check_year(field: Field, at: datetime) -> None:
    if at.year not in _YEARS:
        told = f"{at:%a %b %d %H:%M:%S} GMT {at.year}"
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"{field.label}: invalid date: {told}", [field.name])


def _reference(field: Field, value: Any) -> str | None:
    text = str(value).strip()
    if not text:
        return None
    record_id = ids.canonical(text)
    if record_id is None:
        raise wrong_id(field, text)
    return record_id


def wrong_id(field: Field, text: str) -> ApiError:
    """The value of a reference is no id."""
    return ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}", [field.name])


def wrong_type(field: Field, record_id: str) -> ApiError:
    """The value of a reference is the id of an object that it cannot refer to."""
    message = f"{field.label}: id value of incorrect type: {record_id}"
    return ApiError("FIELD_INTEGRITY_EXCEPTION", message, [field.name])


_JAVA_TYPES = {"currency": "double", "percent": "double", "datetime": "dateTime"}


def _cannot_deserialize(field: Field, value: Any) -> ApiError:
    token = {
        dict: "START_OBJECT value {",
        list: "START_ARRAY value [",
        type(None): "VALUE_NULL value null",
        bool: f"VALUE_{str(value).upper()} value {str(value).lower()}",
        int: f"VALUE_NUMBER_INT value {value}",
        float: f"VALUE_NUMBER_FLOAT value {value}",
    }.get(type(value), f"VALUE_STRING value {value}")
    java_type = _JAVA_TYPES.get(field.type, field.type)
    if field.type in ("boolean", "int", "double", "currency", "percent", "date", "datetime"):
        target = java_type
    else:
        target = "string"
    return parser_error(
        f"Cannot deserialize instance of {target} from {token} or request may be missing a "
        "required field at [line:1, column:2]"
    )


_CONVERTERS: dict[str, Callable[[Field, Any], Any]] = {
    "boolean": _boolean,
    "currency": _number,
    "date": _date,
    "datetime": _datetime,
    "double": _number,
    "email": _email,
    "int": _int,
    "multipicklist": _picklist,
    "percent": _number,
    "picklist": _picklist,
    "reference": _reference,
}
