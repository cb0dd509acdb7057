"""Reading endpoints of products that a portal may have without using them: no lists, forms, e-mails, workflows.

Belongs here: the empty answers, for connectors that cannot go on without (products.py refuses the rest of these
products). Source: HubSpot's API reference, one page each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call


def _paged(key: str) -> dict[str, Any]:
    return {"hasMore": False, "offset": "", key: []}


#: Method, path and answer.
_EMPTY: list[tuple[str, str, Any]] = [
    ("POST", "/crm/v3/lists/search", {"lists": [], "hasMore": False, "offset": 0, "total": 0}),
    ("GET", "/marketing/v3/emails", {"total": 0, "results": []}),
    ("GET", "/marketing/v3/forms", {"results": []}),
    ("GET", "/forms/v2/forms", []),
    ("GET", "/automation/v3/workflows", {"workflows": []}),
    ("GET", "/automation/v4/flows", {"results": []}),
    ("GET", "/email/public/v1/campaigns", _paged("campaigns")),
    ("GET", "/email/public/v1/campaigns/by-id", _paged("campaigns")),
    ("GET", "/email/public/v1/events", _paged("events")),
    ("GET", "/email/public/v1/subscriptions", {"subscriptionDefinitions": []}),
    ("GET", "/email/public/v1/subscriptions/timeline", _paged("timeline")),
    ("GET", "/marketing-emails/v1/emails/with-statistics", {"limit": 10, "offset": 0, "total": 0, "objects": []}),
]


def _answering(body: Any) -> Callable[[Call], Answer]:
    return lambda call: (200, body)


ROUTES = [(method, path, _answering(body)) for method, path, body in _EMPTY]
