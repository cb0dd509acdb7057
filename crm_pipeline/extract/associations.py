"""Who works where: the companies of people, as each CRM relates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import WarehouseError
from crm_pipeline.extract import watermark
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse

#: A person's companies: (person object, company object) of each CRM.
WORKS_AT: Mapping[System, tuple[str, str]] = {
    System.HUBSPOT: ("contacts", "companies"),
    System.SALESFORCE: ("Contact", "Account"),
}


@dataclass(frozen=True)
class AssociationsResult:
    """`records`: people whose companies were read."""

    records: int
    associations: int


def extract_associations(
    warehouse: Warehouse, crms: Mapping[System, Crm], settings: Settings, run_id: int, *, full: bool = False
) -> AssociationsResult:
    """Read the companies of the people who changed, into `raw.association`. After the people's own tables."""
    results = [_of_crm(warehouse, crm, settings, run_id, full) for crm in crms.values()]
    return AssociationsResult(sum(r.records for r in results), sum(r.associations for r in results))


def _of_crm(warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int, full: bool) -> AssociationsResult:
    system = crm.system
    people, companies = WORKS_AT[system]
    relation = f"{people}/{companies}"
    with warehouse.connect() as connection:
        until, _ = watermark.read(connection, system, people)
        previous, _ = watermark.read(connection, system, relation)
        since = None if full or previous is None else previous - timedelta(minutes=settings.extract.overlap_minutes)
        rows = connection.execute(
            f"select record_id from raw.{system}_{people.lower()} where retired is null "
            "and (?::timestamptz is null or modified_at >= ?) order by record_id",
            [since, since],
        ).fetchall()
    if until is None:
        raise WarehouseError(f"{system.label} {people} have not been read yet; read them before their companies")
    ids = [record_id for (record_id,) in rows]
    found = crm.associations(people, companies, ids) if ids else []
    with warehouse.connect() as connection:
        connection.execute(
            "delete from raw.association where system = ? and from_object = ? and to_object = ? "
            "and from_id in (select unnest(?::varchar[]))",
            [system.value, people, companies, ids],
        )
        connection.execute(
            "insert into raw.association select ?, ?, unnest(?::varchar[]), ?, unnest(?::varchar[]), "
            "unnest(?::boolean[]), unnest(?::varchar[])",
            [
                system.value,
                people,
                [a.from_id for a in found],
                companies,
                [a.to_id for a in found],
                [a.primary for a in found],
                [a.label for a in found],
            ],
        )
        watermark.move(connection, system, relation, until, "", run_id)
    return AssociationsResult(len(ids), len(found))
