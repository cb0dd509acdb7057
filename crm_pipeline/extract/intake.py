"""What was read, into the warehouse: compared with the CRM's counts, completed, then loaded with its watermark.

Belongs here: what is committed together, and that no database is open while a CRM is asked. Not here: the arithmetic
(reconcile.py), comparing ids (repair.py), the SQL of loading (load.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import SafetyError
from crm_pipeline.extract.completeness import ledger, reconcile, sample
from crm_pipeline.extract.completeness.local_ids import LocalIds
from crm_pipeline.extract.completeness.reconcile import Counts, Method
from crm_pipeline.extract.completeness.repair import Mended, mend
from crm_pipeline.extract.loading.changed_at import Same
from crm_pipeline.extract.loading.load import MEMORY, Interval, Loaded, Loader
from crm_pipeline.extract.reading import watermark
from crm_pipeline.extract.reading.request import Request
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.privacy.suppression import Gate
from crm_pipeline.warehouse import Connection, Warehouse


@dataclass(frozen=True)
class Taken:
    """What was loaded; `quarantined`: records that could not be; `counts` and `explained` as in raw.reconciliation;
    `known`: records to be read back, to see that they are as here."""

    loaded: Loaded
    quarantined: int
    counts: Counts
    explained: str
    known: Sequence[sample.Known] = ()


@dataclass(frozen=True)
class Intake:
    """One object of one run. `until`: every change up to then, in the CRM's clock, is in the spool; `lately`: what was
    created or deleted since may not be in the CRM's count; `gate`: who is kept out."""

    warehouse: Warehouse
    crm: Crm
    settings: Settings
    run_id: int
    object_: str
    request: Request
    spool: Spool
    same: Same
    until: datetime
    lately: datetime
    gate: Gate

    def take(self, there: int) -> Taken:
        """Load what was read, of an object of which the CRM counts `there`; where it may not be all, compare ids first.

        Raises SafetyError, with nothing loaded, if more is missing than `extract.max_drop_percent` allows.
        """
        with self.warehouse.connect(memory=MEMORY) as connection:
            loader = self._loader(connection, everything=self.request.full)
            past = ledger.past(connection, self.crm.system, self.object_)
            counts = loader.counts(there=there, full=self.request.full, lately=self.lately)
            known = Method.FULL_READ if self.request.full else Method.COUNT
            surplus = counts.surplus if self.request.full else past.kept  # as long as the counts say no more
            counts = replace(counts, kept_before=past.kept, surplus=surplus, method=known)
            method = self._due(counts, past)
            if method is None:
                taken = self._load(connection, loader, counts, compared=self.request.full)
            else:
                loader.write_ids(self.spool.ids)
                unseen = loader.unseen() if self.request.full else []
        if method is None:
            return self._checked(taken)
        mended = self._complete(there, method, unseen)
        with self.warehouse.connect(memory=MEMORY) as connection:
            compared = self.request.full or method is Method.ALL_IDS
            loader = self._loader(connection, everything=compared)
            counts = loader.counts(there=mended.there, full=self.request.full, lately=self.lately)
            counts = replace(counts, kept_before=past.kept, missing=mended.missing, surplus=mended.kept, method=method)
            taken = self._load(connection, loader, counts, compared=compared)
        return self._checked(taken)

    def _loader(self, connection: Connection, *, everything: bool) -> Loader:
        loader = Loader(connection, self.crm.system, self.object_, self.run_id)
        loader.stage(self.spool)
        self.gate.note(connection, loader.gone(), everything=everything)
        return loader

    def _due(self, counts: Counts, past: reconcile.Past) -> Method | None:
        since, remembers = self.request.since, self.crm.remembers_since(self.object_)
        method = reconcile.due(
            counts,
            past,
            full=self.request.full,
            previous=self.request.previous,
            now=self.until,
            reconcile_days=self.settings.extract.reconcile_days,
            forgot=since is not None and remembers is not None and remembers > since,
        )
        return None if counts.hopeless(self.settings.extract.max_drop_percent) else method

    def _complete(self, there: int, method: Method, unseen: Sequence[str]) -> Mended:
        """Compare ids; add what is missing, and the fates of what is too much, to the spool."""
        fields = self.request.fields
        with LocalIds(self.spool.ids, self.crm.system) as here:
            return mend(
                self.crm,
                self.object_,
                fields,
                self.spool,
                here,
                there,
                method,
                unseen=unseen,
                lately=self.lately,
                keeps_out=self.gate.keeps_out_id,
            )

    def _load(self, connection: Connection, loader: Loader, counts: Counts, *, compared: bool) -> Taken:
        """Rows, watermark and proof in one transaction (law 27). A refusal keeps the proof only."""
        of = self.run_id, self.crm.system, self.object_
        quarantined = loader.quarantine()
        if counts.exceeds(self.settings.extract.max_drop_percent):
            ledger.record(connection, *of, counts, "")
            return Taken(Loaded(), quarantined, counts, "")
        interval = Interval(self.request.previous, self.until, self.request.other_fields)
        loaded = loader.load(self.spool, interval, self.same)
        watermark.move(connection, self.crm.system, self.object_, self.until, self.request.fields_hash, self.run_id)
        if compared:
            ledger.compared(connection, *of, self.spool.started)
        explained = reconcile.explained(counts)
        ledger.record(connection, *of, counts, explained)
        known = sample.chosen(connection, self.crm.system, self.object_, self.run_id)
        ledger.sampled(connection, *of, len(known))
        return Taken(loaded, quarantined, counts, explained, known)

    def _checked(self, taken: Taken) -> Taken:
        percent = self.settings.extract.max_drop_percent
        if taken.counts.exceeds(percent):
            subject = f"{self.crm.system.label} {self.object_}"
            raise SafetyError(reconcile.refusal(taken.counts, subject, percent, full=self.request.full))
        return taken
