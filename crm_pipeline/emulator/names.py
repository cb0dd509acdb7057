"""The host names of the platforms, for clients that cannot be told another one."""

from __future__ import annotations

HUBSPOT_HOSTS = ("api.hubapi.com", "api.hubspot.com")
SALESFORCE_DOMAIN = "salesforce.com"


def is_salesforce(host: str) -> bool:
    """login.salesforce.com, test.salesforce.com, any My Domain."""
    return host == SALESFORCE_DOMAIN or host.endswith("." + SALESFORCE_DOMAIN)
