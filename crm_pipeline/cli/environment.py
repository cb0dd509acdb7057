"""What a command finds outside of its arguments: settings, the warehouse, and the CRMs that the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

if TYPE_CHECKING:
    from crm_pipeline.config import Settings
    from crm_pipeline.crm.gateway import Pace
    from crm_pipeline.crm.protocol import Crm
    from crm_pipeline.warehouse import Connection, Warehouse


def opened() -> tuple[Settings, Warehouse]:
    """The settings, and the warehouse that they name. Raises ConfigError."""
    from crm_pipeline.config import load_settings
    from crm_pipeline.warehouse import Warehouse

    settings = load_settings()
    _warn_of_exposed(settings)
    return settings, Warehouse(settings.warehouse, waits=_say_who_waits, told=say)


@contextmanager
def published(settings: Settings) -> Iterator[Connection]:
    """The copy for analysts, read-only. Raises NotFoundError before the first run, WarehouseError if it is none."""
    import duckdb

    from crm_pipeline.errors import NotFoundError, WarehouseError
    from crm_pipeline.warehouse.connection import configured

    if not settings.published.exists():
        raise NotFoundError(f"{settings.published} does not exist yet; run the pipeline once first")
    try:
        opened = duckdb.connect(str(settings.published), read_only=True)
    except duckdb.Error:
        raise WarehouseError(
            f"{settings.published} cannot be opened: somebody has it open for writing (open it read-only), "
            "or it is no DuckDB file (the next run replaces it)"
        ) from None
    with configured(opened) as connection:
        yield connection


def say(sentence: str) -> None:
    """Beside what a command puts out, for whoever watches it or reads cron's mail."""
    click.echo(f"crm-pipeline: {sentence}", err=True)


def _warn_of_exposed(settings: Settings) -> None:
    from crm_pipeline.warehouse.modes import exposed

    files = [os.environ[name] for name in ("CRM_PIPELINE_SETTINGS", "CRM_PIPELINE_MAPPING") if os.environ.get(name)]
    told = [exposed(path) for path in (settings.warehouse, settings.published)]
    told += [exposed(Path(name), to_writing=True) for name in files]
    for sentence in filter(None, told):
        say(f"warning: {sentence}")


def _say_who_waits(path: Path) -> None:
    click.echo(f"crm-pipeline: waiting for {path}, which another process holds", err=True)


def clients(
    settings: Settings, systems: Iterable[System], *, read_only: bool, paces: Mapping[System, Pace] | None = None
) -> dict[System, Crm]:
    """Clients of the given CRMs. `paces`: shared by all clients of one run. Raises ConfigError naming a variable that
    is missing."""
    return {system: _client(system, settings, read_only, (paces or {}).get(system)) for system in systems}


def paces(settings: Settings) -> dict[System, Pace]:
    """Rate and budget of a new run, for each CRM."""
    from crm_pipeline.crm.connect import limits_of
    from crm_pipeline.crm.gateway import Pace

    return {system: Pace(system, limits_of(settings)) for system in System}


def variable(name: str) -> str:
    """Raises ConfigError if the environment has no such variable."""
    value = os.environ.get(name, "")
    if not value:
        raise ConfigError(
            f"the environment variable {name} is not set; docs/connect.md says where its value comes from"
        )
    return value


def _client(system: System, settings: Settings, read_only: bool, pace: Pace | None) -> Crm:
    from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect

    credentials: HubSpotCredentials | SalesforceCredentials
    if system is System.HUBSPOT:
        elsewhere = filter(None, [os.environ.get("HUBSPOT_BASE_URL")])
        credentials = HubSpotCredentials(variable("HUBSPOT_ACCESS_TOKEN"), *elsewhere)
    else:
        where, app = variable("SALESFORCE_LOGIN_URL"), variable("SALESFORCE_CLIENT_ID")
        if key := os.environ.get("SALESFORCE_PRIVATE_KEY", ""):
            secret, user = os.environ.get("SALESFORCE_CLIENT_SECRET", ""), variable("SALESFORCE_USERNAME")
        else:
            secret, user = variable("SALESFORCE_CLIENT_SECRET"), ""
        credentials = SalesforceCredentials(where, app, secret, user, key)
    return connect(credentials, settings, read_only=read_only, pace=pace)
