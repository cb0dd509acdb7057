"""A create whose answer was lost and whose record was gone before anybody could look: it is not made again (law 30)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm_pipeline.emulator.faults import CutAfter, CutBefore
from crm_pipeline.model import System
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud
from crm_pipeline_tests.push.desk import OBJECT, H, S, create, look_again, push, states

NEW = {H: {"lastname": "新"}, S: {"LastName": "新", "Company": "新"}}
PATH = {H: "/batch/upsert$", S: "/composite/?$"}


@pytest.fixture(scope="module")
def crms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder: Path = tmp_path_factory.mktemp("gone")
    with cloud(folder) as both:
        yield both


def archive(crms: Cloud) -> str:
    one = crms.hubspot.ids("contacts")[-1]
    crms.hubspot.archive("contacts", one)
    return f"hubspot/contacts/{one}"


def delete(crms: Cloud) -> str:
    one = crms.salesforce.ids("Lead")[-1]
    crms.salesforce.delete("Lead", one)
    return f"salesforce/Lead/{one}"


def convert(crms: Cloud) -> str:
    one = crms.salesforce.ids("Lead")[-1]
    crms.salesforce.convert_lead(one)
    return f"salesforce/Lead/{one}"


@pytest.mark.parametrize(
    ("number", "system", "end"),
    [(1, H, archive), (2, S, delete), (3, S, convert)],
    ids=["archive", "delete", "convert"],
)
def test_law_21_and_30_what_was_made_and_is_gone_has_landed(
    crms: Cloud, number: int, system: System, end: Callable[[Cloud], str]
) -> None:
    crms.faults[system].add(method="POST", path=PATH[system], action=CutAfter())
    push(crms, [create(system, number, NEW[system])])
    key = end(crms)
    look_again(crms)
    assert states(crms) == {f"person-{number}/{OBJECT[system]}/1": ("landed", "")}
    assert crms.execute("select golden_id from state.link where record_key = ?", [key]) == [(f"person-{number}",)]


def test_what_was_never_made_is_made_by_the_next_plan(crms: Cloud) -> None:
    for number, system in ((4, H), (5, S)):
        crms.faults[system].add(method="POST", path=PATH[system], action=CutBefore())
        push(crms, [create(system, number, NEW[system])])
        look_again(crms)
        assert states(crms) == {f"person-{number}/{OBJECT[system]}/1": ("superseded", "not_landed")}
