"""HubSpot's own client makes every call it has for the nine object types, and reads the answers without loss."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import models as links
from hubspot.crm.objects import models

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.contract.world import OBJECTS, World, enough

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NOT_IN_THE_MODELS = {"url", "dataSensitivity", "firstName", "lastName"}
NAMESPACES = {
    "contacts": "contacts",
    "companies": "companies",
    "deals": "deals",
    "tickets": "tickets",
    **{name: f"objects.{name}" for name in ("tasks", "notes", "meetings", "calls", "emails")},
}


@pytest.fixture
def world(store: HubSpotStore) -> World:
    return World(store)


def plain(value: Any) -> Any:
    """JSON without what the models cannot hold: nulls and unknown fields; times as times; the numbers of v4 as ids."""
    if isinstance(value, dict):
        kept = {name: plain(one) for name, one in value.items() if name not in _NOT_IN_THE_MODELS}
        ids = {name: str(one) for name, one in kept.items() if name == "toObjectId"}
        return {name: one for name, one in {**kept, **ids}.items() if one is not None}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return datetime.fromisoformat(value) if isinstance(value, str) and _TIME.match(value) else value


def read(method: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """The model that a reading method gives, which must hold all that the answer says."""
    answer = json.loads(method(*arguments, **more, _preload_content=False).data)
    model = method(*arguments, **more)
    held = plain(method.__self__.api_client.sanitize_for_serialization(model))
    for volatile in ("startedAt", "completedAt"):
        held.pop(volatile, None)
        answer.pop(volatile, None)
    assert held == plain(answer)
    return model


@pytest.mark.parametrize("object_", OBJECTS)
def test_reading_records(client: HubSpot, world: World, object_: str) -> None:
    ids = world.records[object_]
    basic, batch, search = client.crm.objects.basic_api, client.crm.objects.batch_api, client.crm.objects.search_api

    page = read(
        basic.get_page,
        object_,
        limit=1,
        properties=["hubspot_owner_id"],
        properties_with_history=["hs_object_id"],
        associations=["contacts", "companies"],
        archived=False,
    )
    after = read(basic.get_page, object_, after=page.paging.next.after).results
    assert len(page.results) == 1
    assert page.results[0].id not in [one.id for one in after]
    assert [one.id for one in read(basic.get_page, object_, archived=True).results] == [ids["archived"]]
    one = read(basic.get_by_id, object_, ids["record"], associations=["contacts", "companies"])
    assert set(one.associations) == {"contacts", "companies"}
    assert read(basic.get_by_id, object_, ids["archived"], archived=True).archived_at
    inputs = [{"id": ids["record"]}, {"id": "999"}]
    many = read(batch.read, object_, {"inputs": inputs, "properties": [], "propertiesWithHistory": []})
    assert ([one.id for one in many.results], many.num_errors) == ([ids["record"]], 1)
    query = models.PublicObjectSearchRequest(
        limit=1,
        sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        filter_groups=[{"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": "0"}]}],
    )
    found = read(search.do_search, object_, public_object_search_request=query)
    assert (found.total >= 2, len(found.results)) == (True, 1)


@pytest.mark.parametrize("object_", OBJECTS)
def test_writing_records(client: HubSpot, world: World, object_: str) -> None:
    owner, company = world.names["owner"], world.names["company"]
    basic, batch, store = client.crm.objects.basic_api, client.crm.objects.batch_api, world.store
    kind = store.associations.types.default(object_, "companies")
    to = {
        "to": {"id": company},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind.type_id}],
    }

    created = basic.create(object_, {"properties": enough(object_), "associations": [to]})
    assert store.associations.of(object_, created.id, "companies").keys() == {company}
    updated = basic.update(object_, created.id, {"properties": {"hubspot_owner_id": owner}})
    assert updated.properties["hubspot_owner_id"] == owner
    basic.update(object_, created.id, {"properties": {"hubspot_owner_id": ""}})
    assert "hubspot_owner_id" not in store.read(object_, created.id)
    basic.archive(object_, created.id)
    assert created.id in store.ids(object_, archived=True)

    rows = [{"properties": enough(object_), "objectWriteTraceId": trace} for trace in "ab"]
    made = batch.create(object_, {"inputs": rows})
    assert (made.status, len(made.results)) == ("COMPLETE", 2)
    inputs = [{"id": one.id, "properties": {"hubspot_owner_id": owner}} for one in made.results]
    changed = batch.update(object_, {"inputs": inputs})
    assert {one.properties["hubspot_owner_id"] for one in changed.results} == {owner}
    batch.archive(object_, {"inputs": [{"id": one.id} for one in made.results]})
    assert {one.id for one in made.results} <= set(store.ids(object_, archived=True))


@pytest.mark.parametrize(("object_", "namespace"), NAMESPACES.items())
def test_the_namespaces_of_the_object_types(client: HubSpot, world: World, object_: str, namespace: str) -> None:
    place = client.crm
    for name in namespace.split("."):
        place = getattr(place, name)
    record = world.records[object_]["record"]

    assert read(place.basic_api.get_by_id, record).id == record
    assert read(place.basic_api.get_page, limit=1).results
    assert read(
        place.batch_api.read, {"inputs": [{"id": record}], "properties": [], "propertiesWithHistory": []}
    ).results
    assert read(place.search_api.do_search, {"limit": 1}).total >= 2
    assert place.basic_api.create({"properties": enough(object_)}).id
    assert place.basic_api.update(record, {"properties": {"hubspot_owner_id": world.names["owner"]}}).id == record
    assert len(client.crm.objects.get_all(object_)) == len(world.store.ids(object_))


@pytest.mark.parametrize("object_", ["contacts", "companies", "deals", "tickets"])
def test_merging(client: HubSpot, world: World, object_: str) -> None:
    ids = world.records[object_]

    merged = getattr(client.crm, object_).basic_api.merge(
        {"primaryObjectId": ids["record"], "objectIdToMerge": ids["other"]}
    )

    assert client.crm.objects.basic_api.get_by_id(object_, ids["other"]).id == merged.id


def test_upserting_and_purging(client: HubSpot, world: World) -> None:
    row = {"idProperty": "email", "id": "a@example.jp", "properties": {"lastname": "林"}}
    batch, store = client.crm.objects.batch_api, world.store

    new, same = (batch.upsert("contacts", {"inputs": [row]}).results[0] for _ in range(2))
    assert (new.new, same.new, new.id) == (True, False, same.id)
    by_email = client.crm.objects.basic_api.get_by_id("contacts", "a@example.jp", id_property="email")
    assert by_email.id == new.id
    client.crm.contacts.basic_api.purge({"objectId": "a@example.jp", "idProperty": "email"})
    assert new.id not in store.ids("contacts") + store.ids("contacts", archived=True)


@pytest.mark.parametrize("object_", OBJECTS)
def test_properties(client: HubSpot, world: World, object_: str) -> None:
    core, group = client.crm.properties.core_api, world.records[object_]["group"]

    names = [one.name for one in read(core.get_all, object_).results]
    assert {"hs_object_id", "hubspot_owner_id", "own"} <= set(names)
    assert read(core.get_by_name, object_, "own").type == "string"
    new = {"name": "rank", "label": "ランク", "groupName": group, "type": "number", "fieldType": "number"}
    assert core.create(object_, new).name == "rank"
    assert core.update(object_, "rank", {"label": "等級"}).label == "等級"
    core.archive(object_, "rank")
    assert "rank" in [one.name for one in read(core.get_all, object_, archived=True).results]
    assert group in [one.name for one in read(client.crm.properties.groups_api.get_all, object_).results]


@pytest.mark.parametrize("object_", OBJECTS)
def test_associations(client: HubSpot, world: World, object_: str) -> None:
    ids, company = world.records[object_], world.names["company"]
    api, store = client.crm.associations.v4, world.store
    kind = store.associations.types.default(object_, "companies")
    types = [links.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=kind.type_id)]
    pair = {"_from": {"id": ids["other"]}, "to": {"id": company}}

    read(api.basic_api.get_page, object_, ids["record"], "companies", limit=1)
    assert api.basic_api.create(object_, ids["other"], "companies", company, types).to_object_id == company
    api.basic_api.archive(object_, ids["other"], "companies", company)
    assert api.basic_api.create_default(object_, ids["other"], "companies", company).status == "COMPLETE"
    many = read(api.batch_api.get_page, object_, "companies", {"inputs": [{"id": ids["record"]}, {"id": "999"}]})
    assert (len(many.results), many.num_errors) == (1, 1)
    post = links.PublicAssociationMultiPost(**pair, types=types)
    made = api.batch_api.create(object_, "companies", links.BatchInputPublicAssociationMultiPost(inputs=[post]))
    assert made.results[0].from_object_id == ids["other"]
    api.batch_api.archive_labels(object_, "companies", links.BatchInputPublicAssociationMultiPost(inputs=[post]))
    assert store.associations.of(object_, ids["other"], "companies") == {}
    default = links.PublicDefaultAssociationMultiPost(**pair)
    inputs = links.BatchInputPublicDefaultAssociationMultiPost(inputs=[default])
    assert len(api.batch_api.create_default(object_, "companies", inputs).results) == 2
    gone = links.PublicAssociationMultiArchive(_from={"id": ids["other"]}, to=[{"id": company}])
    api.batch_api.archive(object_, "companies", links.BatchInputPublicAssociationMultiArchive(inputs=[gone]))
    assert store.associations.of(object_, ids["other"], "companies") == {}


@pytest.mark.parametrize("object_", OBJECTS)
def test_associations_of_version_3(client: HubSpot, world: World, object_: str) -> None:
    ids, company = world.records[object_], world.names["company"]
    api, package = client.crm.associations, importlib.import_module("hubspot.crm.associations")
    names = [one.name for one in read(api.schema.types_api.get_all, object_, "companies").results]
    one = package.PublicAssociation(_from={"id": ids["other"]}, to={"id": company}, type=names[0])
    inputs = package.BatchInputPublicAssociation(inputs=[one])

    assert api.batch_api.create(object_, "companies", inputs).results[0].type == names[0]
    both = read(api.batch_api.read, object_, "companies", {"inputs": [{"id": ids["other"]}, {"id": ids["record"]}]})
    assert [found.to[0].id for found in both.results] == [company, company]
    api.batch_api.archive(object_, "companies", inputs)


@pytest.mark.parametrize("object_", OBJECTS)
def test_labels(client: HubSpot, world: World, object_: str) -> None:
    api = client.crm.associations.v4.schema.definitions_api
    before = read(api.get_all, object_, "contacts").results

    made = api.create(object_, "contacts", {"name": "witness", "label": "証人"}).results
    api.update(object_, "contacts", {"associationTypeId": made[0].type_id, "label": "立会人"})
    assert "立会人" in [one.label for one in read(api.get_all, object_, "contacts").results]
    api.remove(object_, "contacts", made[0].type_id)
    assert read(api.get_all, object_, "contacts").results == before


def test_owners_pipelines_users_schemas_and_tokens(client: HubSpot, world: World) -> None:
    owner, user = world.names["owner"], world.names["user"]
    owners, pipelines = client.crm.owners.owners_api, client.crm.pipelines

    assert len(read(owners.get_page, limit=500, archived=False).results) == 2
    assert read(owners.get_by_id, int(owner)).teams[0].name == "営業"
    assert read(owners.get_by_id, int(user), id_property="userId").id == owner
    assert [one.email for one in read(owners.get_page, email="abe@example.jp").results] == ["abe@example.jp"]
    for object_ in ("deals", "tickets"):
        for pipeline in read(pipelines.pipelines_api.get_all, object_).results:
            assert read(pipelines.pipelines_api.get_by_id, object_, pipeline.id).stages == pipeline.stages
            assert read(pipelines.pipeline_stages_api.get_all, object_, pipeline.id).results
    assert read(client.crm.schemas.core_api.get_by_id, "contacts").object_type_id == "0-1"
    assert read(client.settings.users.users_api.get_by_id, user).email == "sato@example.jp"
    sales, tokyo = read(client.settings.users.teams_api.get_all).results
    assert (sales.user_ids, sales.secondary_user_ids) == ([user], [])
    assert (len(tokyo.user_ids), tokyo.secondary_user_ids) == (1, [user])
    assert client.api_request({"path": "/account-info/v3/details"}).json()["portalId"] == world.store.portal_id


def test_a_public_app_refreshes_its_token_and_calls_with_it(client: HubSpot, url: str, world: World) -> None:
    tokens = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id="demo-client-id",
        client_secret="demo-client-secret",
        refresh_token="demo-refresh-token",
    )
    app = HubSpot(access_token=tokens.access_token, host=url, base_url=url)

    assert tokens.expires_in == 1800
    assert client.oauth.access_tokens_api.get(tokens.access_token).hub_id == world.store.portal_id
    assert client.oauth.refresh_tokens_api.get(tokens.refresh_token).client_id == "demo-client-id"
    assert app.crm.objects.basic_api.get_page("contacts").results
