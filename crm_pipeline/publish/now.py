"""The CRMs as they are now, as temporary tables: landed writes laid over what was read, and the mapping beside them.

Belongs here: what every mart and measurement of a run reads (now.sql). Not here: the marts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.warehouse import Connection

_SQL = Path(__file__).with_suffix(".sql")


def prepare(connection: Connection, settings: Settings) -> None:
    """Temporary tables: the mapping, and the CRMs as they are now."""
    connection.execute(
        "create or replace temp table mapped as select f->>'kind' as kind, f->>'field' as field, f->>'part' as part, "
        "f->>'rule' as rule, f->>'role' as role, f->>'label_en' as label_en, f->>'label_ja' as label_ja, "
        "f->>'system' as system, f->>'object' as object, f->>'name' as name from (select unnest(?::json[]) as f)",
        [[json.dumps(row, ensure_ascii=False) for row in _mapped(settings)]],
    )
    connection.execute(_SQL.read_text(encoding="utf-8"))


def _mapped(settings: Settings) -> Iterator[dict[str, str | None]]:
    """Every CRM field of every mapped field's parts."""
    for mapping in settings.mapping.kinds:
        for system, object_ in mapping.objects:
            for field in mapping.fields:
                for part, name in zip(field.parts, field.names(object_) if field.has(object_) else (), strict=False):
                    yield {
                        "kind": mapping.kind,
                        "field": field.name,
                        "rule": field.rule,
                        "part": part.name,
                        "role": part.role,
                        "label_en": field.label.en,
                        "label_ja": field.label.ja,
                        "system": system,
                        "object": object_,
                        "name": name,
                    }
