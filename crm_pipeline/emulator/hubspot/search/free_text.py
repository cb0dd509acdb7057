"""The `query` of a search: words that a record's searchable properties must have the beginnings of.

Source: HubSpot's search documentation, "search default searchable properties". Choice where it is silent: every word of
the query must begin a word of the record, in any order and capitalisation; Japanese and Chinese, written without
spaces, may match inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from crm_pipeline.emulator.hubspot.search.filters import Filter, hints_of

SEARCHABLE = {
    "calls": ("hs_call_title", "hs_body_preview"),
    "companies": ("website", "phone", "name", "domain"),
    "contacts": (
        *("firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company"),
        "hs_marketable_until_renewal",
    ),
    "deals": ("dealname", "pipeline", "dealstage", "description", "dealtype"),
    "emails": ("hs_email_subject",),
    "meetings": ("hs_meeting_title", "hs_meeting_body"),
    "notes": ("hs_note_body",),
    "tasks": ("hs_task_body", "hs_task_subject"),
    "tickets": ("subject", "content", "hs_pipeline_stage", "hs_ticket_category", "hs_object_id"),
}  # a ticket's id is documented under its other name, hs_ticket_id
_WORD = re.compile(r"\w+")
_NOT_WITHIN = r"(?<![0-9a-z_\u00c0-\u024f])"  # letters of scripts that put spaces between words


def text_filter(object_name: str, query: str) -> Filter:
    """The query as a filter of its own."""
    names = SEARCHABLE.get(object_name, ())
    words = sorted(set(_WORD.findall(query.lower())))
    beginnings = [re.compile(_NOT_WITHIN + re.escape(word)) for word in words]

    def test(properties: Mapping[str, str]) -> bool:
        text = "\n".join([properties[name] for name in names if name in properties]).lower()
        return bool(beginnings) and all(beginning.search(text) for beginning in beginnings)

    # Ids are not held like other values: a number may be one.
    hints = tuple(hint for word in words if not word.isdecimal() for hint in hints_of(word, whole=False))
    return Filter("query", "query", ("query", tuple(words)), test, hints=hints)
