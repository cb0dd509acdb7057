"""State and country picklists: addresses take only known states and countries, by name or by code.

Belongs here: the lists, the fields that the switch adds, keeping name and code of a record together. Not here:
addresses of organisations without the switch, which are plain text.

Sources: Salesforce Help, "State and Country/Territory Picklist Field-Syncing Logic"; error texts from public reports
(facts 3.9). Integration values are the English names; only Australia, Canada, Japan and the United States have states
(choices: a new organisation of Salesforce has about ten countries with states, and its values can be edited).
"""

from __future__ import annotations

import base64
import json
from functools import cache
from importlib.resources import files
from typing import Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.layout import Draft
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import SObject

_STATE, _COUNTRY = "State", "Country"
_INTEGRITY = "FIELD_INTEGRITY_EXCEPTION"


class Places:
    """Names by code and codes by name (any letter case); states by country code."""

    def __init__(self, listed: dict[str, Any]) -> None:
        self.countries: dict[str, str] = dict(listed["countries"])
        self.states: dict[str, dict[str, str]] = {code: dict(states) for code, states in listed["states"].items()}
        self.country_codes = {name.lower(): code for code, name in self.countries.items()}
        self.state_codes = {
            country: {name.lower(): code for code, name in states.items()} for country, states in self.states.items()
        }


@cache
def places() -> Places:
    """The lists of describe/_states.json."""
    folder = files("crm_pipeline.emulator.salesforce") / "describe"
    return Places(json.loads((folder / "_states.json").read_text("utf-8")))


def prefixes(sobject: SObject) -> list[str]:
    """What stands before State and Country in the names of the object's addresses: `Mailing`, or nothing."""
    return [field.name.removesuffix("Address") for field in sobject.fields.values() if field.type == "address"]


def code_fields(sobject: SObject) -> list[dict[str, Any]]:
    """Describe entries of the fields that the switch adds to an object."""
    made = []
    for prefix in prefixes(sobject):
        controller = f"{prefix}CountryCode"
        for part, choices in ((_COUNTRY, _country_choices()), (_STATE, _state_choices())):
            made.append(
                {
                    "name": f"{prefix}{part}Code",
                    "label": f"{sobject.fields[prefix + part].label} Code",
                    "type": "picklist",
                    "length": 10,
                    "byteLength": 30,
                    "compoundFieldName": f"{prefix}Address",
                    "permissionable": True,
                    "restrictedPicklist": False,
                    "dependentPicklist": part == _STATE,
                    "controllerName": controller if part == _STATE else None,
                    "picklistValues": choices,
                }
            )
    return made


def synced(sobject: SObject, before: Row | None, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a write with state and country, name and code, brought together.

    `before` is None for a new record. Raises ApiError FIELD_INTEGRITY_EXCEPTION for an unknown state or country, a
    state of another country or of none, and on update for a name and a code that disagree.
    """
    synced_values = dict(values)
    for prefix in prefixes(sobject):
        named = {f"{prefix}{part}{end}" for part in (_STATE, _COUNTRY) for end in ("", "Code")}
        if named & values.keys():
            synced_values |= _address(sobject, prefix, before, values)
    return synced_values


def known_codes(sobject: SObject, row: Row | Draft) -> dict[str, Any]:
    """The codes of what a record has as text; None for a text that is not known, from before the switch or imported."""
    codes: dict[str, Any] = {}
    for prefix in prefixes(sobject):
        country = places().country_codes.get((row[f"{prefix}{_COUNTRY}"] or "").lower())
        states = places().state_codes.get(country or "", {})
        codes[f"{prefix}CountryCode"] = country
        codes[f"{prefix}StateCode"] = states.get((row[f"{prefix}{_STATE}"] or "").lower())
    return codes


def _address(sobject: SObject, prefix: str, before: Row | None, values: dict[str, Any]) -> dict[str, Any]:
    known = places()
    country_field, state_field = prefix + _COUNTRY, prefix + _STATE
    country = _code(sobject, country_field, before, values, known.countries, known.country_codes)
    country_given = country_field in values or f"{country_field}Code" in values
    state_given = any(values.get(name) is not None for name in (state_field, f"{state_field}Code"))
    if country is None and country_given and not state_given:
        return dict.fromkeys((country_field, f"{country_field}Code", state_field, f"{state_field}Code"))
    if country is None and state_given:
        message = "A country/territory must be specified before specifying a state value for field: "
        raise ApiError(_INTEGRITY, message + sobject.fields[state_field].label, [state_field])
    states, codes = known.states.get(country or "", {}), known.state_codes.get(country or "", {})
    state = _code(sobject, state_field, before, values, states, codes)
    return {
        country_field: known.countries.get(country or ""),
        f"{country_field}Code": country,
        state_field: states.get(state or ""),
        f"{state_field}Code": state,
    }


def _code(
    sobject: SObject,
    name: str,
    before: Row | None,
    values: dict[str, Any],
    names: dict[str, str],
    codes: dict[str, str],
) -> str | None:
    """The code that the record has afterwards. `names` by code and `codes` by name are what is allowed."""
    code_name = f"{name}Code"
    text, code = values.get(name), values.get(code_name)
    if code is not None and code not in names:
        kind = "state" if name.endswith(_STATE) else "country/territory"
        message = f"The {code_name} field contains {code}, which isn't an available {kind}."
        raise ApiError(_INTEGRITY, message, [code_name])
    if text is not None and (code is None or before is not None):
        found = codes.get(text.lower())
        if found is None or (code is not None and found != code):
            raise _problem(sobject, name)
        return found
    if code_name in values or name in values:
        return code
    kept = before[code_name] if before is not None else None
    if kept is not None and kept not in names:
        raise _problem(sobject, name)
    return kept


def _problem(sobject: SObject, name: str) -> ApiError:
    kind, several = ("state", "states") if name.endswith(_STATE) else ("country", "countries")
    message = (
        f"There's a problem with this {kind}, even though it may appear correct. "
        f"Please select a {kind} from the list of valid {several}.: {sobject.fields[name].label}"
    )
    return ApiError(_INTEGRITY, message, [name])


@cache
def _country_choices() -> list[dict[str, Any]]:
    return [_choice(code, name, None) for code, name in places().countries.items()]


@cache
def _state_choices() -> list[dict[str, Any]]:
    """Each state is valid for one country: the bit of its place in the list of countries."""
    order = {code: position for position, code in enumerate(places().countries)}
    return [
        _choice(code, name, _bit(order[country], len(order)))
        for country, states in places().states.items()
        for code, name in states.items()
    ]


def _bit(position: int, length: int) -> str:
    bits = bytearray((length + 7) // 8)
    bits[position // 8] = 0x80 >> (position % 8)
    return base64.b64encode(bytes(bits)).decode("ascii")


def _choice(value: str, label: str, valid_for: str | None) -> dict[str, Any]:
    return {"active": True, "defaultValue": False, "label": label, "validFor": valid_for, "value": value}
