"""The whole stage against both CRMs: what is read, and what is refused."""

import json
from pathlib import Path

import pytest

from crm_pipeline.config import load_mapping, load_settings
from crm_pipeline.emulator.faults import Call, Status
from crm_pipeline.errors import ConfigError, PermanentError, SafetyError, WarehouseError
from crm_pipeline.extract import stage
from crm_pipeline.model import System
from crm_pipeline_tests.narrow import people_and_companies


def test_a_first_run_reads_everything(world):
    account = world.salesforce.create("Account", {"Name": "山田製作所", "Industry": "製造業"})
    person = world.salesforce.create("Contact", {"LastName": "山田", "AccountId": account})
    world.salesforce.create("Lead", {"LastName": "松本", "Company": "松本工務店"})
    company = world.hubspot.create("companies", {"name": "山田製作所"})
    contact = world.hubspot.create("contacts", {"lastname": "山田", "email": "y@a.jp"})
    world.hubspot.associate("contacts", contact, "companies", company, 1)
    world.hubspot.add_owner("owner@example.jp", "花子", "長谷川")
    result = world.run()
    assert {(o.object, o.full, o.read, o.new) for o in result.objects} == {
        ("companies", True, 1, 1),
        ("contacts", True, 1, 1),
        ("Account", True, 1, 1),
        ("Contact", True, 1, 1),
        ("Lead", True, 1, 1),
    }
    assert all(o.here == o.there and not o.explained for o in result.objects)
    assert world.rows("select count(*), count(distinct record_key) from raw.record") == [(5, 5)]
    assert set(world.rows("select from_object, from_id, to_object, to_id, is_primary from raw.association")) == {
        ("contacts", contact, "companies", company, True),
        ("Contact", person, "Account", account, True),
    }
    assert ("hubspot", "owner@example.jp", "salesforce", "admin@example.com") in world.rows(
        "select h.system, h.e_mail, s.system, s.e_mail from raw.user h, raw.user s"
    )
    assert dict(world.rows("select system, account_id from raw.account")) == {
        "hubspot": str(world.hubspot.portal_id),
        "salesforce": world.salesforce.organisation_id,
    }
    ((fields,),) = world.rows("select fields from raw.salesforce_contact")
    assert json.loads(fields)["Account.Industry"] == "製造業"


def test_an_hour_without_edits_reads_nothing_new(world):
    world.contacts(3)
    world.salesforce.create("Lead", {"LastName": "松本", "Company": "-"})
    world.run()
    before = world.rows("from raw.record order by 1")
    result = world.run()
    assert all((o.full, o.read, o.new, o.changed, o.retired) == (False, 0, 0, 0, 0) for o in result.objects)
    assert world.rows("from raw.record order by 1") == before
    assert not world.log.writing()


def test_only_changed_records_are_read_again(world):
    ids = world.contacts(5)
    world.run()
    world.clock.advance(60)
    world.hubspot.update("contacts", ids[2], {"jobtitle": "部長"})
    contacts = next(o for o in world.run().objects if o.object == "contacts")
    assert (contacts.read, contacts.changed) == (1, 1)
    assert world.rows("select record_id, first_run, last_run from raw.history") == [(ids[2], 1, 2)]


def test_an_edit_in_the_second_of_the_run_is_read(world):
    (record_id,) = world.contacts(1)
    world.read(System.HUBSPOT, "contacts")
    world.hubspot.update("contacts", record_id, {"jobtitle": "部長"})
    assert world.read(System.HUBSPOT, "contacts", later=0).changed == 1


def test_text_arrives_byte_for_byte(world):
    texts = [
        "NA",
        "null",
        "x\x00y",
        "一\u2028二",
        "長" * 32_000,
        "髙﨑𠮷",
        "ｶﾅ",
        "e\u0301",
        "a\r\nb",
        " x ",
        "=1+1",
        '"\\',
    ]
    ids = [world.hubspot.create("contacts", {"lastname": text}) for text in texts]
    world.read(System.HUBSPOT, "contacts")
    fields = dict(world.rows("select record_id, fields from raw.hubspot_contacts"))
    assert [json.loads(fields[record_id])["lastname"] for record_id in ids] == texts


def test_a_record_that_is_not_text_is_quarantined_and_counted(world):
    ids = world.contacts(3)
    times = {"createdAt": "2026-11-20T09:00:00Z", "updatedAt": "2026-11-20T09:00:00Z", "archived": False}
    records = [{"id": i, **times, "properties": {"lastname": "\ud83d" if i == ids[0] else "n"}} for i in ids]
    page = {"results": records}
    world.faults.add(method="GET", path=r"/objects/.*contacts$", action=Status(200, page))
    result = world.read(System.HUBSPOT, "contacts")
    assert (result.read, result.new, result.quarantined) == (3, 2, 1)
    assert result.explained == "1 is in quarantine"
    assert world.live() == set(ids[1:])
    ((reason,),) = world.rows("select reason from raw.quarantine")
    assert "lastname" in reason


def test_a_change_time_comes_from_hubspot_where_its_rule_needs_it(world):
    (record_id,) = world.contacts(1, jobtitle="課長")
    world.clock.advance(60)
    world.hubspot.update("contacts", record_id, {"jobtitle": "部長"})
    changed = world.clock.now()
    world.clock.advance(60)
    world.hubspot.update("contacts", record_id, {"phone": "03-1234-5678"})
    world.read(System.HUBSPOT, "contacts")
    ((text,),) = world.rows("select changed from raw.hubspot_contacts")
    entries = json.loads(text)
    assert entries["jobtitle"]["certain"] is True
    assert entries["jobtitle"]["at"] == changed.isoformat(timespec="microseconds")
    assert entries["phone"]["certain"] is False
    assert entries["phone"]["after"] is None


def test_a_change_time_without_history_lies_between_two_reads(world):
    lead = world.salesforce.create("Lead", {"LastName": "松本", "Company": "-"})
    world.read(System.SALESFORCE, "Lead")
    first = world.clock.now()
    world.clock.advance(600)
    world.salesforce.update("Lead", lead, {"Title": "部長"})
    changed = world.clock.now()
    world.read(System.SALESFORCE, "Lead")
    ((text,),) = world.rows("select changed from raw.salesforce_lead")
    expected = {"at": changed.isoformat(timespec="microseconds"), "after": first.isoformat(timespec="microseconds")}
    assert json.loads(text)["Title"] == {**expected, "certain": False}


def test_another_account_than_the_configured_one_is_refused(world):
    hubspot = world.settings.hubspot.model_copy(update={"portal_id": 1})
    settings = world.settings.model_copy(update={"hubspot": hubspot})
    with pytest.raises(SafetyError, match=r"hubspot\.portal_id: 1"):
        world.run(settings)
    assert world.rows("from raw.account") == []


def test_another_account_than_the_warehouse_was_filled_from_is_refused(world):
    with world.warehouse.connect() as connection:
        connection.execute("insert into raw.account values ('salesforce', '00D000000000001', '', '', true, '', '')")
    with pytest.raises(SafetyError, match="was filled from Salesforce account 00D000000000001"):
        world.run()


def test_a_mapped_field_that_never_existed_stops_the_run_with_its_line(world, tmp_path):
    path = tmp_path / "mapping.yaml"
    text = Path(world.settings.mapping.source).read_text(encoding="utf-8")
    path.write_text(text.replace("hubspot: jobtitle", "hubspot: job_titel"), encoding="utf-8")
    settings = world.settings.model_copy(update={"mapping": load_mapping(path)})
    line = next(n for n, row in enumerate(path.read_text().splitlines(), 1) if "job_titel" in row)
    with pytest.raises(ConfigError, match=f"line {line}: HubSpot contacts has no field 'job_titel'"):
        world.run(settings)


def test_a_field_that_vanishes_is_unknown_and_reported(world):
    (record_id,) = world.contacts(1, birth_date="1988-04-09")
    world.run()
    definition = world.hubspot.definitions["contacts"].pop("birth_date")
    world.reconnect()
    result = world.run()
    assert result.vanished == ("hubspot contacts.birth_date",)
    ((fields,),) = world.rows("select fields from raw.hubspot_contacts")
    assert "birth_date" not in json.loads(fields)
    assert world.run().vanished == ("hubspot contacts.birth_date",)
    world.hubspot.definitions["contacts"]["birth_date"] = definition
    world.reconnect()
    assert world.run().vanished == ()
    ((fields,),) = world.rows("select fields from raw.hubspot_contacts where record_id = ?", record_id)
    assert json.loads(fields)["birth_date"] == "1988-04-09"


def test_other_mapped_fields_mean_a_full_read(world, tmp_path):
    world.contacts(2)
    world.run()
    path = tmp_path / "mapping.yaml"
    text = Path(world.settings.mapping.source).read_text(encoding="utf-8")
    path.write_text(text.replace("hs_additional_emails", "salutation"), encoding="utf-8")
    settings = people_and_companies(world.settings.model_copy(update={"mapping": load_mapping(path)}))
    objects = {o.object: o.full for o in world.run(settings).objects}
    assert objects == {"companies": False, "Account": False, "contacts": True, "Lead": False, "Contact": False}


def test_a_company_that_a_person_leaves_is_forgotten(world):
    company = world.hubspot.create("companies", {"name": "A"})
    contact, other = world.contacts(2)
    world.hubspot.associate("contacts", contact, "companies", company, 1)
    world.hubspot.associate("contacts", other, "companies", company, 1)
    world.run()
    world.hubspot.associations.remove("contacts", contact, "companies", company)
    world.hubspot.update("contacts", contact, {"jobtitle": "部長"})
    world.run()
    assert world.rows("select from_id from raw.association") == [(other,)]


def test_an_object_is_not_read_before_its_fields(world):
    crm = world.crms[System.HUBSPOT]
    with pytest.raises(WarehouseError, match="read the schema first"):
        stage.extract_object(world.warehouse, crm, world.settings, 1, "contacts")


def test_companies_of_people_are_not_read_before_the_people(world):
    with pytest.raises(WarehouseError, match="contacts have not been read yet"):
        stage.extract_associations(world.warehouse, world.crms, world.settings, 1)


def test_a_record_that_we_wrote_is_read_by_id(world):
    ids = world.contacts(3)
    world.read(System.HUBSPOT, "contacts")
    with world.warehouse.connect() as connection:
        connection.execute(
            "insert into push.outbox (op_id, plan_id, run_id, request_id, state, system, object, record_id, golden_id, "
            "field, operation, old, new, sent_at) values ('o', 1, 1, 'r', 'landed', 'hubspot', 'contacts', ?, "
            "'person-1', 'job_title', 'update', '{}', '{}', now())",
            [ids[1]],
        )
    result = world.read(System.HUBSPOT, "contacts")
    assert (result.read, result.changed) == (1, 0)
    assert world.read(System.HUBSPOT, "contacts").read == 0


def test_no_value_of_a_record_reaches_an_error(world):
    sentinel = "SENTINEL-VALUE"
    ids = world.contacts(4, lastname=sentinel)
    world.read(System.HUBSPOT, "contacts")
    for record_id in ids[:2]:
        world.hubspot.purge("contacts", record_id)
    with pytest.raises(SafetyError) as error:
        world.read(System.HUBSPOT, "contacts")
    assert sentinel not in str(error.value)


def test_a_value_by_a_path_follows_the_related_record(world):
    account = world.salesforce.create("Account", {"Name": "A", "Industry": "製造業"})
    contact = world.salesforce.create("Contact", {"LastName": "山田", "AccountId": account})
    world.salesforce.create("Contact", {"LastName": "松本"})
    world.run()
    world.salesforce.update("Account", account, {"Industry": "建設業"})
    result = next(o for o in world.run().objects if o.object == "Contact")
    assert (result.read, result.changed) == (1, 1)
    rows = world.rows(
        "select fields->>'$.\"Account.Industry\"' from raw.salesforce_contact where record_id = ?", contact
    )
    assert rows == [("建設業",)]
    assert next(o for o in world.run().objects if o.object == "Contact").read == 0


def test_objects_that_are_read_only_come_along(world):
    settings = world.settings.model_copy(update={"mapping": load_settings().mapping})
    deal = world.hubspot.create("deals", {"dealname": "更新", "amount": "1000"})
    task = world.salesforce.create("Task", {"Subject": "電話"})
    read = {(o.system, o.object): (o.new, o.explained) for o in world.run(settings).objects}
    assert set(read) == set(settings.mapping.read_objects)
    assert {object_: new for (_, object_), (new, _) in read.items() if new} == {"deals": 1, "Task": 1}
    rows = world.rows("select kind, record_id, coalesce(fields->>'dealname', fields->>'Subject') from raw.record")
    assert sorted(rows) == [("deal", deal, "更新"), ("task", task, "電話")]


@pytest.mark.parametrize("mapped", [False, True])
def test_an_object_that_may_not_be_seen_is_reported_unless_it_is_mapped(world, mapped):
    object_ = "contacts" if mapped else "tickets"
    settings = world.settings.model_copy(update={"mapping": load_settings().mapping})
    crm = world.crms[System.HUBSPOT]
    stage.extract_schema(world.warehouse, crm, settings, world.next_run())
    body = {"status": "error", "category": "MISSING_SCOPES", "message": "no scope"}
    world.faults.add(path=rf"/objects/.*/{object_}", action=Status(403, body), times=10)
    if mapped:
        with pytest.raises(PermanentError):
            stage.extract_object(world.warehouse, crm, settings, 1, object_)
    else:
        result = stage.extract_object(world.warehouse, crm, settings, 1, object_)
        assert (result.read, result.here, bool(result.explained)) == (0, 0, True)
        assert world.rows("select object, method from raw.reconciliation") == [("tickets", "unread")]
        assert world.rows("from raw.watermark") == []


def test_a_long_read_ends_with_what_changed_meanwhile(world):
    ids = world.contacts(250)

    def edit():
        world.clock.advance(40)
        world.hubspot.update("contacts", ids[0], {"jobtitle": "課長"})
        world.hubspot.archive("contacts", ids[1])

    world.faults.add(method="GET", path=r"/objects/.*/contacts$", action=Call(edit), after=2)
    result = world.read(System.HUBSPOT, "contacts")
    assert (result.new, result.here, result.there) == (250, 249, 249)
    assert world.rows("select fields->>'jobtitle' from raw.hubspot_contacts where record_id = ?", ids[0]) == [("課長",)]
    assert world.live() == set(ids) - {ids[1]}
    ((until,),) = world.rows("select read_until from raw.watermark where object = 'contacts'")
    assert until == world.clock.now()
