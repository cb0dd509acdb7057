"""Associations of all object types: types in both directions, primary companies, labels, paging, v3 and v4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot.associations.associations import Associations
from crm_pipeline.emulator.hubspot.associations.types import TYPES
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

Make = Callable[[str], str]
REQUIRED = {"deals": {"dealstage": "appointmentscheduled"}, "tickets": {"hs_pipeline_stage": "1"}}


@pytest.fixture
def make(store: HubSpotStore) -> Make:
    """Creates a record of an object type and gives its id."""

    def create(object_: str) -> str:
        time = {} if object_ in ("contacts", "companies", *REQUIRED) else {"hs_timestamp": "2026-11-01T00:00:00Z"}
        return store.create(object_, REQUIRED.get(object_, time))

    return create


def links(raw: Raw, start: str, record_id: str, end: str) -> dict[int, list[tuple[int, str | None]]]:
    """To id -> type ids and labels, as v4 lists them."""
    answer = raw("GET", f"/crm/v4/objects/{start}/{record_id}/associations/{end}")
    assert answer.status_code == 200, answer.text
    return {
        one["toObjectId"]: [(kind["typeId"], kind["label"]) for kind in one["associationTypes"]]
        for one in answer.json()["results"]
    }


@pytest.mark.parametrize(
    ("start", "end", "there", "back"),
    [
        ("contacts", "companies", [1, 279], [2, 280]),
        ("deals", "companies", [5, 341], [6, 342]),
        ("tickets", "companies", [26, 339], [25, 340]),
        ("deals", "contacts", [3], [4]),
        ("tickets", "contacts", [16], [15]),
        ("tickets", "deals", [28], [27]),
        ("contacts", "contacts", [449], [449]),
        ("companies", "companies", [450], [450]),
        ("deals", "deals", [451], [451]),
        ("tickets", "tickets", [452], [452]),
        ("tasks", "contacts", [204], [203]),
        ("calls", "companies", [182], [181]),
        ("emails", "deals", [210], [209]),
        ("meetings", "tickets", [226], [225]),
        ("notes", "contacts", [202], [201]),
        ("calls", "meetings", [399], [400]),
    ],
)
def test_the_default_association_has_hubspots_ids_in_both_directions(
    raw: Raw, make: Make, start: str, end: str, there: list[int], back: list[int]
) -> None:
    one, other = make(start), make(end)

    answer = raw("PUT", f"/crm/v4/objects/{start}/{one}/associations/default/{end}/{other}")

    assert answer.status_code == 200, answer.text
    specs = [spec["associationSpec"]["associationTypeId"] for spec in answer.json()["results"]]
    assert specs == [there[-1], back[-1]]
    assert [kind for kind, _ in links(raw, start, one, end)[int(other)]] == there
    assert [kind for kind, _ in links(raw, end, other, start)[int(one)]] == back


def test_every_type_has_an_inverse_that_leads_back() -> None:
    for (start, end), kinds in TYPES.items():
        for kind in kinds:
            (back,) = [other for other in TYPES[end, start] if other.type_id == kind.inverse]
            assert back.inverse == kind.type_id


@pytest.mark.parametrize(("object_", "primary"), [("contacts", 1), ("deals", 5), ("tickets", 26)])
def test_the_first_company_is_primary_until_another_is_made_so(
    raw: Raw, store: HubSpotStore, make: Make, object_: str, primary: int
) -> None:
    record, first, second = make(object_), make("companies"), make("companies")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": primary}]

    for company in (first, second):
        raw("PUT", f"/crm/v4/objects/{object_}/{record}/associations/default/companies/{company}")
    assert store.associations.primary(object_, record) == first

    answer = raw("PUT", f"/crm/v4/objects/{object_}/{record}/associations/companies/{second}", types)
    assert (answer.status_code, answer.json()["labels"]) == (201, ["Primary"])
    assert store.associations.primary(object_, record) == second
    assert [kind for kind, _ in links(raw, object_, record, "companies")[int(first)]] != [primary]


def test_a_company_has_one_parent(raw: Raw, make: Make) -> None:
    child, first, second = make("companies"), make("companies"), make("companies")
    to_parent = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}]

    for parent in (first, second):
        raw("PUT", f"/crm/v4/objects/companies/{child}/associations/companies/{parent}", to_parent)

    assert links(raw, "companies", child, "companies") == {
        int(first): [(450, None)],
        int(second): [(14, "Parent Company"), (450, None)],
    }
    assert links(raw, "companies", second, "companies") == {int(child): [(13, "Child Company"), (450, None)]}


def test_properties_that_follow_from_associations(raw: Raw, store: HubSpotStore, make: Make) -> None:
    person, company, parent, deal, note = (
        make(one) for one in ("contacts", "companies", "companies", "deals", "notes")
    )
    for start, one, end, other, kind in (
        ("contacts", person, "companies", company, 279),
        ("companies", company, "companies", parent, 14),
        ("deals", deal, "companies", company, 341),
        ("deals", deal, "contacts", person, 3),
        ("notes", note, "contacts", person, 202),
    ):
        store.associate(start, one, end, other, kind)

    for object_, record, name, value in (
        ("contacts", person, "associatedcompanyid", company),
        ("contacts", person, "num_associated_deals", "1"),
        ("companies", company, "num_associated_contacts", "1"),
        ("companies", company, "hs_parent_company_id", parent),
        ("companies", parent, "hs_num_child_companies", "1"),
        ("companies", parent, "num_associated_contacts", None),
        ("deals", deal, "hs_primary_associated_company", company),
        ("notes", note, "hs_num_associated_contacts", "1"),
    ):
        read = raw("GET", f"/crm/v3/objects/{object_}/{record}?properties={name}").json()
        assert read["properties"][name] == value


def test_a_record_cannot_be_associated_with_itself(raw: Raw, make: Make) -> None:
    contact = make("contacts")

    assert raw("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/contacts/{contact}").status_code == 400


def test_associations_are_paged_by_cursors_that_may_be_encoded_twice(raw: Raw, store: HubSpotStore, make: Make) -> None:
    company = make("companies")
    people = [make("contacts") for _ in range(5)]
    store.associations.import_pairs("contacts", "companies", 279, [(one, company) for one in people])
    path = f"/crm/v4/objects/companies/{company}/associations/contacts"

    first = raw("GET", path + "?limit=2").json()
    after = first["paging"]["next"]["after"]
    for form in (after, after.replace("%", "%25")):
        second = raw("GET", f"{path}?limit=3&after={form}").json()
        assert [str(one["toObjectId"]) for one in first["results"] + second["results"]] == people
        assert "paging" not in second
    assert raw("GET", path + "?after=?").status_code == 400


def test_each_input_of_a_batch_read_has_its_own_cursor(raw: Raw, store: HubSpotStore, make: Make) -> None:
    company = make("companies")
    pairs = [(str(10_000 + number), company) for number in range(501)]
    store.associations.import_pairs("contacts", "companies", 279, pairs)
    path = "/crm/v4/associations/companies/contacts/batch/read"

    (first,) = raw("POST", path, {"inputs": [{"id": company}]}).json()["results"]
    after = first["paging"]["next"]["after"]
    (rest,) = raw("POST", path, {"inputs": [{"id": company, "after": after}]}).json()["results"]

    assert (len(first["to"]), [one["toObjectId"] for one in rest["to"]]) == (500, [10_500])


@pytest.mark.parametrize(("count", "status"), [(1000, 207), (1001, 400)])
@pytest.mark.parametrize("version", ["v3", "v4"])
def test_a_batch_reads_up_to_a_thousand(raw: Raw, version: str, count: int, status: int) -> None:
    inputs = [{"id": str(number)} for number in range(count)]

    answer = raw("POST", f"/crm/{version}/associations/contacts/companies/batch/read", {"inputs": inputs})

    assert answer.status_code == status


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_a_batch_read_of_nothing_finds_nothing(raw: Raw, version: str) -> None:
    answer = raw("POST", f"/crm/{version}/associations/contacts/companies/batch/read", {"inputs": []})

    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_object_types_that_only_real_portals_have_are_associated_with_nothing(raw: Raw, make: Make) -> None:
    deal = make("deals")

    batch = raw("POST", "/crm/v4/associations/deals/line_items/batch/read", {"inputs": [{"id": deal}]})
    read = raw("GET", f"/crm/v3/objects/deals/{deal}?associations=line_items,contacts")
    unknown = raw("GET", f"/crm/v3/objects/deals/{deal}?associations=gadgets")

    assert batch.status_code == 207
    assert batch.json()["errors"][0]["message"] == f"No line_item is associated with deal {deal}."
    assert (read.status_code, "associations" in read.json()) == (200, False)
    assert unknown.status_code == 400


@pytest.mark.parametrize(
    ("category", "type_id", "to_id", "message", "context"),
    [
        (
            "USER_DEFINED",
            3,
            "{company}",
            "One or more associations are invalid",
            {
                "associationSpec": ["USER_DEFINED=3"],
                "INVALID_ASSOCIATION_TYPE_ID": ["USER_DEFINED=3 is not a valid association definition id"],
            },
        ),
        (
            "HUBSPOT_DEFINED",
            279,
            "999",
            "One or more associations are invalid",
            {
                "INVALID_OBJECT_IDS": ["COMPANY=999 is not valid"],
                "objectId": ["999"],
                "objectType": ["COMPANY"],
            },
        ),
        (
            "HUBSPOT_DEFINED",
            280,
            "{company}",
            "invalid from object type 0-1 for associations to be created. expected: 0-2",
            None,
        ),
    ],
)
def test_a_record_with_a_wrong_association_is_not_created(
    raw: Raw, store: HubSpotStore, make: Make, category: str, type_id: int, to_id: str, message: str, context: Any
) -> None:
    to_id = to_id.format(company=make("companies"))
    types = [{"associationCategory": category, "associationTypeId": type_id}]
    body = {"properties": {"lastname": "林"}, "associations": [{"to": {"id": to_id}, "types": types}]}

    answer = raw("POST", "/crm/v3/objects/contacts", body)

    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert answer.json().get("context") == context
    assert store.ids("contacts") == []


LABELS = "/crm/v4/associations/contacts/companies/labels"
LABEL = {"name": "billing", "label": "請求先", "inverseLabel": "請求先の会社"}


class TestLabels:
    def test_a_label_is_created_in_both_directions_used_changed_and_deleted(self, raw: Raw, make: Make) -> None:
        person, company = make("contacts"), make("companies")
        created = raw("POST", LABELS, LABEL).json()["results"]
        there, back = (one["typeId"] for one in created)
        types = [{"associationCategory": "USER_DEFINED", "associationTypeId": there}]
        link = f"/crm/v4/objects/contacts/{person}/associations/companies/{company}"

        assert raw("PUT", link, types).json()["labels"] == ["請求先"]
        assert links(raw, "companies", company, "contacts")[int(person)] == [
            (2, "Contact with Primary Company"),
            (back, "請求先の会社"),
            (280, None),
        ]

        changed = raw("PUT", LABELS, {"associationTypeId": there, "label": "支払者"})
        assert changed.status_code == 204
        assert (there, "支払者") in links(raw, "contacts", person, "companies")[int(company)]

        assert raw("DELETE", f"{LABELS}/{there}").status_code == 204
        assert links(raw, "contacts", person, "companies") == {int(company): [(1, "Primary"), (279, None)]}
        assert [one["typeId"] for one in raw("GET", LABELS).json()["results"]] == [1, 279]

    def test_one_label_can_be_taken_off(self, raw: Raw, make: Make) -> None:
        person, company = make("contacts"), make("companies")
        (there, _) = (one["typeId"] for one in raw("POST", LABELS, LABEL).json()["results"])
        types = [{"associationCategory": "USER_DEFINED", "associationTypeId": there}]
        one = {"from": {"id": person}, "to": {"id": company}, "types": types}
        raw("POST", "/crm/v4/associations/contacts/companies/batch/create", {"inputs": [one]})

        answer = raw("POST", "/crm/v4/associations/contacts/companies/batch/labels/archive", {"inputs": [one]})

        assert answer.status_code == 204
        assert links(raw, "contacts", person, "companies") == {int(company): [(1, "Primary"), (279, None)]}

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "", LABEL),
            ("POST", "", {"name": "other"}),
            ("POST", "", {"name": "other", "label": "x" * 51}),
            ("POST", "", {"name": "other", "label": "Primary"}),
            ("PUT", "", {"associationTypeId": 279, "label": "別"}),
            ("PUT", "", {"associationTypeId": "1", "label": "別"}),
            ("DELETE", "/279", None),
        ],
    )
    def test_a_label_that_cannot_be(self, raw: Raw, method: str, path: str, body: Any) -> None:
        raw("POST", LABELS, LABEL)

        assert raw(method, LABELS + path, body).status_code == 400
        assert len(raw("GET", LABELS).json()["results"]) == 3


class TestVersion3:
    def test_types_have_names_and_ids_as_text(self, raw: Raw) -> None:
        assert raw("GET", "/crm/v3/associations/Contacts/Companies/types").json() == {
            "results": [
                {"id": "1", "name": "contact_to_company"},
                {"id": "279", "name": "contact_to_company_unlabeled"},
            ]
        }

    @pytest.mark.parametrize("kind", ["deal_to_contact", "DEAL_TO_CONTACT", "3"])
    def test_below_a_record(self, raw: Raw, make: Make, kind: str) -> None:
        deal, person = make("deals"), make("contacts")
        path = f"/crm/v3/objects/deals/{deal}/associations/contacts"

        put = raw("PUT", f"{path}/{person}/{kind}")
        results = [{"id": person, "type": "deal_to_contact"}]
        assert put.json()["associations"] == {"contacts": {"results": results}}
        assert raw("GET", path).json() == {"results": results}
        assert raw("DELETE", f"{path}/{person}/{kind}").status_code == 204
        assert raw("GET", path).json() == {"results": []}

    def test_in_batches(self, raw: Raw, make: Make) -> None:
        person, company = make("contacts"), make("companies")
        path = "/crm/v3/associations/contact/company/batch"
        one = {"from": {"id": person}, "to": {"id": company}, "type": "contact_to_company"}

        created = raw("POST", path + "/create", {"inputs": [one, {**one, "to": {"id": "999"}}]})
        read = raw("POST", path + "/read", {"inputs": [{"id": person}, {"id": "999"}]})

        assert (created.status_code, created.json()["results"]) == (207, [one])
        assert read.status_code == 207
        assert read.json()["results"][0]["to"] == [
            {"id": company, "type": "contact_to_company"},
            {"id": company, "type": "contact_to_company_unlabeled"},
        ]
        assert read.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
        archived = raw("POST", path + "/archive", {"inputs": [{**one, "type": "contact_to_company_unlabeled"}]})
        assert archived.status_code == 204
        assert raw("GET", f"/crm/v3/objects/contacts/{person}/associations/company").json() == {"results": []}

    def test_an_unknown_type_is_refused(self, raw: Raw, make: Make) -> None:
        deal, person = make("deals"), make("contacts")

        answer = raw("PUT", f"/crm/v3/objects/deals/{deal}/associations/contacts/{person}/best_friend")

        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
        assert answer.json()["subCategory"] == "crm.associations.INVALID_ASSOCIATION_TYPE"
        assert answer.json()["message"] == "best_friend is not a valid association type between deals and contacts"


pairs = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=12)


@given(pairs, st.sampled_from([279, 1]))
def test_an_import_makes_what_single_associations_make(pairs: list[tuple[int, int]], type_id: int) -> None:
    bulk, single = Associations(), Associations()
    kind = single.types.known("contacts", "companies", "HUBSPOT_DEFINED", type_id)

    bulk.import_pairs("contacts", "companies", type_id, [(str(one), str(other)) for one, other in pairs])
    for one, other in pairs:
        single.add("contacts", str(one), "companies", str(other), kind)

    for record in "1234":
        for start, end in (("contacts", "companies"), ("companies", "contacts")):
            assert bulk.of(start, record, end) == single.of(start, record, end)


@given(pairs, st.integers(1, 4))
def test_both_directions_say_the_same_after_a_record_is_gone_and_after_a_dump(
    pairs: list[tuple[int, int]], gone: int
) -> None:
    associations, loaded = Associations(), Associations()
    associations.import_pairs("deals", "companies", 341, [(str(one), str(other)) for one, other in pairs])
    associations.remove_record("companies", str(gone))
    loaded.restore(associations.dump())

    for store in (associations, loaded):
        there = {(one, other) for one in "1234" for other in store.of("deals", one, "companies")}
        back = {(one, other) for other in "1234" for one in store.of("companies", other, "deals")}
        assert there == back == {(str(one), str(other)) for one, other in pairs if other != gone}
        assert all(store.count("deals", one, "companies") == len(store.of("deals", one, "companies")) for one in "1234")
