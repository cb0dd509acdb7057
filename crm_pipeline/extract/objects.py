"""One CRM object into its `raw` table, completely or not at all.

Belongs here: the order of reading, comparing and loading, and what is committed together. Not here: each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import PermanentError, SafetyError, WarehouseError, WarehouseLockedError
from crm_pipeline.extract.completeness import ledger, sample
from crm_pipeline.extract.completeness.reconcile import INDEX_LAG
from crm_pipeline.extract.intake import Intake
from crm_pipeline.extract.loading.changed_at import comparison
from crm_pipeline.extract.reading.reading import Progress, fill
from crm_pipeline.extract.reading.request import Request, request
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.extract.schema import schema
from crm_pipeline.model import Kind, System
from crm_pipeline.privacy.suppression import Gate, gate
from crm_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class ObjectResult:
    """Numbers of records of one object. `here`, `there` and `missing` as in `raw.reconciliation`; `full`: everything
    was read; `there` is None when the object could not be read; `resumed`: it went on where an interrupted read had
    ended."""

    system: System
    object: str
    full: bool
    read: int
    new: int
    changed: int
    retired: int
    restored: int
    quarantined: int
    missing: int
    here: int
    there: int | None
    explained: str
    resumed: bool = False


def extract_object(
    warehouse: Warehouse,
    crm: Crm,
    settings: Settings,
    run_id: int,
    object_: str,
    *,
    full: bool = False,
    progress: Progress | None = None,
) -> ObjectResult:
    """Read one object into its `raw` table: what changed since the last run, or everything.

    Everything: at first, when other fields are to be read, or when asked. An interrupted read of the last day that
    asked for the same goes on where it ended. An object that is read only and may not be seen is reported, nothing
    else. Raises SafetyError, with nothing loaded, if more records disappeared without a tombstone, or never came, than
    `extract.max_drop_percent` allows (law 29).
    """
    system = crm.system
    with warehouse.connect() as connection:
        out_of_sight = schema.hidden(connection, system, object_)
        asked = None if out_of_sight else request(connection, settings, system, object_, full=full)
        person = settings.mapping.of(Kind.PERSON)
        kept_out = gate(connection, system, object_, person, settings.phone_region, _known(warehouse, system, object_))
    if asked is None:
        return _unread(warehouse, run_id, object_, PermanentError(out_of_sight, system=system.value))
    try:
        return _extracted(warehouse, crm, settings, run_id, object_, asked, kept_out, progress)
    except PermanentError as error:
        passes_over = (system, object_) not in settings.mapping.objects and schema.may_not_see(error)
        unread = _unread(warehouse, run_id, object_, error, hide=passes_over)
        if not passes_over:
            raise
        return unread


def _extracted(
    warehouse: Warehouse,
    crm: Crm,
    settings: Settings,
    run_id: int,
    object_: str,
    asked: Request,
    kept_out: Gate,
    progress: Progress | None,
) -> ObjectResult:
    same = comparison(settings.mapping.kinds_of(object_), crm.system, object_, settings.phone_region, settings.zone)
    there = crm.count(object_)  # before the clock is asked, so that its time is that of a fresh answer
    folder = warehouse.path.with_name(f"{warehouse.path.name}.spool") / f"{crm.system}_{object_.lower()}"
    with Spool(folder, asked.question(run_id), crm.server_time(), same, kept_out.keeps_out) as spool:
        until = fill(spool, crm, object_, asked, there, progress)
        if until > spool.started:
            there = crm.count(object_)
        lately = spool.started - INDEX_LAG
        try:
            intake = Intake(warehouse, crm, settings, run_id, object_, asked, spool, same, until, lately, kept_out)
            taken = intake.take(there)
        except WarehouseLockedError:
            raise
        except (SafetyError, WarehouseError):
            spool.remove()  # what was refused, or cannot be loaded, is read anew
            raise
        spool.remove()
    sample.check(warehouse, crm, run_id, object_, taken.known, kept=taken.counts.surplus, since=lately)
    return ObjectResult(
        crm.system,
        object_,
        asked.full,
        spool.read,
        taken.loaded.new,
        taken.loaded.changed,
        taken.loaded.retired,
        taken.loaded.restored,
        taken.quarantined,
        taken.counts.missing,
        taken.counts.here,
        taken.counts.there,
        taken.explained,
        spool.resumed,
    )


def _known(warehouse: Warehouse, system: System, object_: str) -> Callable[[str], bool]:
    """Whether a record is here already. Opens the database for a moment: it is asked of few records."""

    def known(record_id: str) -> bool:
        with warehouse.connect() as connection:
            sql = f"select 1 from raw.{system}_{object_.lower()} where record_id = ?"
            return connection.execute(sql, [record_id]).fetchone() is not None

    return known


def _unread(
    warehouse: Warehouse, run_id: int, object_: str, error: PermanentError, *, hide: bool = False
) -> ObjectResult:
    """What is known of an object that may not be seen stays as it is; that, and why, is a row in raw.reconciliation.

    `hide`: in raw.hidden_object as well, until the next read of the schemas: HubSpot shows the properties of objects
    whose records need a scope that is missing.
    """
    system = System(error.system)
    with warehouse.connect() as connection:
        if hide:
            schema.hide(connection, system, object_, str(error), run_id)
        here = ledger.unread(connection, run_id, system, object_, error)
    return ObjectResult(system, object_, False, 0, 0, 0, 0, 0, 0, 0, here, None, str(error))
