"""Values that no type expects, over every way a record may come: what is good is stored byte for byte (law 46)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from crm_pipeline.emulator.faults import Edit
from crm_pipeline.errors import CrmError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.calls import WIDE, wide
from crm_pipeline_tests.extract.faults.world import H, Night, S, World

_OBJECT = {H: "contacts", S: "Lead"}
_NAME = {H: "lastname", S: "LastName"}
_RECORDS = {H: r"/objects/(.*/)?contacts(/search|/batch/read)?$", S: r"/query(All)?/?$"}

GOOD = {
    "NUL": "a\x00b",
    "line separator": "一\u2028二\u2029三",
    "next line": "a\x85b",
    "byte order mark": "\ufeffa",
    "NA": "NA",
    "null": "null",
    "None": "None",
    "#N/A": "#N/A",
    "nan": "nan",
    "true": "true",
    "a number": "007",
    "an id of 15": "00Q5g0000000001",
    "a date without a year": "0000-00-00",
    "a date far off": "9999-12-31T23:59:59Z",
    "a date before all": "-262144-01-01",
    "32,000 characters": "長" * 32_000,
    "two megabytes": "x" * 2_000_000,
    "quotes": '"\\"\'',
    "JSON": '{"a": [1, null]}',
    "CSV": 'a,"b"\r\nc',
    "SQL": "'); drop table raw.record; --",
    "a surrogate pair": "𠮷",
    "combining": "e\u0301 ｶﾞ",
    "blanks": " x ",
    "right to left": "\u202eabc",
    "tag characters": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
}
BAD = {
    "half a surrogate pair": ("\ud83d", "surrogate"),
    "the other half": ("a\udc00", "surrogate"),
    "an object": ({"a": {"b": [1]}}, "no single value"),
    "a list": (["a"], "no single value"),
    "an infinite number": (float("inf"), "not finite"),
    "no number": (float("nan"), "not finite"),
    "ten megabytes": ("x" * 10_000_000, "larger than"),
}


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get("results", answer.get("records", []))
    return found


def _with(system: System, *values: Any) -> Edit:
    """The first rows of the answer have these last names; half a pair as the escape that JSON allows."""

    def edit(body: bytes) -> bytes:
        answer = json.loads(body)
        if isinstance(answer, dict):
            for row, value in zip(_rows(answer), values, strict=False):
                (row["properties"] if system is H else row)[_NAME[system]] = value
        return json.dumps(answer).encode()

    return Edit(edit)


def _names(night: Night, system: System) -> dict[str, str]:
    table = f"raw.{system.value}_{_OBJECT[system].lower()}"
    rows = night.rows(f"select record_id, fields from {table} where retired is null")
    return {record_id: json.loads(fields).get(_NAME[system]) for record_id, fields in rows}


def _read(night: Night, system: System, *values: Any, changes: bool) -> Any:
    if changes:
        night.read(system, _OBJECT[system])
        for record_id in night.world.truth(system, _OBJECT[system]):
            if system is H:
                night.world.hubspot.update("contacts", record_id, {"jobtitle": f"t{night.world.clock.now()}"})
            else:
                night.world.salesforce.touch("Lead", record_id)
    night.world.faults.add(path=_RECORDS[system], query="^(?!.*COUNT)", action=_with(system, *values), times=None)
    return night.read(system, _OBJECT[system])


@pytest.mark.parametrize("changes", [False, True], ids=["full", "changes"])
@pytest.mark.parametrize("system", System)
def test_strange_texts_are_stored_byte_for_byte(night: Night, system: System, changes: bool) -> None:
    _read(night, system, *GOOD.values(), changes=changes)
    names = _names(night, system)
    found = [names[record_id] for record_id in sorted(names, key=lambda one: (len(one), one))]
    assert dict(zip(GOOD, found, strict=False)) == GOOD
    assert len(found) == len(night.world.truth(system, _OBJECT[system]))


@pytest.mark.parametrize("system", System)
@pytest.mark.parametrize(("name", "changes"), [*((name, False) for name in BAD), ("an object", True)])
def test_what_is_no_value_is_set_apart_with_the_reason_and_the_rest_goes_on(
    night: Night, system: System, name: str, changes: bool
) -> None:
    value, reason = BAD[name]
    result = _read(night, system, value, changes=changes)
    assert result.quarantined == 1
    ((record_id, told),) = night.rows("select record_id, reason from raw.quarantine where system = ?", system.value)
    assert reason in told
    assert _NAME[system] in told or isinstance(value, float) or len(value) > 1_000_000
    there = night.world.truth(system, _OBJECT[system])
    assert set(_names(night, system)) == (set(there) if changes else set(there) - {record_id})
    if name == "half a surrogate pair":  # a good reading takes it out of quarantine
        night.world.calm()
        night.read(system, _OBJECT[system], full=True)
        assert night.differences(system, _OBJECT[system]) == []


def test_strange_texts_come_through_a_bulk_job_as_through_a_query() -> None:
    world = World()
    for number in range(WIDE):
        world.salesforce.define_field("Lead", {"name": wide(number), "length": 10})
    world.salesforce.define_field("Lead", {"name": "Text__c", "type": "textarea", "length": 32_768})
    texts = [text for text in GOOD.values() if len(text) <= 32_768]
    leads = [world.lead(number, Text__c=text) for number, text in enumerate(texts)]
    with world.served():
        crm = world.client(S)
        pages = list(crm.pages("Lead", ("Text__c", *map(wide, range(WIDE)))))
        by_job = {record.record_id: record.fields["Text__c"] for page in pages for record in page}
        by_query = {i: record.fields["Text__c"] for i, record in crm.read("Lead", leads, ["Text__c"]).items()}
    assert any("jobs/query" in request.path for request in world.log.requests)
    assert by_job == by_query == {lead: world.salesforce.read("Lead", lead)["Text__c"] for lead in leads}


def _twice_the_key(body: bytes) -> bytes:
    return body.replace(b'"lastname":', b'"lastname":"first","lastname":').replace(
        b'"LastName":', b'"LastName":"first","LastName":'
    )


def _text_as_number(body: bytes) -> bytes:
    return body.replace(b'"SENTINEL-VALUE"', b"1e400")


@pytest.mark.parametrize("system", System)
@pytest.mark.parametrize("change", [_twice_the_key, _text_as_number], ids=["a key twice", "a number beyond all"])
def test_json_that_is_odd_is_read_or_refused_and_never_stored_wrong(
    night: Night, system: System, change: Callable[[bytes], bytes]
) -> None:
    night.world.faults.add(path=_RECORDS[system], query="^(?!.*COUNT)", action=Edit(change), times=None)
    with suppress(CrmError):
        night.read(system, _OBJECT[system])
    assert {name for name in _names(night, system).values() if name is not None} <= {"SENTINEL-VALUE", *GOOD.values()}
