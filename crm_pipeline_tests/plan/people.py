"""Building blocks for tests of planning one person in memory: members in a line each, a context without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Kind, System, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import ChangeTime
from crm_pipeline.plan.member import Base, Member

H, S = System.HUBSPOT, System.SALESFORCE
T0 = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = load_settings()


def context(settings: Settings = SETTINGS, kind: Kind = Kind.PERSON, **others: object) -> Context:
    """Every mapped field is a text of 40 characters."""
    mapping = settings.mapping.of(kind)
    schemas = {
        (system, object_): {name: FieldSchema(name, name, "string", length=40) for name in mapping.crm_fields(object_)}
        for system, object_ in mapping.objects
    }
    nobody: frozenset[str] = frozenset()
    made = Context(mapping, settings, schemas, {}, {}, nobody, lambda *_: nobody)
    return replace(made, **others)  # type: ignore[arg-type] # the fields of Context by name


def member(
    system: System,
    object_: str,
    fields: Mapping[str, Value],
    *,
    n: int = 1,
    at: int = 0,
    primary: bool = True,
    bases: Mapping[str, tuple[Value, ...]] | None = None,
    settings: Settings = SETTINGS,
) -> Member:
    """A record with these fields, all others blank. `at`: seconds after T0; `bases`: by mapped field, raw parts."""
    mapping = settings.mapping.kind_of(object_)
    relations = [f.names(object_)[0] for f in mapping.fields if f.has(object_) and f.is_relation(object_)]
    full = dict.fromkeys([*mapping.crm_fields(object_), *relations]) | dict(fields)
    time = T0 + timedelta(seconds=at)
    changed = {name: ChangeTime(time, certain=True) for name in full}
    held = {name: Base(value) for name, value in (bases or {}).items()}
    return Member(f"{system}/{object_}/{n}", system, object_, str(n), T0, time, primary, full, changed, held)
