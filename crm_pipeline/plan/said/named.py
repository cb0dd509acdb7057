"""What a person names on the command line: a golden record or one of its records, and a field of the mapping.

Belongs here: finding it, or saying what was wrong with the name. Not here: what is done with it.
"""

from __future__ import annotations

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.plan.references.reference import kind_of
from crm_pipeline.warehouse import Connection


def golden_record(connection: Connection, name: str) -> tuple[str, str | None]:
    """(golden id, record key) of a golden id, whose record key is None, or of a record key. Redirects are followed.

    Raises NotFoundError, ConfigError for a blank.
    """
    if not name.strip():
        raise ConfigError("the name is blank; write a golden record, such as person-12, or a record, system/object/id")
    if "/" in name:
        row = connection.execute("select golden_id from golden.link where record_key = ?", [name]).fetchone()
        if row is None:
            raise NotFoundError(
                f"no record is called {name}; a record is named system/object/id, such as hubspot/contacts/151"
            )
        return str(row[0]), name
    row = connection.execute(
        "select survivor_id from golden.redirect where golden_id = $name "
        "union all select golden_id from golden.link where golden_id = $name limit 1",
        {"name": name},
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"there is no golden record {name}; `crm-pipeline why RECORD_KEY` names the one of a record"
        )
    return str(row[0]), None


def record_key(name: str) -> str:
    """The name, if it is a record's by its form; whether there is one is not asked. Raises ConfigError."""
    if len(name.split("/")) != 3 or not all(name.split("/")):
        raise ConfigError(f"'{name}' names no record; write system/object/id, such as hubspot/contacts/151")
    return name


def mapped_field(settings: Settings, golden_id: str, name: str) -> FieldMapping:
    """The field of the golden record's kind with this name. Raises NotFoundError naming those that there are."""
    mapping = settings.mapping.of(kind_of(golden_id))
    found = next((field for field in mapping.fields if field.name == name), None)
    if found is None:
        known = ", ".join(field.name for field in mapping.fields)
        raise NotFoundError(f"the mapping of a {mapping.kind} has no field {name}; choose from {known}")
    return found
