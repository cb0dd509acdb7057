"""The handle of the emulated portal: its users' edits, permissions, lags and faults.

Belongs here: operations by name for tests and for the HTTP face. Not here: how the store does them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.control import Control, ControlError, operation
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.hubspot import named_faults
from crm_pipeline.emulator.hubspot.store import HubSpotStore
from crm_pipeline.emulator.request_log import RequestLog


class HubSpotControl(Control):
    """Control of one portal; edits are made by a user, not by the app."""

    def __init__(self, store: HubSpotStore, log: RequestLog, faults: Faults, *, seed: int = 0) -> None:
        super().__init__(
            lock=store.lock,
            clock=store.clock,
            log=log,
            faults=faults,
            named_faults=named_faults.faults(store.app_id),
            named_refusals=named_faults.refusals(),
            seed=seed,
        )
        self.store = store
        store.before_write = self.refusals

    @operation
    def create(self, object: str, properties: Mapping[str, Any]) -> str:
        """A user creates a record; gives its id."""
        return self.store.create(object, properties)

    @operation
    def edit(self, object: str, id: str, properties: Mapping[str, Any]) -> None:
        """A user changes a record."""
        self.store.update(object, id, properties)

    @operation
    def archive(self, object: str, id: str) -> None:
        """A user deletes a record; it can be read as archived."""
        self.store.archive(object, id)

    @operation
    def merge(self, object: str, primary: str, other: str) -> str:
        """A user merges two records; gives the new id."""
        return self.store.merge(object, primary, other)

    @operation
    def purge(self, object: str, id: str) -> None:
        """A record is gone for good; a contact's e-mail address is blocked (GDPR)."""
        self.store.purge(object, id)

    @operation
    def associate(self, from_object: str, from_id: str, to_object: str, to_id: str, type_id: int) -> None:
        """A user associates two records."""
        self.store.associate(from_object, from_id, to_object, to_id, type_id)

    @operation
    def lag_search(self, seconds: float) -> None:
        """Searches see a change only when it is so many seconds old (by the portal's clock); 0 ends the lag."""
        self.store.search_lag = seconds

    @operation
    def enforce_limits(self, on: bool) -> None:
        """Refuse calls above the rate limits, or only count them."""
        self.store.limits.enforced = on

    @operation
    def take_scope(self, scope: str) -> None:
        """The app loses a permission, e.g. crm.objects.contacts.read."""
        with self.lock:
            if scope not in self.store.scopes:
                raise ControlError(f"The app has no scope {scope}; it has {', '.join(sorted(self.store.scopes))}.")
            self.store.scopes.remove(scope)

    @operation
    def give_scope(self, scope: str) -> None:
        """The app gets a permission."""
        with self.lock:
            self.store.scopes.add(scope)

    @operation
    def expire_tokens(self) -> None:
        """All OAuth access tokens end now; the refresh token stays."""
        with self.lock:
            self.store.oauth.expire()

    @operation
    def revoke_app(self) -> None:
        """The user uninstalls the OAuth app: refresh token and access tokens end."""
        with self.lock:
            self.store.oauth.revoke()
