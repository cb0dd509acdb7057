"""Properties, owners and associations through HubSpot's own client over HTTP."""

from __future__ import annotations

from hubspot import HubSpot
from hubspot.crm.associations.v4 import models as links
from hubspot.crm.properties import models as property_models

from crm_pipeline.emulator.hubspot import HubSpotStore


def test_properties_are_listed_read_and_created(client: HubSpot) -> None:
    api = client.crm.properties.core_api
    by_name = {one.name: one for one in api.get_all("contacts").results}
    owner = by_name["hubspot_owner_id"]
    assert (owner.type, owner.options, owner.referenced_object_type) == ("enumeration", [], "OWNER")
    assert by_name["hs_analytics_source"].modification_metadata.read_only_value
    assert not by_name["phone"].modification_metadata.read_only_value
    assert (by_name["industry"].type, api.get_by_name("companies", "industry").type) == ("string", "enumeration")

    created = api.create(
        "contacts",
        property_models.PropertyCreate(
            name="salesforce_id",
            label="Salesforce ID",
            type="string",
            field_type="text",
            group_name="contactinformation",
            has_unique_value=True,
        ),
    )

    assert created.has_unique_value
    assert api.get_by_name("contacts", "salesforce_id").label == "Salesforce ID"


def test_owners_are_listed_with_active_and_archived_apart(client: HubSpot, store: HubSpotStore) -> None:
    active = store.add_owner("sato@example.co.jp", "花子", "佐藤")
    gone = store.add_owner("ito@example.co.jp", "健", "伊藤")
    store.archive_owner(gone)
    api = client.crm.owners.owners_api

    (listed,) = api.get_page(limit=500).results
    assert (listed.id, listed.email, listed.last_name) == (active, "sato@example.co.jp", "佐藤")
    assert [owner.id for owner in api.get_page(archived=True).results] == [gone]
    assert api.get_by_id(listed.user_id, id_property="userId").id == active


def pair(from_id: str, to_id: str) -> dict[str, links.PublicObjectId]:
    return {"_from": links.PublicObjectId(id=from_id), "to": links.PublicObjectId(id=to_id)}


def test_associations_are_created_read_and_archived(client: HubSpot, store: HubSpotStore) -> None:
    person, loner = (store.create("contacts", {"lastname": name}) for name in ("山田", "孤独"))
    first, second = (store.create("companies", {"name": name}) for name in ("一社", "二社"))
    api = client.crm.associations.v4.batch_api

    api.create_default(
        "contacts",
        "companies",
        links.BatchInputPublicDefaultAssociationMultiPost(
            inputs=[links.PublicDefaultAssociationMultiPost(**pair(person, first))]
        ),
    )
    primary = links.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)
    created = api.create(
        "contacts",
        "companies",
        links.BatchInputPublicAssociationMultiPost(
            inputs=[links.PublicAssociationMultiPost(**pair(person, second), types=[primary])]
        ),
    )
    assert created.results[0].labels == ["Primary"]

    asked = [links.PublicFetchAssociationsBatchRequest(id=one) for one in (person, loner)]
    read = api.get_page("contacts", "companies", links.BatchInputPublicFetchAssociationsBatchRequest(inputs=asked))
    (found,) = read.results
    assert {(to.to_object_id, tuple(one.type_id for one in to.association_types)) for to in found.to} == {
        (first, (279,)),
        (second, (1, 279)),
    }
    (error,) = read.errors
    assert error.sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error.context["fromObjectId"] == [loner]

    api.archive(
        "contacts",
        "companies",
        links.BatchInputPublicAssociationMultiArchive(
            inputs=[
                links.PublicAssociationMultiArchive(
                    _from=links.PublicObjectId(id=person), to=[links.PublicObjectId(id=second)]
                )
            ]
        ),
    )
    left = client.crm.associations.v4.basic_api.get_page("companies", second, "contacts").results
    assert left == []


def test_association_labels(client: HubSpot) -> None:
    answer = client.crm.associations.v4.schema.definitions_api.get_all("companies", "contacts")

    assert [(one.type_id, one.label) for one in answer.results] == [(2, "Contact with Primary Company"), (280, None)]
