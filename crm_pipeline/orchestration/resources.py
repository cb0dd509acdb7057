"""What a run is given from outside: the settings and their warehouse, and one client for each CRM.

Belongs here: fields shown in the Launchpad, secrets by name only (dg.EnvVar). Not here: how a client works.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field, PrivateAttr

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.modes import UMASK

if TYPE_CHECKING:
    from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials
    from crm_pipeline.crm.gateway import Pace
    from crm_pipeline.crm.protocol import Crm


class Pipeline(dg.ConfigurableResource[Any]):
    """Settings and warehouse. Holds the warehouse's run lock from the first step of a run to its end.

    Empty files: those that CRM_PIPELINE_SETTINGS and CRM_PIPELINE_MAPPING name, else the defaults.
    """

    settings_file: str = ""
    mapping_file: str = ""
    release: str = Field(
        default="",
        description="What is let out of quarantine when the run begins, as crm-pipeline retry does: `all`, or one code "
        "(docs/errors.md). Blank: nothing.",
    )

    _held: ExitStack | None = PrivateAttr(default=None)
    _locked: bool = PrivateAttr(default=False)
    _settings: Settings | None = PrivateAttr(default=None)
    _say: Callable[[str], None] = PrivateAttr(default=print)
    _warn: Callable[[str], None] = PrivateAttr(default=print)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Pipeline]:
        """While a run uses it. At the end of a run that took the lock: how it ended is noted, and alerts are sent."""
        self._settings = None
        if context.log:
            self._say, self._warn = context.log.info, context.log.warning
        untold: Callable[[], object] | None = None
        try:
            with ExitStack() as self._held:
                try:
                    yield self
                finally:
                    untold = self._conclude(context) if self._locked else None
        finally:
            self._held, self._locked = None, False
            if untold:
                untold()

    def _conclude(self, context: dg.InitResourceContext) -> Callable[[], object] | None:
        """Note how the run ended. Returns what tells it, once the lock is free."""
        from crm_pipeline.alerts import look
        from crm_pipeline.alerts.tell import tell
        from crm_pipeline.alerts.watch import conclude
        from crm_pipeline.orchestration.ending import ending

        if context.run is None or context.instance is None:
            return None
        settings, run_id = self.settings(), context.run.run_id
        warehouse = Warehouse(settings.warehouse)
        ended = ending(context.instance, run_id)
        written = conclude(warehouse, settings, run_id, ended.failed, stopped=ended.stopped)
        failure = look.failure(ended.failed) if ended.failed and not written else None
        return None if ended.stopped else partial(tell, warehouse, settings, self._say, failure)

    def settings(self) -> Settings:
        """Read once a run: all steps of a run work by the same settings. Raises ConfigError."""
        if self._settings is None:
            self._settings = load_settings(_path(self.settings_file), _path(self.mapping_file))
        return self._settings

    def lock(self, holder: str) -> None:
        """Take the run lock, unless this run has it, and let out of quarantine what `release` says.

        Raises RunAtWorkError, naming who holds it.
        """
        from crm_pipeline.warehouse.runs import exclusive

        os.umask(UMASK)
        assert self._held is not None, "a run is under way"
        if not self._locked:
            warehouse = Warehouse(self.settings().warehouse)
            self._held.enter_context(exclusive(warehouse, holder))
            self._locked = True
            if self.release:
                self._let_out(warehouse)

    def _let_out(self, warehouse: Warehouse) -> None:
        from crm_pipeline.push.quarantine import release

        warehouse.required()
        with warehouse.connect() as connection:
            released = release(connection, code=None if self.release == "all" else self.release)
        for one in released:
            self._say(f"once more: {one.number:,} writes to {one.system.label} that ended with {one.code or 'no code'}")
        if not released and self.release == "all":
            self._say("nothing is in quarantine")
        elif not released:
            self._warn(f"nothing that ended with {self.release} is in quarantine; push/quarantine shows what is")


class _Access(dg.ConfigurableResource[Any]):
    """A CRM. All steps of a run have the same two clients, one that reads and one that writes: one rate, one budget."""

    _pace: Pace | None = PrivateAttr(default=None)
    _clients: dict[bool, Crm] = PrivateAttr(default_factory=dict)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """A new run begins."""
        self._pace, self._clients = None, {}

    def client(self, settings: Settings, *, read_only: bool) -> Crm:
        """The run's client. Raises ConfigError for credentials that are none."""
        from crm_pipeline.crm.connect import connect, limits_of
        from crm_pipeline.crm.gateway import Pace

        if read_only not in self._clients:
            self._pace = self._pace or Pace(self._system(), limits_of(settings))
            credentials = self._credentials()
            self._clients[read_only] = connect(credentials, settings, read_only=read_only, pace=self._pace)
        return self._clients[read_only]

    @abstractmethod
    def _system(self) -> System: ...

    @abstractmethod
    def _credentials(self) -> HubSpotCredentials | SalesforceCredentials: ...


class HubSpot(_Access):
    """Access to a portal (docs/connect.md). Without `base_url`: HubSpot itself."""

    access_token: str
    base_url: str = ""

    def _system(self) -> System:
        return System.HUBSPOT

    def _credentials(self) -> HubSpotCredentials:
        from crm_pipeline.crm.connect import HubSpotCredentials

        return HubSpotCredentials(self.access_token, *filter(None, [self.base_url]))


class Salesforce(_Access):
    """Access to an organisation (docs/connect-salesforce.md): an app's secret, or a user and a private key."""

    login_url: str
    client_id: str
    client_secret: str = ""
    username: str = ""
    private_key: str = ""

    def _system(self) -> System:
        return System.SALESFORCE

    def _credentials(self) -> SalesforceCredentials:
        from crm_pipeline.crm.connect import SalesforceCredentials

        return SalesforceCredentials(
            self.login_url, self.client_id, self.client_secret, self.username, self.private_key
        )


def default_resources() -> dict[str, Any]:
    """By key; a CRM's key is its model.System. A missing variable fails a run at its start, by name."""
    return {
        "pipeline": Pipeline(),
        System.HUBSPOT.value: HubSpot(
            access_token=dg.EnvVar("HUBSPOT_ACCESS_TOKEN"),
            base_url=os.environ.get("HUBSPOT_BASE_URL", ""),
        ),
        System.SALESFORCE.value: Salesforce(
            login_url=dg.EnvVar("SALESFORCE_LOGIN_URL"),
            client_id=dg.EnvVar("SALESFORCE_CLIENT_ID"),
            **_login(),
        ),
    }


def _login() -> dict[str, Any]:
    """The variables of the way to log in: a private key where there is one, else the app's secret."""
    if "SALESFORCE_PRIVATE_KEY" not in os.environ:
        return {"client_secret": dg.EnvVar("SALESFORCE_CLIENT_SECRET")}
    return {"username": dg.EnvVar("SALESFORCE_USERNAME"), "private_key": dg.EnvVar("SALESFORCE_PRIVATE_KEY")}


def _path(text: str) -> Path | None:
    return Path(text) if text else None
