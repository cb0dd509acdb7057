"""Products of HubSpot that are not emulated, and the scopes that their endpoints need.

An endpoint that is not there is refused for want of its scope: a connector that reads everything skips what it may not
read; a 400 or 404 would end its run. Source of paths and scopes: HubSpot's API reference, one page each. Not here: the
few that answer (routes.py), object types without records (empty_types.py).
"""

from __future__ import annotations

#: Beginnings of paths -> scope.
_PATHS = {
    "/automation/": "automation",
    "/cms/": "content",
    "/communication-preferences/": "communication_preferences.read",
    "/crm/v3/lists": "crm.lists.read",
    "/crm/lists/": "crm.lists.read",
    "/email/public/": "content",
    "/events/": "business-intelligence",
    "/files/": "files",
    "/form-integrations/": "forms",
    "/forms/": "forms",
    "/marketing-emails/": "content",
    "/marketing/v3/forms": "forms",
    "/marketing/": "content",
}


def scope_of_path(path: str) -> str | None:
    """The scope for a product that is not emulated; None for a path that HubSpot does not have."""
    return next((scope for start, scope in _PATHS.items() if path.startswith(start)), None)
