"""The extract stage: the whole of it, and each table alone, so that the orchestrator can make an asset of each.

Belongs here: the order of the parts. Every part calls a CRM with the database closed, then loads what it said in one
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.extract.account import extract_account
from crm_pipeline.extract.objects import ObjectResult, extract_object
from crm_pipeline.extract.relations.associations import extract_associations
from crm_pipeline.extract.schema.schema import extract_schema
from crm_pipeline.extract.users import extract_users
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse

__all__ = [
    "ExtractResult",
    "extract_account",
    "extract_associations",
    "extract_object",
    "extract_schema",
    "extract_users",
    "run",
]


@dataclass(frozen=True)
class ExtractResult:
    """What one run of the stage read."""

    objects: tuple[ObjectResult, ...]
    users: int
    associations: int
    vanished: tuple[str, ...]


def run(
    warehouse: Warehouse, crms: Mapping[System, Crm], settings: Settings, run_id: int, *, full: bool = False
) -> ExtractResult:
    """Read everything that the mapping names from both CRMs. `full`: all records, not only the changed ones.

    Raises SafetyError (another account, a truncated read), ConfigError (a mapped field that never existed), and what
    the CRM clients raise; what was loaded before stays, and the next run goes on from there.
    """
    vanished: list[str] = []
    users = 0
    for crm in crms.values():
        extract_account(warehouse, crm, settings, run_id)
        vanished += extract_schema(warehouse, crm, settings, run_id).vanished
        users += extract_users(warehouse, crm, settings, run_id).users
    objects = tuple(
        extract_object(warehouse, crms[system], settings, run_id, object_, full=full)
        for system, object_ in settings.mapping.read_objects
        if system in crms
    )
    associations = extract_associations(warehouse, crms, settings, run_id, full=full).associations
    return ExtractResult(objects, users, associations, tuple(vanished))
