"""Law 44: an erased person is in no table, block or file here, comes back with no read, and nobody else is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline.cli import commands
from crm_pipeline.model import System
from crm_pipeline.privacy import files, proof
from crm_pipeline.publish import stage as publish
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE

#: A text of its own in every field of the person that may hold one; no other record has any of them.
CONTACT = {
    "lastname": "ZQFAMILYQZ",
    "firstname": "ZQGIVENQZ",
    "email": "zqmailqz@zqhostqz.example",
    "phone": "+81 26-999-1234",
    "mobilephone": "090-9999-4321",
    "zip": "999-4321",
    "state": "ZQSTATEQZ",
    "city": "ZQCITYQZ",
    "address": "ZQSTREETQZ 9-9-9",
    "country": "ZQCOUNTRYQZ",
    "birth_date": "1931-12-29",
    "jobtitle": "ZQTITLEQZ",
    "company": "ZQFIRMQZ",
}
LEAD = {
    "LastName": "ZQFAMILYQZ",
    "FirstName": "ZQGIVENQZ",
    "Email": "zqmailqz@zqhostqz.example",
    "MobilePhone": "09099994321",
    "City": "ZQTOWNQZ",
    "Title": "ZQBOSSQZ",
    "Company": "ZQWORKQZ",
}
SENTINELS = sorted(
    {*CONTACT.values(), *LEAD.values()}
    | {"+81269991234", "+819099994321", "ZQNEWTITLEQZ", "ZQTYPEDQZ", "ZQAGAINQZ", "zqhostqz"}
)


@pytest.fixture(scope="module")
def crms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud(tmp_path_factory.mktemp("erased")) as here:
        yield here


def settings_file(crms: Cloud) -> Path:
    path = crms.settings.warehouse.with_name("settings.yaml")
    paths = {"warehouse": str(crms.settings.warehouse), "published": str(crms.settings.published)}
    path.write_text(json.dumps(paths), encoding="utf-8")
    return path


def erase(crms: Cloud, *words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_PIPELINE_SETTINGS", str(settings_file(crms)))
        commands.main(["erase", *words], prog_name="crm-pipeline", standalone_mode=False)


def found(crms: Cloud) -> list[str]:
    """Where one of the sentinels stands: tables and bytes."""
    known = files.known(crms.settings)
    return [hit.place for hit in proof.everywhere(known.databases, known.every, SENTINELS).hits]


def others(crms: Cloud) -> list[tuple[object, ...]]:
    """Golden ids, links and values of everybody whom the test does not erase."""
    return crms.execute(
        "select l.golden_id, l.record_key, p.field, p.part, p.value from golden.link l "
        "left join golden.provenance p using (golden_id) where golden_id in "
        "(select golden_id from golden.link where record_key in (select unnest(?::varchar[]))) order by all",
        [OTHERS],
    )


OTHERS: list[str] = []


def fill(crms: Cloud) -> tuple[str, str]:
    """Two nights with the person, a neighbour and a deleted namesake: writes, history, a conflict, a quarantine, a
    hold; the second plan waits."""
    contact, lead = crms.pair(CONTACT, LEAD)
    neighbour = {"lastname": "佐藤", "firstname": "花子", "email": "sato@neighbour.example", "city": "長野市"}
    sato = crms.pair(neighbour, {"LastName": "佐藤", "Email": "sato@neighbour.example", "Title": "課長"})
    twin = crms.hubspot.create("contacts", {"lastname": "ZQFAMILYQZ", "firstname": "Other", "city": "ZQTOWNQZ"})
    OTHERS[:] = [f"hubspot/contacts/{sato[0]}", f"salesforce/Lead/{sato[1]}"]
    company = crms.hubspot.create("companies", {"name": "長野製作所"})
    crms.hubspot.associate("contacts", contact, "companies", company, 1)
    crms.hubspot.archive("contacts", twin)
    crms.run()
    crms.hubspot.update("contacts", contact, {"jobtitle": "ZQNEWTITLEQZ"})
    crms.salesforce.update("Lead", lead, {"Title": "ZQAGAINQZ", "City": "ZQTOWNQZ"})
    crms.execute("insert into raw.quarantine values (1, 'salesforce', 'Lead', ?, 'not text', null)", [lead])
    crms.execute(
        "insert into state.hold select 1, golden_id, null, null, 'pinned', 'x', now(), '', null, null, null, null "
        "from golden.link where record_key = ?",
        [f"hubspot/contacts/{contact}"],
    )
    crms.preview()
    publish.run(crms.warehouse, crms.settings, crms.step.run_id)
    return contact, lead


def test_law_44_an_erased_person_is_nowhere_and_does_not_come_back(
    crms: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    contact, lead = fill(crms)
    with crms.warehouse.read() as connection:
        assert len(proof.in_database(connection, SENTINELS, "").hits) > 50
    before, counter = others(crms), last_ids(crms)
    erase(crms, "ZQMailQZ@zqhostqz.example", "--yes", "--by", "監査")
    said = "".join(capsys.readouterr())
    assert not [one for one in SENTINELS if one in said and one != "zqmailqz@zqhostqz.example"]
    assert found(crms) == []
    assert others(crms) == before
    assert crms.execute("select plan_id from push.accounting where plan_state <> 'superseded' and missing > 0") == []

    # HubSpot forgets the person, Salesforce does not: somebody edits the lead. New records of theirs come up in both,
    # and of somebody else. Contacts are read anew, of leads what changed.
    crms.hubspot.purge("contacts", contact)
    crms.salesforce.update("Lead", lead, {"Title": "ZQNEWTITLEQZ"})
    crms.hubspot.create("contacts", {**CONTACT, "email": "", "phone": "０２６-999-1234"})
    crms.salesforce.create("Lead", {**LEAD, "MobilePhone": None, "Email": "ZQMailQZ@ZQHOSTQZ.example"})
    crms.hubspot.create("contacts", {"lastname": "高橋", "email": "takahashi@neighbour.example"})
    crms.execute("delete from raw.watermark where object = 'contacts'")
    crms.clear_logs()
    crms.run()
    check(crms, before)
    assert not [r for r in crms.writes() if contact in str(r) or lead in str(r)], "nothing is written to them"
    minted = crms.execute("select golden_id from golden.entity where kind = 'person'")
    assert max(int(str(g).rpartition("-")[2]) for (g,) in minted) > counter["person"], "an id is never used again"


def check(crms: Cloud, before: list[tuple[object, ...]]) -> None:
    """Nothing came back, nobody else changed, and the counts of both CRMs are explained."""
    publish.run(crms.warehouse, crms.settings, crms.step.run_id)
    assert found(crms) == []
    assert others(crms) == before
    assert crms.execute("select count(*) from state.suppressed where live") == [(3,)]
    rows = crms.execute(
        "select object, here, there, missing, surplus, explained from raw.reconciliation where run_id > 2 "
        "and object in ('contacts', 'Lead')"
    )
    assert len(rows) == 2
    for object_, here, there, missing, surplus, explained in rows:
        assert (missing, surplus) == (0, 0), object_
        assert here == there or "the person was erased" in str(explained), object_


def last_ids(crms: Cloud) -> dict[str, int]:
    return {str(kind): int(str(last)) for kind, last in crms.execute("select kind, last from state.counter")}
