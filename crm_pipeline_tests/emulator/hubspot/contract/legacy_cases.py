"""The contract of the older reading endpoints, which the client does not know; how to read a line: object_cases.py."""

from __future__ import annotations

from crm_pipeline_tests.emulator.hubspot.contract.case import Case

_PROPERTIES, _ENGAGEMENTS = "/properties/v2/{object}/properties", "/engagements/v1/engagements"
_LISTS, _CONTACT = "/contacts/v1/lists", "/contacts/v1/contact"
_COMPANIES, _DEALS = "/companies/v2/companies", "/deals/v1/deal"

CASES = [
    Case("GET", _PROPERTIES, "legacy properties", "/properties/v2/{type}/properties"),
    Case("GET", _PROPERTIES + "/named/{name}", "legacy property", "/properties/v1/contacts/properties/named/email"),
    Case("GET", "/crm-pipelines/v1/pipelines/{object}", "legacy pipelines", "/crm-pipelines/v1/pipelines/deals"),
    Case("GET", _ENGAGEMENTS + "/paged", "engagements", _ENGAGEMENTS + "/paged?limit=2"),
    Case("GET", _ENGAGEMENTS + "/recent/modified", "recent engagements", _ENGAGEMENTS + "/recent/modified?count=2"),
    Case("GET", _ENGAGEMENTS + "/modified/after", "changed engagements", _ENGAGEMENTS + "/modified/after?limit=2"),
    Case(
        "GET",
        _ENGAGEMENTS + "/associated/{object}/{id}/paged",
        "engagements",
        _ENGAGEMENTS + "/associated/CONTACT/{contact}/paged",
    ),
    Case("GET", _ENGAGEMENTS + "/{id}", "engagement", _ENGAGEMENTS + "/{call}"),
    Case("GET", "/deals/v1/pipelines", "deal pipelines", "/deals/v1/pipelines"),
    Case("GET", "/deals/v1/pipelines/{id}", "deal pipeline", "/deals/v1/pipelines/default"),
    Case("GET", _LISTS + "/all/contacts/all", "legacy contacts", _LISTS + "/all/contacts/all?count=1"),
    Case("GET", _LISTS + "/all/contacts/recent", "recent contacts", _LISTS + "/all/contacts/recent?count=1"),
    Case(
        "GET",
        _LISTS + "/recently_updated/contacts/recent",
        "recent contacts",
        _LISTS + "/recently_updated/contacts/recent?propertyMode=value_and_history",
    ),
    Case("GET", _CONTACT + "/vid/{id}/profile", "legacy contact", _CONTACT + "/vid/{contact}/profile"),
    Case("GET", _CONTACT + "/email/{id}/profile", "problem", _CONTACT + "/email/nobody@example.jp/profile", status=404),
    Case("GET", _CONTACT + "/vids/batch", "legacy contacts by id", _CONTACT + "/vids/batch/?vid={contact}&vid=1"),
    Case("GET", _COMPANIES + "/paged", "legacy companies", _COMPANIES + "/paged?properties=name"),
    Case("GET", _COMPANIES + "/recent/modified", "recent companies", _COMPANIES + "/recent/modified?count=1"),
    Case("GET", _COMPANIES + "/recent/created", "recent companies", _COMPANIES + "/recent/created?count=1"),
    Case("GET", _COMPANIES + "/{id}", "legacy company", _COMPANIES + "/{company}"),
    Case("GET", _DEALS + "/paged", "legacy deals", _DEALS + "/paged?includeAllProperties=true"),
    Case("GET", _DEALS + "/recent/modified", "recent deals", _DEALS + "/recent/modified?count=1"),
    Case("GET", _DEALS + "/recent/created", "recent deals", _DEALS + "/recent/created?includePropertyVersions=true"),
    Case("GET", _DEALS + "/{id}", "legacy deal", _DEALS + "/{deal}"),
]
