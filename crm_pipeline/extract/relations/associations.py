"""Who belongs to whom: the relations of spec objects-and-fields.md, as each CRM keeps them.

Belongs here: the step as a whole. Not here: how each CRM's relations are read (related.py, look_ups.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.extract.relations import look_ups, related
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class AssociationsResult:
    """`records`: those whose relations were asked for; `associations`: rows that came, changed or went; `unknown`:
    sentences about relations that may not be seen and are kept as they were."""

    records: int
    associations: int
    unknown: tuple[str, ...] = ()


def extract_associations(
    warehouse: Warehouse, crms: Mapping[System, Crm], settings: Settings, run_id: int, *, full: bool = False
) -> AssociationsResult:
    """Bring `raw.association` up to date, after the records' own tables. `full`: of all records.

    Raises WarehouseError if mapped records have not been read yet, and what the CRM's client raises; the relations
    that were read before stay, and the next run goes on from there.
    """
    records = written = 0
    unknown: list[str] = []
    if System.HUBSPOT in crms:
        records, written, unknown = related.relate(warehouse, crms[System.HUBSPOT], settings, run_id, full=full)
    if System.SALESFORCE in crms:
        rows, sentences = look_ups.relate(warehouse, settings, run_id, full=full)
        written += rows
        unknown += sentences
    return AssociationsResult(records, written, tuple(unknown))
