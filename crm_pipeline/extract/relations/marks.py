"""How far the relations have been read, beside how far their records have been.

Belongs here: what there is to do for a relation. Not here: doing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_pipeline.config import Settings
from crm_pipeline.errors import WarehouseError
from crm_pipeline.extract.reading import watermark
from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Marks:
    """Of one relation: its records were read up to `until`, the relation up to `previous` (None: never) in the run
    `run_id` (0), all of it at once up to `whole`. Times in the CRM's clock."""

    until: datetime
    previous: datetime | None
    run_id: int
    whole: datetime | None

    @classmethod
    def of(
        cls, connection: Connection, settings: Settings, system: System, relation: str, *objects: str
    ) -> Marks | None:
        """None where one of its objects is not read, by the mapping or because it may not be seen.

        Raises WarehouseError for a mapped object that has not been read yet.
        """
        untils = []
        for object_ in objects:
            if (system, object_) not in settings.mapping.read_objects:
                return None
            until, _ = watermark.read(connection, system, object_)
            if until is None and (system, object_) in settings.mapping.objects:
                raise WarehouseError(
                    f"{system.label} {object_} have not been read yet; read them before who belongs to whom"
                )
            if until is None:
                return None
            untils.append(until)
        row = connection.execute(
            "select read_until, run_id from raw.watermark where system = ? and object = ?", [system.value, relation]
        ).fetchone()
        whole, _ = watermark.read(connection, system, whole_name(relation))
        return cls(min(untils), row[0] if row else None, row[1] if row else 0, whole)

    def whole_is_due(self, days: int) -> bool:
        """Whether everything is to be read again, because a relation can change without a trace on its records."""
        return self.previous is None or self.whole is None or self.until - self.whole >= timedelta(days=days)


def whole_name(relation: str) -> str:
    """The row of `raw.watermark` that tells when all of a relation was read last."""
    return f"{relation} (all)"
