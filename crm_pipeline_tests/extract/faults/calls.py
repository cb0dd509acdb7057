"""The kinds of calls that an extraction makes, each with a question that leads to it.

Belongs here: which requests are of a kind. Not here: what goes wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm_pipeline.crm.protocol import Crm, Page
from crm_pipeline.emulator.request_log import Request
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.world import START, H, S, World

CONTACT, LEAD = ("lastname", "email", "jobtitle"), ("LastName", "Email", "Title")
WIDE = 350
"""Custom fields with names so long that a query of all of them fits no address, so that it becomes a bulk job."""


@dataclass(frozen=True)
class Kind:
    """`ask` brings what can be compared; requests of the kind fit `method`, `path` and `query`; `after` of them pass.

    `fails` False: the client goes on without the answer.
    """

    system: System
    method: str
    path: str
    ask: Callable[[World, Crm], Any]
    query: str = ""
    after: int = 0
    fails: bool = True

    def fits(self, system: System, request: Request) -> bool:
        is_meant = self.system is system and re.fullmatch(self.method, request.method)
        return bool(is_meant) and bool(re.search(self.path, request.path) and re.search(self.query, request.query))


def wide(number: int) -> str:
    return f"A_field_with_a_name_of_great_length_{number:03}__c"


def _records(pages: Any) -> list[Any]:
    found = []
    for page in pages:
        assert isinstance(page, Page)
        found += [(record.record_id, dict(record.fields)) for record in page]
    return sorted(found, key=lambda pair: pair[0])


def _stones(pages: Any) -> list[Any]:
    return sorted((stone.record_id, stone.reason) for page in pages for stone in page)


def _changed(crm: Crm, object_: str, fields: tuple[str, ...], **more: Any) -> list[Any]:
    window = {"since": START - timedelta(days=1), "until": START + timedelta(days=3650)}
    return _records(crm.pages(object_, fields, **window, **more))


def _related(world: World, crm: Crm) -> list[Any]:
    found = crm.associations("contacts", "companies", world.contacts[:3])
    return sorted((one.from_id, one.to_id) for one in found)


_OBJECTS = r"/objects/(.*/)?contacts"
_LIVE, _ARCHIVED = r"archived=(?i:false)|^(?!.*archived)", r"archived=(?i:true)"
_COUNT, _NO_COUNT = "COUNT", "^(?!.*COUNT)"

KINDS: dict[str, Kind] = {
    "hubspot account": Kind(H, "GET", "/account-info/", lambda w, c: c.account()),
    "hubspot token": Kind(H, "POST", "/access-token-info$", lambda w, c: c.account()),
    "hubspot properties": Kind(H, "GET", r"/properties/", lambda w, c: c.schema("contacts")),
    "hubspot owners": Kind(H, "GET", r"/owners", lambda w, c: c.users()),
    "hubspot pipelines": Kind(H, "GET", r"/pipelines/", lambda w, c: c.stages("deals")),
    "hubspot first page": Kind(H, "GET", _OBJECTS + "$", lambda w, c: _records(c.pages("contacts", CONTACT)), _LIVE),
    "hubspot later page": Kind(H, "GET", _OBJECTS + "$", lambda w, c: _records(c.pages("contacts", CONTACT)), _LIVE, 1),
    "hubspot archived list": Kind(H, "GET", _OBJECTS + "$", lambda w, c: _stones(c.tombstones("contacts")), _ARCHIVED),
    "hubspot search": Kind(H, "POST", _OBJECTS + "/search$", lambda w, c: _changed(c, "contacts", CONTACT)),
    "hubspot count": Kind(H, "POST", _OBJECTS + "/search$", lambda w, c: c.count("contacts")),
    "hubspot ids": Kind(H, "POST|GET", _OBJECTS, lambda w, c: sorted(i for ids in c.ids("contacts") for i in ids)),
    "hubspot batch read": Kind(
        H, "POST", _OBJECTS + "/batch/read$", lambda w, c: sorted(c.read("contacts", w.contacts, CONTACT))
    ),
    "hubspot associations": Kind(H, "POST", r"/associations/.*/batch/read$", _related),
    "salesforce login": Kind(S, "POST", "/oauth2/token$", lambda w, c: c.count("Lead")),
    "salesforce describe": Kind(S, "GET", "/describe$", lambda w, c: c.schema("Lead")),
    "salesforce first page": Kind(
        S, "GET", r"/query(All)?/?$", lambda w, c: _records(c.pages("Lead", LEAD)), _NO_COUNT
    ),
    "salesforce locator": Kind(S, "GET", r"/query(All)?/\w", lambda w, c: _records(c.pages("Lead", LEAD))),
    "salesforce changes": Kind(S, "GET", r"/queryAll/?$", lambda w, c: _changed(c, "Lead", LEAD), _NO_COUNT),
    "salesforce count": Kind(S, "GET", r"/query/?$", lambda w, c: c.count("Lead"), _COUNT),
    "salesforce ids": Kind(S, "GET", r"/query/?$", lambda w, c: sorted(i for ids in c.ids("Lead") for i in ids)),
    "salesforce read by id": Kind(S, "GET", r"/query/?$", lambda w, c: sorted(c.read("Lead", w.leads, LEAD))),
    "salesforce users": Kind(S, "GET", r"/query/?$", lambda w, c: c.users()),
    "salesforce stages": Kind(S, "GET", r"/query/?$", lambda w, c: c.stages("Opportunity")),
    "salesforce field history": Kind(
        S,
        "GET",
        r"/query(All)?/?$",
        lambda w, c: [v.record_id for some in c.versions("Lead", ["Title"]) for v in some],
    ),
    "salesforce getDeleted": Kind(S, "GET", "/deleted/?$", lambda w, c: _stones(c.tombstones("Lead"))),
    "salesforce bulk create": Kind(S, "POST", "/jobs/query/?$", lambda w, c: _records(c.pages("Account", _wide()))),
    "salesforce bulk poll": Kind(S, "GET", r"/jobs/query/\w+$", lambda w, c: _records(c.pages("Account", _wide()))),
    "salesforce bulk results": Kind(
        S, "GET", "/jobs/query/.*/results", lambda w, c: _records(c.pages("Account", _wide()))
    ),
    "salesforce bulk delete": Kind(
        S, "DELETE", r"/jobs/query/\w+$", lambda w, c: _records(c.pages("Account", _wide())), fails=False
    ),
}


def _wide() -> tuple[str, ...]:
    return ("Name", *map(wide, range(WIDE)))
