"""Every kind of call about records that the product makes, made with HubSpot's own client over HTTP."""

from __future__ import annotations

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import PublicGdprDeleteInput, PublicMergeInput
from hubspot.crm.objects import ApiException, models

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import NOON


def batch(**more: object) -> models.BatchReadInputSimplePublicObjectId:
    arguments = {"properties": ["email"], "properties_with_history": [], **more}
    return models.BatchReadInputSimplePublicObjectId(**arguments)


def test_list_pages_through_all_records(client: HubSpot, store: HubSpotStore) -> None:
    ids = [store.create("contacts", {"lastname": f"山田{n}"}) for n in range(25)]

    api, seen, after = client.crm.objects.basic_api, [], None
    while True:
        page = api.get_page("contacts", limit=10, after=after, properties=["lastname", "phone"])
        seen += page.results
        if page.paging is None:
            break
        after = page.paging.next.after

    assert [record.id for record in seen] == ids
    assert seen[0].properties == {
        "lastname": "山田0",
        "phone": None,
        "createdate": "2026-11-24T12:00:00.000Z",
        "hs_object_id": ids[0],
        "lastmodifieddate": "2026-11-24T12:00:00.000Z",
    }
    assert seen[0].created_at == seen[0].updated_at == NOON


def test_history_is_newest_first_and_names_the_writer(client: HubSpot, store: HubSpotStore, clock: Clock) -> None:
    record_id = store.create("contacts", {"phone": "03-1111-1111"}, user_id=77)
    clock.advance(60)
    client.crm.objects.basic_api.update(
        "contacts", record_id, models.SimplePublicObjectInput(properties={"phone": "03-2222-2222"})
    )
    clock.advance(60)
    store.update("contacts", record_id, {"phone": ""}, user_id=88)

    (record,) = client.crm.objects.basic_api.get_page("contacts", properties_with_history=["phone"]).results

    versions = record.properties_with_history["phone"]
    assert [(v.value, v.source_type, v.source_id, v.updated_by_user_id) for v in versions] == [
        ("", "CRM_UI", "userId:88", 88),
        ("03-2222-2222", "INTEGRATION", "7654321", None),
        ("03-1111-1111", "CRM_UI", "userId:77", 77),
    ]
    assert [(v.timestamp - NOON).total_seconds() for v in versions] == [120, 60, 0]


def test_a_record_is_read_by_id_and_by_email(client: HubSpot, store: HubSpotStore) -> None:
    record_id = store.create("contacts", {"email": " Yamada@Example.CO.JP "})
    api = client.crm.objects.basic_api

    assert api.get_by_id("contacts", record_id).properties["email"] == "yamada@example.co.jp"
    assert api.get_by_id("contacts", "yamada@example.co.jp", id_property="email").id == record_id


def test_create_update_and_archive(client: HubSpot, store: HubSpotStore, clock: Clock) -> None:
    api = client.crm.objects.basic_api
    created = api.create(
        "contacts", models.SimplePublicObjectInputForCreate(properties={"lastname": "鈴木", "city": "渋谷区"})
    )
    assert created.properties["lastname"] == "鈴木"

    clock.advance(5)
    updated = api.update("contacts", created.id, models.SimplePublicObjectInput(properties={"city": ""}))
    assert updated.properties["city"] is None
    assert (updated.updated_at - updated.created_at).total_seconds() == 5

    api.archive("contacts", created.id)
    assert store.ids("contacts") == []
    (gone,) = api.get_page("contacts", archived=True).results
    assert (gone.id, gone.archived, gone.archived_at) == (created.id, True, clock.now())
    with pytest.raises(ApiException) as refused:
        api.get_by_id("contacts", created.id)
    assert refused.value.status == 404
    assert api.get_by_id("contacts", created.id, archived=True).id == created.id


def test_create_with_a_company(client: HubSpot, store: HubSpotStore) -> None:
    company = store.create("companies", {"name": "青空商事"})
    to = models.PublicAssociationsForObject(
        to=models.PublicObjectId(id=company),
        types=[models.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)],
    )

    created = client.crm.objects.basic_api.create(
        "contacts", models.SimplePublicObjectInputForCreate(properties={"lastname": "林"}, associations=[to])
    )

    read = client.crm.objects.basic_api.get_by_id("contacts", created.id, associations=["companies"])
    assert {(link.id, link.type) for link in read.associations["companies"].results} == {
        (company, "contact_to_company"),
        (company, "contact_to_company_unlabeled"),
    }


def test_batch_read_answers_found_and_missing(client: HubSpot, store: HubSpotStore) -> None:
    record_id = store.create("contacts", {"email": "a@example.jp"})
    ids = [models.SimplePublicObjectId(id=one) for one in (record_id, "999999")]

    answer = client.crm.objects.batch_api.read("contacts", batch(inputs=ids, properties_with_history=["email"]))

    assert [record.id for record in answer.results] == [record_id]
    assert [version.value for version in answer.results[0].properties_with_history["email"]] == ["a@example.jp"]
    assert answer.num_errors == 1
    assert (answer.errors[0].category, answer.errors[0].context) == ("OBJECT_NOT_FOUND", {"ids": ["999999"]})


def test_batch_read_finds_secondary_addresses(client: HubSpot, store: HubSpotStore) -> None:
    record_id = store.create("contacts", {"email": "a@example.jp", "hs_additional_emails": "b@example.jp;c@example.jp"})
    ids = [models.SimplePublicObjectId(id=one) for one in ("C@example.jp", "a@example.jp")]

    answer = client.crm.objects.batch_api.read("contacts", batch(inputs=ids, id_property="email"))

    assert [record.id for record in answer.results] == [record_id]


def test_batch_update_reports_missing_records_and_changes_the_others(client: HubSpot, store: HubSpotStore) -> None:
    record_id = store.create("companies", {"name": "旧社名"})
    inputs = [
        models.SimplePublicObjectBatchInput(id=one, properties={"name": "新社名", "industry": "MACHINERY"})
        for one in (record_id, "999999")
    ]

    answer = client.crm.objects.batch_api.update(
        "companies", models.BatchInputSimplePublicObjectBatchInput(inputs=inputs)
    )

    assert isinstance(answer, models.BatchResponseSimplePublicObjectWithErrors)
    assert [record.properties["name"] for record in answer.results] == ["新社名"]
    assert answer.errors[0].context == {"ids": ["999999"]}
    assert store.read("companies", record_id)["industry"] == "MACHINERY"


def test_batch_create_with_trace_ids_answers_one_by_one(client: HubSpot, store: HubSpotStore) -> None:
    existing = store.create("contacts", {"email": "a@example.jp"})
    inputs = [
        models.SimplePublicObjectBatchInputForCreate(
            properties={"email": email}, object_write_trace_id=trace, associations=[]
        )
        for trace, email in (("t1", "a@example.jp"), ("t2", "b@example.jp"))
    ]

    answer = client.crm.objects.batch_api.create(
        "contacts", models.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
    )

    assert [(r.object_write_trace_id, r.properties["email"]) for r in answer.results] == [("t2", "b@example.jp")]
    (error,) = answer.errors
    assert error.context == {"objectWriteTraceId": ["t1"]}
    assert error.message == f"Contact already exists. Existing ID: {existing}"


def test_batch_upsert_tells_new_from_known(client: HubSpot, store: HubSpotStore) -> None:
    known = store.create("contacts", {"email": "a@example.jp", "hs_additional_emails": "old@example.jp"})
    inputs = [
        models.SimplePublicObjectBatchInputUpsert(id=email, id_property="email", properties={"lastname": "佐藤"})
        for email in ("old@example.jp", "new@example.jp")
    ]

    answer = client.crm.objects.batch_api.upsert(
        "contacts", models.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs)
    )

    assert [(result.new, result.properties["email"]) for result in answer.results] == [
        (False, "a@example.jp"),
        (True, "new@example.jp"),
    ]
    assert answer.results[0].id == known


def test_batch_archive(client: HubSpot, store: HubSpotStore) -> None:
    ids = [store.create("contacts", {"lastname": name}) for name in ("一", "二", "三")]
    inputs = [models.SimplePublicObjectId(id=one) for one in ids[:2]]

    client.crm.objects.batch_api.archive("contacts", models.BatchInputSimplePublicObjectId(inputs=inputs))

    assert store.ids("contacts") == ids[2:]
    assert store.ids("contacts", archived=True) == ids[:2]


def test_search_pages_by_object_id(client: HubSpot, store: HubSpotStore) -> None:
    ids = [store.create("contacts", {"lastname": f"{n}"}) for n in range(7)]
    request = models.PublicObjectSearchRequest(
        filter_groups=[
            models.FilterGroup(filters=[models.Filter(property_name="hs_object_id", operator="GT", value=ids[1])])
        ],
        sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
        properties=["lastname"],
        limit=2,
        after="2",
    )

    answer = client.crm.objects.search_api.do_search("contacts", public_object_search_request=request)

    assert answer.total == 5
    assert [record.id for record in answer.results] == [ids[4], ids[3]]
    assert answer.paging.next.after == "4"


def test_merge_makes_a_new_record_that_both_ids_lead_to(client: HubSpot, store: HubSpotStore, clock: Clock) -> None:
    first = store.create("contacts", {"email": "a@example.jp", "lastname": "山田", "phone": "03-1111-1111"})
    clock.advance(60)
    second = store.create("contacts", {"email": "b@example.jp", "lastname": "山田太郎", "city": "横浜市"})
    company = store.create("companies", {"name": "青空商事"})
    store.associate("contacts", second, "companies", company, 1)

    merged = client.crm.contacts.basic_api.merge(PublicMergeInput(primary_object_id=first, object_id_to_merge=second))

    assert merged.id not in (first, second)
    assert store.ids("contacts") == [merged.id]
    assert store.ids("contacts", archived=True) == []
    for old in (first, second):
        read = client.crm.objects.basic_api.get_by_id(
            "contacts", old, properties=["lastname", "phone", "city", "hs_additional_emails", "hs_merged_object_ids"]
        )
        assert read.id == merged.id
        assert read.created_at == NOON
        assert (read.properties["lastname"], read.properties["phone"]) == ("山田", "03-1111-1111")
        assert (read.properties["city"], read.properties["hs_additional_emails"]) == ("横浜市", "b@example.jp")
        assert read.properties["hs_merged_object_ids"] == f"{first};{second}"
    to = client.crm.associations.v4.basic_api.get_page("contacts", merged.id, "companies").results
    assert [(link.to_object_id, [one.type_id for one in link.association_types]) for link in to] == [
        (company, [1, 279])
    ]


def test_gdpr_delete_is_for_good_and_blocks_the_address(client: HubSpot, store: HubSpotStore) -> None:
    by_id = store.create("contacts", {"email": "a@example.jp"})
    archived = store.create("contacts", {"email": "b@example.jp"})
    store.create("contacts", {"email": "c@example.jp"})
    store.archive("contacts", archived)

    purge = client.crm.contacts.basic_api.purge
    purge(PublicGdprDeleteInput(object_id=by_id))
    purge(PublicGdprDeleteInput(object_id=archived))
    for email in ("c@example.jp", "unknown@example.jp"):
        purge(PublicGdprDeleteInput(object_id=email, id_property="email"))

    assert store.ids("contacts") == store.ids("contacts", archived=True) == []
    for email in ("a@example.jp", "b@example.jp", "c@example.jp", "unknown@example.jp"):
        with pytest.raises(ApiException) as refused:
            client.crm.objects.basic_api.create(
                "contacts", models.SimplePublicObjectInputForCreate(properties={"email": email})
            )
        assert refused.value.status == 400
