"""Filters of the search endpoint: each one as a test of a record's properties, with what an index may make of it.

Belongs here: operators by property type, HubSpot's words for a filter it cannot read. Not here: which records are
looked at (selection.py), limits on their number (search.py).

Choices where HubSpot's behaviour is not documented: NEQ, NOT_IN and NOT_CONTAINS_TOKEN need a value to be there;
a filter on associations knows EQ, IN, HAS_PROPERTY and NOT_HAS_PROPERTY.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import orjson

from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid, invalid_json
from crm_pipeline.emulator.hubspot.formats import date_text, datetime_text, epoch_ms
from crm_pipeline.emulator.hubspot.properties import Definition

OPERATORS = (
    *("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN"),
    *("HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"),
)
_TOKEN = re.compile(r"[\w*]+")
_TEXTS = ("string", "phone_number")
_TIMES = ("date", "datetime")

Test = Callable[[Mapping[str, str]], bool]
Check = Callable[[Any], bool]
Definitions = Mapping[str, Definition]


@dataclass(frozen=True)
class Filter:
    """One filter.

    `values` are those asked for by EQ and IN, in the form that stored values are compared in; `numbers` the only
    records that can match, where something else than the records knows them; `hints` are what every matching record
    holds (Record.holds).
    """

    name: str
    operator: str
    key: tuple[Any, ...] | None  # filters with the same key are the same; None: what it finds is kept elsewhere
    test: Test
    low: Any = None
    high: Any = None
    values: tuple[Any, ...] = ()
    numbers: frozenset[int] | None = None
    hints: tuple[bytes, ...] = ()

    @property
    def is_span(self) -> bool:
        """Whether it leaves one stretch of the values in their order."""
        return self.operator in ("GT", "GTE", "LT", "LTE", "BETWEEN", "EQ")

    def span(self, whole: Callable[[Any], float]) -> tuple[float, float]:
        """The stretch that the filter leaves of whole numbers: from (inclusive), to (exclusive).

        `whole` makes numbers of compared values.
        """
        match self.operator:
            case "GT":
                return math.floor(whole(self.low)) + 1, math.inf
            case "GTE":
                return math.ceil(whole(self.low)), math.inf
            case "LT":
                return -math.inf, math.ceil(whole(self.low))
            case "LTE":
                return -math.inf, math.floor(whole(self.low)) + 1
            case "BETWEEN":
                return math.ceil(whole(self.low)), math.floor(whole(self.high)) + 1
        return math.ceil(whole(self.low)), math.floor(whole(self.low)) + 1


def parsed_filter(given: Any, definitions: Definitions) -> Filter:
    """A filter of a request. Raises HubSpotError 400."""
    if not isinstance(given, Mapping):
        raise invalid_json("Cannot construct instance of `com.hubspot.inbounddb.publicobject.core.v3.search.Filter`")
    name, operator = named(given)
    definition = definitions.get(name)
    if definition is None:
        raise unknown_property(name)
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        wanted = operator == "HAS_PROPERTY"
        return Filter(name, operator, (name, operator), lambda properties: (name in properties) is wanted)
    if operator in ("IN", "NOT_IN"):
        return _membership(given, name, operator, definition)
    text = _text(given, "value", operator)
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        wanted = operator == "CONTAINS_TOKEN"
        test = _present(name, str, lambda stored: has_tokens(stored, text) is wanted)
        return Filter(name, operator, (name, operator, text), test)
    low = compared(definition, text)
    high = compared(definition, _text(given, "highValue", operator)) if operator == "BETWEEN" else None
    test = _present(name, key_of(definition), _comparison(operator, low, high))
    key = (name, operator, low, high)
    if operator != "EQ":
        return Filter(name, operator, key, test, low, high)
    hints = hints_of(low, whole=True) if isinstance(low, str) and definition["type"] not in _TIMES else ()
    return Filter(name, operator, key, test, low, values=(low,), hints=hints)


def named(given: Mapping[str, Any]) -> tuple[str, str]:
    """Property name and operator of a filter. Raises HubSpotError 400."""
    missing = [key for key in ("propertyName", "operator") if not given.get(key)]
    if missing:
        raise invalid_json(f"Cannot build Filter, some of required attributes are not set [{', '.join(missing)}]")
    name, operator = given["propertyName"], given["operator"]
    if not isinstance(name, str) or operator not in OPERATORS:
        raise invalid_json(
            "Cannot deserialize value of type `com.hubspot.inbounddb.publicobject.core.v3.search.Operator` from String "
            f'"{operator}": not one of the values accepted for Enum class: [{", ".join(OPERATORS)}]'
        )
    return name, operator


def asked_values(given: Mapping[str, Any], operator: str) -> list[str]:
    """The list of values of an IN or NOT_IN. Raises HubSpotError 400."""
    values = given.get("values")
    if not isinstance(values, list) or not values:
        raise _problem(f"operator {operator} requires values")
    return [_plain(value) for value in values]


def asked_value(given: Mapping[str, Any], operator: str) -> str:
    """The value of a filter. Raises HubSpotError 400."""
    return _text(given, "value", operator)


def unknown_property(name: str) -> HubSpotError:
    """400 for a property that the object type does not have."""
    return invalid(f"There was a problem with the request: property {name} does not exist", propertyName=[name])


def key_of(definition: Definition) -> Callable[[str], Any]:
    """What stored values of a property are compared by."""
    match definition["type"]:
        case "number":
            return float
        case "date":
            return lambda stored: f"{stored}T00:00:00.000Z"
        case "string" | "phone_number":
            return str.lower
    return str


def compared(definition: Definition, text: str) -> Any:
    """A filter's value in the form that stored values are compared in. Raises HubSpotError 400."""
    kind = definition["type"]
    if kind == "number":
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise invalid(f"{text} was not a valid long.")
        return number
    if kind in _TIMES:
        day = date_text(text)
        moment = datetime_text(text) or (f"{day}T00:00:00.000Z" if day else None)
        if moment is None:
            raise invalid(f"{text} was not a valid {kind}.")
        return moment
    return text.lower() if kind in (*_TEXTS, "bool") else text


def hints_of(text: str, *, whole: bool) -> tuple[bytes, ...]:
    """What a record holds that has the text in any capitalisation, as a whole value or within; empty: not known.

    Only letters of ASCII and scripts without capitals are safe to compare in bytes.
    """
    if any(not letter.isascii() and letter.lower() != letter.upper() for letter in text):
        return ()
    held = orjson.dumps(text).lower()
    return (held if whole else held[1:-1],)


def milliseconds(moment: Any) -> float:
    """A compared datetime as milliseconds since 1970."""
    return epoch_ms(moment)


def has_tokens(stored: str, sought: str) -> bool:
    """Whether every word of `sought` (with * as wildcard) is a word of the value, or it matches the whole value."""
    whole, pattern = stored.lower(), re.sub(r"([\[?])", r"[\1]", sought.lower())
    if "*" in pattern and fnmatchcase(whole, pattern):
        return True
    words = _TOKEN.findall(whole)
    wanted = _TOKEN.findall(sought.lower())
    return bool(wanted) and all(any(fnmatchcase(word, one) for word in words) for one in wanted)


def _membership(given: Mapping[str, Any], name: str, operator: str, definition: Definition) -> Filter:
    texts = asked_values(given, operator)
    if definition["type"] in _TEXTS:
        # HubSpot's documentation: for text properties the values of IN must be lower case; others never match.
        values = tuple(dict.fromkeys(texts))
    else:
        values = tuple(dict.fromkeys(compared(definition, text) for text in texts))
    allowed, wanted = frozenset(values), operator == "IN"
    test = _present(name, key_of(definition), lambda stored: (stored in allowed) is wanted)
    return Filter(name, operator, (name, operator, allowed), test, values=values if wanted else ())


def _present(name: str, key: Callable[[str], Any], check: Check) -> Test:
    return lambda properties: name in properties and check(key(properties[name]))


def _comparison(operator: str, low: Any, high: Any) -> Check:
    match operator:
        case "EQ":
            return lambda stored: bool(stored == low)
        case "NEQ":
            return lambda stored: bool(stored != low)
        case "LT":
            return lambda stored: bool(stored < low)
        case "LTE":
            return lambda stored: bool(stored <= low)
        case "GT":
            return lambda stored: bool(stored > low)
        case "GTE":
            return lambda stored: bool(stored >= low)
    return lambda stored: bool(low <= stored <= high)


def _text(given: Mapping[str, Any], part: str, operator: str) -> str:
    value = given.get(part)
    if value is None:
        raise _problem(f"operator {operator} requires a {part}")
    return _plain(value)


def _plain(value: Any) -> str:
    """Text, or a number or boolean as Jackson makes text of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    token = "START_ARRAY" if isinstance(value, list) else "START_OBJECT"
    raise invalid_json(f"Cannot deserialize instance of `java.lang.String` out of {token} token")


def _problem(problem: str) -> HubSpotError:
    return invalid_json(
        f"Cannot construct instance of `com.hubspot.inbounddb.publicobject.core.v3.search.Filter`, problem: {problem}"
    )
