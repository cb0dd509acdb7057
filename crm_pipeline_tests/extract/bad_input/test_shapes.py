"""Rows, fields and organisations of an unexpected shape: ids, times, fields that come and go, nothing at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.emulator.faults import Call, Edit
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce import ids as salesforce_ids
from crm_pipeline.errors import CrmError, CrmPipelineError
from crm_pipeline.model import System
from crm_pipeline_tests.extract.faults.world import SECRET, H, Night, S, World

_OBJECT = {H: "contacts", S: "Lead"}
_LIST = {H: r"/objects/(.*/)?contacts$", S: r"/query(All)?/?$"}
_NOT_COUNT = "^(?!.*(COUNT|(?i:archived=true)))"


def _edited(change: Callable[[list[dict[str, Any]]], object]) -> Edit:
    def edit(body: bytes) -> bytes:
        answer = json.loads(body)
        rows = answer.get("results", answer.get("records")) if isinstance(answer, dict) else None
        if rows:
            change(rows)
        return json.dumps(answer).encode()

    return Edit(edit)


@pytest.mark.parametrize(
    "time",
    ["0000-01-01T00:00:00Z", "-262144-01-01T00:00:00Z", "2026-13-45T99:00:00Z", 12, None],
    ids=repr,
)
@pytest.mark.parametrize(("system", "keys"), [(H, ["updatedAt"]), (S, ["LastModifiedDate", "SystemModstamp"])])
def test_a_record_with_a_time_that_is_none_is_set_apart(
    night: Night, system: System, keys: list[str], time: Any
) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows[:1]:
            row.update(dict.fromkeys(keys, time))
            row.pop("CreatedDate", None)

    night.world.faults.add(path=_LIST[system], query=_NOT_COUNT, action=_edited(change), times=None)
    result = night.read(system, _OBJECT[system])
    assert (result.quarantined, result.new) == (1, result.there - 1)
    assert "time" in night.rows("select reason from raw.quarantine")[0][0]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00.000+0000", "9999-12-31T23:59:59.000+0000"])
def test_the_first_and_the_last_day_are_times(night: Night, time: str) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0].update(dict.fromkeys(("CreatedDate", "LastModifiedDate"), time))

    night.world.faults.add(path=_LIST[S], query=_NOT_COUNT, action=_edited(change), times=None)
    result = night.read(S, "Lead")
    assert result.new + result.quarantined == result.there


def test_ids_of_fifteen_characters_are_the_records_of_eighteen(night: Night) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["Id"] = row["Id"][:15]

    night.world.faults.add(path=_LIST[S], query=_NOT_COUNT, action=_edited(change), times=None)
    night.read(S, "Lead")
    assert night.differences(S, "Lead") == []
    assert all(salesforce_ids.canonical(i) == i for (i,) in night.rows("select record_id from raw.salesforce_lead"))


@pytest.mark.parametrize("record_id", ["abc", "-7", "１２", "9" * 40, "\x00"])
def test_a_hubspot_id_that_is_no_number_neither_ends_nor_confuses_the_read(night: Night, record_id: str) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["id"] = record_id

    night.world.faults.add(path=_LIST[H], query=_NOT_COUNT, action=_edited(change), times=None)
    try:
        night.read(H, "contacts")
    except CrmPipelineError as error:
        told = str(error)
    else:
        told = ""
    assert SECRET not in told
    rest = set(night.world.truth(H, "contacts"))
    assert {i for (i,) in night.rows("select record_id from raw.hubspot_contacts")} - {record_id} <= rest
    night.world.calm()
    night.new_clients()
    night.read(H, "contacts", full=True)
    live = {i for (i,) in night.rows("select record_id from raw.hubspot_contacts where retired is null")}
    assert rest <= live


@pytest.mark.parametrize("system", System)
def test_a_field_that_appears_between_two_pages_changes_nothing(night: Night, system: System) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            (row["properties"] if system is H else row)["brand_new"] = "x"

    night.world.faults.add(path=_LIST[system], query=_NOT_COUNT, action=_edited(change), times=None)
    night.read(system, _OBJECT[system])
    assert night.differences(system, _OBJECT[system]) == []
    assert not any("brand_new" in fields for (fields,) in night.rows("select fields from raw.record"))


def test_a_property_that_vanishes_between_two_pages_is_unknown_and_not_blank(tmp_path: Path) -> None:
    world = World(contacts=120)
    with world.served():
        night = Night(world, tmp_path)
        night.begin()
        night.read(H, "contacts")
        definition = world.hubspot.definitions["contacts"]["lastname"]
        take = Call(lambda: world.hubspot.definitions["contacts"].pop("lastname", None))
        world.faults.add(path=_LIST[H], action=take, after=1)
        try:
            night.read(H, "contacts", full=True)
        except CrmError as error:
            assert len(str(error).split()) > 6  # noqa: PT017
        assert night.blanked(H, "contacts") == []
        world.hubspot.definitions["contacts"]["lastname"] = definition
        world.calm()
        night.new_clients()
        night.read(H, "contacts", full=True)
        assert night.differences(H, "contacts") == []


@pytest.mark.parametrize("system", System)
def test_the_same_rows_twice_are_one_record_each(night: Night, system: System) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows += [dict(row) for row in rows]

    night.world.faults.add(path=_LIST[system], query=_NOT_COUNT, action=_edited(change), times=None)
    night.read(system, _OBJECT[system])
    assert night.differences(system, _OBJECT[system]) == []


def test_an_organisation_without_anything_is_read_again_and_again(tmp_path: Path) -> None:
    world = World()
    for store, object_ in ((world.hubspot, "contacts"), (world.salesforce, "Lead")):
        assert isinstance(store, HubSpotStore | SalesforceStore)
        assert store.ids(object_) == []
    with world.served():
        night = Night(world, tmp_path)
        night.begin()
        for full in (False, False, True):
            for system, object_ in _OBJECT.items():
                result = night.read(system, object_, full=full)
                assert (result.read, result.here, result.there, result.explained) == (0, 0, 0, "")
        assert night.rows("from raw.record") == []
        contact, lead = world.contact(1), world.lead(1)
        for system, object_ in _OBJECT.items():
            assert night.read(system, object_).new == 1
        world.hubspot.archive("contacts", contact)
        world.salesforce.delete("Lead", lead)
        for system, object_ in _OBJECT.items():
            assert night.read(system, object_).retired == 1
            assert night.differences(system, object_) == []
