"""What the app may do: HubSpot's scopes, and which of them each endpoint needs.

Belongs here: one table from path to scopes, and the check. Not here: who calls (oauth.py), the endpoints.

Source: the security part of HubSpot's API reference, page by page (facts 4, "Scopes"): activities are reached with the
scopes of contacts, e-mails need `sales-email-read` besides, tickets have one scope for all. Choices where it is not
documented: an association needs the scopes of both sides; of several alternatives the refusal names all; object types
of which the portal has no records (products, line items, ...) can only be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from functools import lru_cache

from crm_pipeline.emulator.hubspot.associations.sides import Side, side
from crm_pipeline.emulator.hubspot.elsewhere.empty_types import EMPTY, EMPTY_TYPES
from crm_pipeline.emulator.hubspot.elsewhere.products import scope_of_path
from crm_pipeline.emulator.hubspot.errors import missing_scopes

Needed = list[tuple[str, ...]]  # of each tuple the app must have one

_OBJECTS = ("contacts", "companies", "deals")
SCOPES = (
    "oauth",
    *(f"crm.{area}.{name}.{use}" for area in ("objects", "schemas") for name in _OBJECTS for use in ("read", "write")),
    "automation",
    "content",
    "crm.lists.read",
    "crm.objects.owners.read",
    "forms",
    "sales-email-read",
    "settings.users.read",
    "settings.users.teams.read",
    "tickets",
    *(f"crm.objects.{one.scope}.read" for one in EMPTY_TYPES),
)
#: Calls that only read although their method could write.
_READING = ("/search", "/batch/read")


def _of_records(kind: Side, use: str) -> Needed:
    if kind.name == "tickets":
        return [("tickets",)]
    needed: Needed = [(f"crm.objects.{_owner(kind)}.{use}",)]
    return [*needed, ("sales-email-read",)] if kind.name == "emails" else needed


def _of_schema(kind: Side, use: str) -> Needed:
    if kind.name == "tickets":
        return [("tickets",)]
    if use == "write":
        return [(f"crm.schemas.{_owner(kind)}.write",)]
    return [(f"crm.objects.{_owner(kind)}.read", f"crm.schemas.{_owner(kind)}.read")]


def _owner(kind: Side) -> str:
    """The object type in the names of the scopes: activities go with contacts."""
    if kind.name in EMPTY:
        return EMPTY[kind.name].scope
    return kind.name if kind.name in _OBJECTS else "contacts"


def _records(params: Mapping[str, str], use: str) -> Needed:
    start, to_object = side(params["object"]), params.get("to_object")
    needed = _of_records(start, use)
    if to_object is not None and (end := side(to_object)).present:
        needed = [*needed, *_of_records(end, use)]
    return list(dict.fromkeys(needed))


def _schema(params: Mapping[str, str], use: str) -> Needed:
    return _of_schema(side(params["object"]), use) if "object" in params else []


#: Beginning (and end) of a path -> scopes for one use, "read" or "write"; the first that fits.
_TABLE: tuple[tuple[str, str, Callable[[Mapping[str, str], str], Needed]], ...] = (
    ("/crm/v4/associations/", "/labels", _schema),
    ("/crm/v4/associations/", "/labels/{type_id}", _schema),
    ("/crm/v3/associations/", "/types", _schema),
    ("/crm/v4/associations/", "", _records),
    ("/crm/v3/associations/", "", _records),
    ("/crm/v4/objects/", "", _records),
    ("/crm/v3/objects/", "", _records),
    ("/crm/v3/properties/", "", _schema),
    ("/crm/v3/pipelines/", "", _schema),
    ("/crm/v3/schemas/", "", _schema),
    ("/properties/", "", _schema),
    ("/crm-pipelines/", "", _schema),
    ("/companies/", "", lambda params, use: _of_records(side("companies"), use)),
    ("/contacts/", "", lambda params, use: _of_records(side("contacts"), use)),
    ("/deals/", "", lambda params, use: _of_records(side("deals"), use)),
    ("/engagements/", "", lambda params, use: _of_records(side("notes"), use)),
    ("/crm/v3/owners", "", lambda params, use: [("crm.objects.owners.read",)]),
    ("/settings/v3/users/teams", "", lambda params, use: [("settings.users.teams.read",)]),
    ("/settings/v3/users", "", lambda params, use: [("settings.users.read",)]),
)


@lru_cache(maxsize=1024)
def _needed(method: str, route: str, object_: str | None, to_object: str | None) -> Needed:
    named = {"object": object_, "to_object": to_object}
    params = {name: value for name, value in named.items() if value is not None}
    use = "read" if method in ("GET", "HEAD") or route.endswith(_READING) else "write"
    for start, end, scopes in _TABLE:
        if route.startswith(start) and route.endswith(end):
            return scopes(params, use)
    scope = scope_of_path(route)
    return [(scope,)] if scope else []


def check(granted: Set[str], method: str, route: str, params: Mapping[str, str]) -> None:
    """Refuse a call that the app has no scope for; `route` is the path with placeholders, `params` are their values.

    Raises HubSpotError 403, and 400 for an object type that does not exist.
    """
    needed = _needed(method, route, params.get("object"), params.get("to_object"))
    if lacking := [alternatives for alternatives in needed if granted.isdisjoint(alternatives)]:
        raise missing_scopes(list(dict.fromkeys(scope for alternatives in lacking for scope in alternatives)))
