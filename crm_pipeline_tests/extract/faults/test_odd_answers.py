"""Answers that are well-formed HTTP and wrong: pages that repeat, come empty or twice, errors that call themselves 200.

None may be taken for the end of the data, read for ever, or end in an error that is no sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.emulator.faults import Call, Edit, Status
from crm_pipeline.errors import CrmError, CrmPipelineError, SafetyError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.calls import WIDE, wide
from crm_pipeline_tests.extract.faults.world import SECRET, H, Night, S, World

_OBJECT = {H: "contacts", S: "Lead"}
_FULL = {H: r"/objects/(.*/)?contacts$", S: r"/query(All)?(/|$)"}
_CHANGES = {H: r"/objects/.*(search|batch/read|contacts)$", S: r"/queryAll(/|$)"}
_ROWS = {H: "results", S: "records"}
_MOST_CALLS = 150
"""More requests than this for a few hundred records are a read that never ends."""


def _edit(function: Callable[[Any], Any]) -> Edit:
    """Edits the decoded answer; one without rows stays as it is."""

    def edited(body: bytes) -> bytes:
        answer = json.loads(body)
        if not isinstance(answer, dict) or not (answer.get("results") or answer.get("records")):
            return body
        return json.dumps(function(answer)).encode()

    return Edit(edited)


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return answer["results"] if "results" in answer else answer["records"]


def _without(*names: str) -> Callable[[Any], Any]:
    """One row of the page lacks a key."""

    def edit(answer: Any) -> Any:
        for name in names:
            _rows(answer)[0].pop(name, None)
        return answer

    return edit


def _twice(answer: Any) -> Any:
    rows = _rows(answer)
    rows += rows[-1:]
    return answer


def _read(night: Night, system: System, *, full: bool) -> type[CrmPipelineError] | None:
    """Read; the type of the error, which must be a sentence without a value, if there was one."""
    world = night.world
    world.log.clear()

    def stop() -> None:
        assert len(world.log.requests) < _MOST_CALLS, "the read never ends"

    world.faults.add(action=Call(stop), times=None)
    try:
        night.read(system, _OBJECT[system], full=full)
    except CrmPipelineError as error:
        text = str(error)
        assert len(text.split()) > 6, text
        assert SECRET not in text
        return type(error)
    finally:
        calls = len(world.log.requests)
        assert calls < _MOST_CALLS
    return None


def _recovers(night: Night, system: System) -> None:
    """The night after brings everything, and nothing twice."""
    night.world.calm()
    _touched(night.world, system)
    night.new_clients()
    night.read(system, _OBJECT[system], full=True)
    assert night.differences(system, _OBJECT[system]) == []


def _touched(world: World, system: System) -> None:
    """Enough changes for a page."""
    if system is H:
        for contact in world.hubspot.ids("contacts")[:3]:
            world.hubspot.update("contacts", contact, {"jobtitle": f"t{world.clock.now().timestamp()}"})
    else:
        for lead in world.salesforce.ids("Lead")[:3]:
            world.salesforce.update("Lead", lead, {"Title": f"t{world.clock.now().timestamp()}"})


@pytest.mark.parametrize("system", System)
@pytest.mark.parametrize(
    ("body", "content_type", "full"),
    [
        (
            {"status": "error", "message": "internal", "category": "UNKNOWN", "correlationId": "c"},
            "application/json",
            False,
        ),
        ([{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}], "application/json", True),
        ({}, "application/json", True),
        (None, "application/json", True),
        ("", "application/json", True),
        ('"ok"', "application/json", True),
        ("<html><body>Log in</body></html>", "text/html", False),
    ],
    ids=["error object", "error list", "empty object", "null", "nothing", "text", "log-in page"],
)
def test_an_error_that_calls_itself_200_is_not_the_end_of_the_data(
    night: Night, system: System, full: bool, body: Any, content_type: str
) -> None:
    world = night.world
    _touched(world, system)
    before = night.state()
    path = (_FULL if full else _CHANGES)[system]
    content = body if isinstance(body, str) else json.dumps(body)
    answer, after = Status(200, content, {"Content-Type": content_type}), int(full)
    world.faults.add(path=path, query="^(?!.*COUNT)", action=answer, times=None, after=after)
    error = _read(night, system, full=full)
    assert error is not None
    assert issubclass(error, CrmError | SafetyError)
    assert night.state() == before


@pytest.mark.parametrize("system", System)
def test_a_night_after_an_error_that_called_itself_200(night: Night, system: System) -> None:
    night.world.faults.add(path=_FULL[system], action=Status(200, {"status": "error"}), times=None, after=1)
    assert _read(night, system, full=True)
    _recovers(night, system)


@pytest.mark.parametrize("system", System)
def test_a_page_that_repeats_for_ever_ends(night: Night, system: System) -> None:
    """Whatever is asked for, the first page comes, with a link to the next."""
    world, first = night.world, list[bytes]()

    def again(answer: Any) -> Any:
        first.append(json.dumps(answer).encode())
        return json.loads(first[0])

    world.faults.add(path=_FULL[system], query="^(?!.*COUNT)", action=_edit(again), times=None)
    error = _read(night, system, full=True)
    assert error is None or issubclass(error, CrmError | SafetyError)
    _recovers(night, system)


def test_a_locator_that_leads_to_itself_ends(night: Night) -> None:
    def circle(answer: Any) -> Any:
        if not answer["done"]:
            answer["nextRecordsUrl"] = "/services/data/v62.0/query/" + answer["nextRecordsUrl"].rpartition("/")[2]
        return {**answer, "done": False, "nextRecordsUrl": answer.get("nextRecordsUrl", "")}

    night.world.faults.add(path=_FULL[S], query="^(?!.*COUNT)", action=_edit(circle), times=None)
    _read(night, S, full=True)
    _recovers(night, S)


def test_an_empty_page_with_a_link_to_the_next_is_not_the_end(night: Night) -> None:
    """HubSpot may filter a page empty; the link counts."""
    world = night.world

    def emptied(answer: Any) -> Any:
        if "paging" not in answer:
            return answer
        return {"results": [], "paging": {"next": {"after": "1", "link": "?after=1"}}}

    world.faults.add(path=_FULL[H], action=_edit(emptied), times=1)
    assert _read(night, H, full=True) is None
    assert night.differences(H, "contacts") == []


@pytest.mark.parametrize("full", [True, False], ids=["full", "changes"])
@pytest.mark.parametrize("system", System)
def test_a_record_that_comes_twice_is_one_record(night: Night, system: System, full: bool) -> None:
    world = night.world
    _touched(world, system)
    world.faults.add(path=(_FULL if full else _CHANGES)[system], action=_edit(_twice), times=None)
    error = _read(night, system, full=full)
    assert error is None or issubclass(error, CrmError)
    if error is None:
        assert night.differences(system, _OBJECT[system]) == []
    _recovers(night, system)


@pytest.mark.parametrize(
    ("system", "names"),
    [
        (H, ["id"]),
        (H, ["properties"]),
        (H, ["createdAt", "updatedAt"]),
        (S, ["Id"]),
        (S, ["SystemModstamp", "CreatedDate", "LastModifiedById", "attributes"]),
        (S, ["Email"]),
    ],
    ids=str,
)
def test_a_row_without_a_key_is_set_apart_or_an_error_and_never_a_blank_record(
    night: Night, system: System, names: list[str]
) -> None:
    _touched(night.world, system)
    before = night.state()
    night.world.faults.add(
        path=_FULL[system], query="^(?!.*(COUNT|(?i:archived=true)))", action=_edit(_without(*names)), times=None
    )
    error = _read(night, system, full=True)
    assert error is None or issubclass(error, CrmError | SafetyError)
    if error is not None:
        assert night.state() == before
    assert [one for one in night.blanked(system, _OBJECT[system]) if not one.lower().endswith("title")] == []
    _recovers(night, system)


@pytest.fixture(scope="module")
def bulk_world() -> Iterator[World]:
    world = World()
    for number in range(WIDE):
        world.salesforce.define_field("Lead", {"name": wide(number), "length": 10})
    for number in range(30):
        world.lead(number, **{wide(number): "x"})
    with world.served():
        yield world


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[: len(body) * 2 // 3],
        lambda body: body[: body.rindex(b"\n", 0, -2) + 1],
        lambda body: body.replace(b'"Id",', b"", 1),
        lambda body: b"",
        lambda body: body.split(b"\n", 1)[0] + b"\n",
        lambda body: b"<html>" + body,
    ],
    ids=["cut in a row", "a row less", "a column less", "nothing", "the head line only", "a page of a proxy"],
)
def test_csv_that_is_not_whole_is_an_error(bulk_world: World, change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    crm = bulk_world.client(S)
    fields = ("LastName", *map(wide, range(WIDE)))
    bulk_world.calm()
    bulk_world.faults.add(method="GET", path="/results", action=Edit(change), times=None)
    with pytest.raises(CrmError) as raised:
        list(crm.pages("Lead", fields))
    assert SECRET not in str(raised.value)
