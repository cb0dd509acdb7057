"""What a client needs to reach an emulated CRM: the variables of this product, and those of other clients.

Nothing in it is secret: the tokens are the emulators' own and open nothing else.
"""

from __future__ import annotations

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.salesforce import SalesforceStore


def hubspot_access(store: HubSpotStore, url: str) -> dict[str, str]:
    """Variables for a portal at `url`: its token, and the OAuth app for connectors that refresh a token."""
    return {
        "HUBSPOT_BASE_URL": url,
        "HUBSPOT_ACCESS_TOKEN": store.token,
        "HUBSPOT_CLIENT_ID": store.oauth.client_id,
        "HUBSPOT_CLIENT_SECRET": store.oauth.client_secret,
        "HUBSPOT_REFRESH_TOKEN": store.oauth.refresh_token,
    }


def salesforce_access(store: SalesforceStore, url: str) -> dict[str, str]:
    """Variables for an organisation at `url`: client credentials, and password or refresh token for other logins."""
    return {
        "SALESFORCE_LOGIN_URL": url,
        "SALESFORCE_CLIENT_ID": store.client_id,
        "SALESFORCE_CLIENT_SECRET": store.client_secret,
        "SALESFORCE_USERNAME": str(store.read("User", store.integration_user_id)["Username"]),
        "SALESFORCE_PASSWORD": store.password,
        "SALESFORCE_SECURITY_TOKEN": store.security_token,
        "SALESFORCE_REFRESH_TOKEN": store.refresh_token,
    }
