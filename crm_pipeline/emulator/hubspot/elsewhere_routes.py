"""Endpoints of two products that a portal may have without using them: no lists, no forms.

Belongs here: the empty answers, for connectors that cannot go on without (elsewhere.py refuses the other products).
Source: HubSpot's API reference, "search lists", "get all forms" (v3 and v2).
"""

from __future__ import annotations

from crm_pipeline.emulator.hubspot.call import Answer, Call


def search_lists(call: Call) -> Answer:
    """POST /crm/v3/lists/search"""
    call.json_object()
    return 200, {"lists": [], "hasMore": False, "offset": 0, "total": 0}


def list_forms(call: Call) -> Answer:
    """GET /marketing/v3/forms"""
    return 200, {"results": []}


def list_forms_v2(call: Call) -> Answer:
    """GET /forms/v2/forms: a plain list"""
    return 200, []
