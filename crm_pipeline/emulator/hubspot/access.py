"""The door to every endpoint: who calls, whether the address is too long, and whether the app may do this.

Not here: tokens (oauth.py), the table of scopes (scopes.py), rate limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crm_pipeline.emulator.hubspot import scopes
from crm_pipeline.emulator.hubspot.errors import HubSpotError

if TYPE_CHECKING:
    from crm_pipeline.emulator.hubspot.portal import Portal

_LONGEST_URL = 16_000  # characters; measured against a real portal at about 16,300


def admit(
    portal: Portal, method: str, route: str, params: Mapping[str, str], url_length: int, header: str | None
) -> bool:
    """Let a call in, and tell whether it comes from the public (OAuth) app. The OAuth endpoints are open to everyone.

    `route` is the path with its placeholders, `params` are their values, `header` is Authorization.
    Raises HubSpotError 401, 403 or 414.
    """
    if url_length > _LONGEST_URL:
        raise HubSpotError(414, "HTTP 414 URI Too Long")
    if route.startswith("/oauth/"):
        return False
    by_oauth = portal.oauth.authenticate(header, portal.token)
    scopes.check(portal.scopes, method, route, params)
    return by_oauth
