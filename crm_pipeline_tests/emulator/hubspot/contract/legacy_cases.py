"""The contract of the older reading endpoints, which the client does not know; how to read a line: object_cases.py."""

from __future__ import annotations

from crm_pipeline_tests.emulator.hubspot.contract.case import Case

_PROPERTIES, _ENGAGEMENTS = "/properties/v2/{object}/properties", "/engagements/v1/engagements"

CASES = [
    Case("GET", _PROPERTIES, "legacy properties", "/properties/v2/{type}/properties"),
    Case("GET", _PROPERTIES + "/named/{name}", "legacy property", "/properties/v1/contacts/properties/named/email"),
    Case("GET", "/crm-pipelines/v1/pipelines/{object}", "legacy pipelines", "/crm-pipelines/v1/pipelines/deals"),
    Case("GET", _ENGAGEMENTS + "/paged", "engagements", _ENGAGEMENTS + "/paged?limit=2"),
    Case("GET", _ENGAGEMENTS + "/recent/modified", "recent engagements", _ENGAGEMENTS + "/recent/modified?count=2"),
    Case("GET", _ENGAGEMENTS + "/{id}", "engagement", _ENGAGEMENTS + "/{call}"),
]
