"""The platform's refusals: HTTP status, error code, message and the fields they are about.

Belongs here: the exception and the refusals that several modules need. Not here: HTTP handling.
"""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A request, or one record of it, that Salesforce refuses.

    Texts and codes follow the platform, field values in them included; the product must cope.
    """

    def __init__(self, code: str, message: str, fields: Sequence[str] | None = None, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status

    def body(self) -> list[dict[str, Any]]:
        """The answer's body when the whole request is refused."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]

    def record_error(self) -> dict[str, Any]:
        """The entry in a record's `errors` when only this record of a collection is refused."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or [])}


def not_found() -> ApiError:
    """No such resource or record."""
    return ApiError("NOT_FOUND", "The requested resource does not exist", status=404)


def parser_error(message: str) -> ApiError:
    """The body is not JSON, or a value has a JSON type that its field cannot hold."""
    return ApiError("JSON_PARSER_ERROR", message)


def no_access() -> ApiError:
    """The user's permissions do not allow to change or delete the record."""
    return ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [], status=403)
