"""Makes the client that credentials are for.

Not here: where credentials come from (the environment, read by the command line and by Dagster's resources).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.gateway import Pace
from crm_pipeline.crm.hubspot import client as hubspot
from crm_pipeline.crm.hubspot.wire import Wire as HubSpotWire
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.crm.safe_url import require_safe
from crm_pipeline.crm.salesforce import client as salesforce
from crm_pipeline.crm.salesforce.grant import ClientCredentials, Grant, JwtBearer, audience, private_key
from crm_pipeline.crm.salesforce.wire import Wire as SalesforceWire
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

Crms = Mapping[System, Crm]


@dataclass(frozen=True)
class HubSpotCredentials:
    """The token of a service key or private app."""

    access_token: str = field(repr=False)
    base_url: str = "https://api.hubapi.com"


@dataclass(frozen=True)
class SalesforceCredentials:
    """An External Client App (connected app). `login_url`: the My Domain address. Either `client_secret`, for the
    client credentials flow, or `username` and `private_key` (PEM, or the path of such a file), for JWT bearer."""

    login_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(default="", repr=False)
    username: str = ""
    private_key: str = field(default="", repr=False)


def connect(
    credentials: HubSpotCredentials | SalesforceCredentials,
    settings: Settings,
    *,
    read_only: bool = False,
    limits: Limits | None = None,
    pace: Pace | None = None,
) -> Crm:
    """A client that has not called anybody yet. `read_only`: a writing request raises SafetyError before it leaves.

    `limits`: by default those of the settings' budget. `pace`: shared by the clients of one run. Raises ConfigError for
    an address that is not safe, and for credentials that cannot be any.
    """
    limits = limits or limits_of(settings)
    if isinstance(credentials, HubSpotCredentials):
        _check_secret(credentials.access_token, "HUBSPOT_ACCESS_TOKEN")
        require_safe(credentials.base_url, "HUBSPOT_BASE_URL")
        version = settings.hubspot.path_version
        token = credentials.access_token
        wire = HubSpotWire(token, credentials.base_url, version, limits, read_only=read_only, pace=pace)
        return hubspot.HubSpotCrm(wire)
    require_safe(credentials.login_url, "SALESFORCE_LOGIN_URL")
    return salesforce.SalesforceCrm(
        SalesforceWire(
            credentials.login_url,
            _grant(credentials),
            settings.salesforce.api_version,
            limits,
            read_only=read_only,
            pace=pace,
        )
    )


def _grant(credentials: SalesforceCredentials) -> Grant:
    """The way to log in that the credentials are for. Raises ConfigError for both ways at once, and for neither."""
    _check_secret(credentials.client_id, "SALESFORCE_CLIENT_ID")
    if not credentials.private_key:
        _check_secret(credentials.client_secret, "SALESFORCE_CLIENT_SECRET")
        return ClientCredentials(credentials.client_id, credentials.client_secret)
    if credentials.client_secret:
        raise ConfigError(
            "SALESFORCE_CLIENT_SECRET and SALESFORCE_PRIVATE_KEY are two ways to log in: set one of them only"
        )
    if not credentials.username:
        raise ConfigError("SALESFORCE_USERNAME is not set: with SALESFORCE_PRIVATE_KEY it names the integration user")
    key = private_key(credentials.private_key)
    return JwtBearer(credentials.client_id, credentials.username, key, audience(credentials.login_url))


def limits_of(settings: Settings) -> Limits:
    """The limits of the settings' budget."""
    return Limits(settings.budget.organisation_percent, settings.budget.run_percent)


def _check_secret(secret: str, variable: str) -> None:
    """A line end from a secret file would end up, secret and all, in the HTTP library's error text."""
    if not secret or not all("!" <= character <= "~" for character in secret):
        raise ConfigError(f"{variable} is empty or holds a blank, a line end or another character that no secret has")
