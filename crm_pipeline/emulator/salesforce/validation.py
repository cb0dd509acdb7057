"""Which fields of a request may be written, and the values they get.

Belongs here: rules that one record's fields and the schema decide. Not here: rules that need other
records (references, uniqueness), which the store checks.
"""

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.values import coerce


def prepared(sobject: SObject, fields: Mapping[str, Any], *, creating: bool, client: bool = True) -> dict[str, Any]:
    """Stored values by canonical field name, from a record as a client sent it.

    Field-level security binds clients only.

    Raises ApiError: INVALID_FIELD (unknown, or the id inside the record),
    INVALID_FIELD_FOR_INSERT_UPDATE (read-only), REQUIRED_FIELD_MISSING (left out on creation, or
    cleared), and what `values.coerce` raises.
    """
    known = {key: _known(sobject, key, client) for key in fields if key != "attributes"}
    locked = sobject.locked if client else ()
    read_only = [f.name for f in known.values() if not (f.createable if creating else f.updateable) or f.name in locked]
    if "Id" in read_only:
        raise ApiError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    if read_only:
        raise ApiError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(read_only)}. Please check the security "
            "settings of this field and verify that it is read/write for your profile or "
            "permission set.",
            read_only,
        )
    values = {field.name: coerce(field, fields[key]) for key, field in known.items()}
    missing = {field.name for field in known.values() if not field.nillable and values[field.name] is None}
    if creating:
        missing |= {field.name for field in sobject.required if values.get(field.name) is None}
    if missing:
        listed = [name for name in sobject.fields if name in missing]
        message = f"Required fields are missing: [{', '.join(listed)}]"
        raise ApiError("REQUIRED_FIELD_MISSING", message, listed)
    return values


def _known(sobject: SObject, name: str, client: bool) -> Field:
    field = sobject.find(name) if client else sobject.find_any(name)
    if field is None:
        raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return field
