"""The handle of the emulated organisation: its users' edits, permissions, lags and faults.

Belongs here: operations by name for tests and for the HTTP face. Not here: how the store does them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.control import Control, operation
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import named_faults
from crm_pipeline.emulator.salesforce.control_switches import Switches
from crm_pipeline.emulator.salesforce.store import SalesforceStore


class SalesforceControl(Switches, Control):
    """Control of one organisation; edits are made by the administrator, not by the integration user."""

    def __init__(self, store: SalesforceStore, log: RequestLog, faults: Faults, *, seed: int = 0) -> None:
        super().__init__(
            lock=store.lock,
            clock=store.clock,
            log=log,
            faults=faults,
            named_faults=named_faults.faults(store),
            named_refusals=named_faults.refusals(),
            seed=seed,
        )
        self.store = store
        store.before_write = self.refusals

    @operation
    def create(self, object: str, fields: Mapping[str, Any]) -> str:
        """A user creates a record; gives its id."""
        return self.store.create(object, fields)

    @operation
    def edit(self, object: str, id: str, fields: Mapping[str, Any]) -> None:
        """A user changes a record."""
        self.store.update(object, id, fields)

    @operation
    def touch(self, object: str, id: str) -> None:
        """A system process moves SystemModstamp and nothing else."""
        self.store.touch(object, id)

    @operation
    def delete(self, object: str, id: str) -> None:
        """A user moves a record into the recycle bin."""
        self.store.delete(object, id)

    @operation
    def undelete(self, object: str, id: str) -> None:
        """A user takes a record out of the recycle bin."""
        self.store.undelete(object, id)

    @operation
    def merge(self, winner: str, loser: str, fields: Mapping[str, Any] | None = None) -> None:
        """A user merges one record into another, whose values stay but for `fields`."""
        self.store.merge(winner, loser, fields)

    @operation
    def convert_lead(self, id: str, account: str | None = None, contact: str | None = None) -> list[str]:
        """A user converts a lead; gives the ids of account and contact."""
        return list(self.store.convert_lead(id, account_id=account, contact_id=contact))

    @operation
    def purge(self) -> None:
        """The recycle bin is emptied."""
        self.store.empty_recycle_bin()

    @operation
    def forget_deletions(self) -> None:
        """The platform purges the log that getDeleted reads."""
        self.store.purge_deletion_log()

    @operation
    def expire_sessions(self) -> None:
        """Every access token that was handed out is refused from now on."""
        self.store.expire_sessions()

    @operation
    def delay_commits(self, seconds: float) -> None:
        """Rows become visible to queries so many seconds after their time stamp; 0 ends the delay."""
        self.store.rows.commit_delay = seconds

    @operation
    def delay_bulk_jobs(self, seconds: float) -> None:
        """Bulk jobs and batches begin so many real seconds after they were closed; 0 ends the delay."""
        self.store.bulk.delay = seconds
        if not seconds:
            self.store.bulk.worker.hurry()

    @operation
    def register_certificate(self, pem: str) -> None:
        """The connected app takes JWTs signed with the key of this certificate or public key."""
        self.store.register_certificate(pem)

    @operation
    def enforce_limits(self, on: bool) -> None:
        """Refuse calls above the daily limit, or only count them."""
        self.store.usage.enforced = on

    @operation
    def set_permission(self, name: str, granted: bool) -> None:
        """Grant or take a permission of the integration user, e.g. PermissionsViewAllData."""
        self.store.set_permission(name, granted)
