"""HubSpot's error answers: status, category and the body's exact shape (facts: HubSpot error documentation)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_pipeline.emulator.hubspot.formats import iso


class HubSpotError(Exception):
    """A refusal; `body()` is what HubSpot answers, `entry()` the same as one of the errors of a 207."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str = "",
        *,
        sub_category: str = "",
        context: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self._parts: dict[str, Any] = {"status": "error", "message": message}
        if category:
            self._parts["category"] = category
        if sub_category:
            self._parts["subCategory"] = sub_category
        if context:
            self._parts["context"] = {name: list(values) for name, values in context.items()}
        self._parts.update(extra or {})

    def body(self) -> dict[str, Any]:
        """The JSON body of an error answer, with a new correlation id."""
        return {**self._parts, "correlationId": str(uuid.uuid4())}

    def entry(self, context: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
        """An element of `errors` in a multi-status answer; `context` says which input is meant."""
        if not context:
            return dict(self._parts)
        return {**self._parts, "context": {name: list(values) for name, values in context.items()}}


def property_problem(name: str, code: str, message: str) -> dict[str, Any]:
    """One element of the JSON array that HubSpot embeds in the message of a validation error."""
    return {"isValid": False, "message": message, "error": code, "name": name, "localizedErrorMessage": message}


def invalid_properties(problems: Sequence[Mapping[str, Any]]) -> HubSpotError:
    """400 for property values that HubSpot refuses."""
    embedded = json.dumps(list(problems), ensure_ascii=False, separators=(",", ":"))
    errors = [
        {"message": one["message"], "code": one["error"], "context": {"propertyName": [one["name"]]}}
        for one in problems
    ]
    message = f"Property values were not valid: {embedded}"
    return HubSpotError(400, message, "VALIDATION_ERROR", extra={"errors": errors})


def invalid(message: str, **context: Sequence[str]) -> HubSpotError:
    """400 for a request that is readable but not allowed."""
    return HubSpotError(400, message, "VALIDATION_ERROR", context=context)


def invalid_json(problem: str, line: int = 1, column: int = 1) -> HubSpotError:
    """400 for a body that is not the JSON the endpoint reads (no category, as HubSpot answers it)."""
    return HubSpotError(400, f"Invalid input JSON on line {line}, column {column}: {problem}")


def no_body() -> HubSpotError:
    """400 for a call without the body that the endpoint needs (hubspot-api-python issue 142)."""
    return HubSpotError(400, "Invalid JSON input: a request body was expected, but none found")


def object_not_found(record_id: str) -> HubSpotError:
    """404 for one record that does not exist, was archived or lies on the other side of `archived`."""
    message = "Object not found.  objectId are usually numeric."
    return HubSpotError(404, message, "OBJECT_NOT_FOUND", context={"id": [record_id]})


def objects_not_found(singular: str, ids: Sequence[str]) -> HubSpotError:
    """The 207 entry for inputs of a batch that do not exist."""
    message = (
        f"Could not get some {singular.upper()} objects, they may be deleted or not exist. Check that ids are valid."
    )
    return HubSpotError(404, message, "OBJECT_NOT_FOUND", context={"ids": ids})


def already_exists(singular: str, existing_id: str) -> HubSpotError:
    """409 for an e-mail address that another contact has."""
    return HubSpotError(409, f"{singular.capitalize()} already exists. Existing ID: {existing_id}", "CONFLICT")


def resource_not_found() -> HubSpotError:
    """404 for a path, property or owner that does not exist."""
    return HubSpotError(404, "resource not found", "OBJECT_NOT_FOUND")


def not_authenticated() -> HubSpotError:
    """401 for a missing or wrong token."""
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return HubSpotError(401, message, "INVALID_AUTHENTICATION")


def expired_token(end: datetime, now: datetime) -> HubSpotError:
    """401 for an OAuth access token that ended."""
    seconds = int((now - end).total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size or unit == "second":
            ago = f"{seconds // size} {unit}(s)"
            break
    return HubSpotError(
        401,
        f"The OAuth token used to make this call expired {ago} ago.",
        "EXPIRED_AUTHENTICATION",
        context={"expire time": [iso(end)]},
    )


def missing_scopes(scopes: Sequence[str]) -> HubSpotError:
    """403 for a call that needs other scopes than the app has."""
    about = "https://developers.hubspot.com/scopes"
    needed = {"requiredGranularScopes": list(scopes)}
    return HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {about}.",
        "MISSING_SCOPES",
        extra={
            "errors": [{"message": "One or more of the following scopes are required.", "context": needed}],
            "links": {"scopes": about},
        },
    )


def refused_grant(status: str, message: str, error: str = "invalid_grant") -> HubSpotError:
    """400 of the token endpoint, which has its own `status` and the fields of RFC 6749."""
    return HubSpotError(400, message, extra={"status": status, "error": error, "error_description": message})
