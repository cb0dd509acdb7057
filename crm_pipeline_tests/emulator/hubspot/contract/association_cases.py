"""The contract of associations, v3 and v4; how to read a line: object_cases.py."""

from __future__ import annotations

from crm_pipeline_tests.emulator.hubspot.contract.case import Case

BETWEEN, BETWEEN_V3 = "/crm/v4/associations/{object}/{to_object}", "/crm/v3/associations/{object}/{to_object}"
LINK, LINK_V3 = "/crm/v4/objects/{object}/{id}/associations", "/crm/v3/objects/{object}/{id}/associations"

READ = "crm.objects:SimplePublicObjectWithAssociations"
V4, V4_LABELS = "crm.associations.v4:", "crm.associations.v4.schema:"
V4_READ = V4 + "BatchResponsePublicAssociationMultiWithLabel"
LABELED = V4 + "BatchResponseLabelsBetweenObjectPair"
DEFAULTED = V4 + "BatchResponsePublicDefaultAssociation"
V4_LIST = V4 + "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging"
LABELS = V4_LABELS + "CollectionResponseAssociationSpecWithLabelNoPaging"
V3_READ = "crm.associations:BatchResponsePublicAssociationMulti"
V3_CREATED = "crm.associations:BatchResponsePublicAssociation"

LINKED = {"from": {"id": "{contact}"}, "to": {"id": "{company}"}}
MISSING = {"from": {"id": "{contact}"}, "to": {"id": "999"}}
TYPES = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
OWN_TYPES = [{"associationCategory": "USER_DEFINED", "associationTypeId": 1}]
LABEL = {"name": "boss", "label": "上司", "inverseLabel": "部下の会社"}

CASES = [
    Case(
        "POST",
        BETWEEN + "/batch/read",
        V4_READ,
        "/crm/v4/associations/{type}/contacts/batch/read",
        {"inputs": [{"id": "{record}"}]},
    ),
    Case(
        "POST",
        BETWEEN + "/batch/read",
        V4_READ + "WithErrors",
        "/crm/associations/2026-03/{type}/companies/batch/read",
        {"inputs": [{"id": "{record}"}, {"id": "{other}"}]},
        207,
    ),
    Case(
        "POST",
        BETWEEN + "/batch/create",
        LABELED,
        "/crm/v4/associations/contacts/companies/batch/create",
        {"inputs": [{**LINKED, "types": TYPES}]},
        201,
    ),
    Case(
        "POST",
        BETWEEN + "/batch/create",
        LABELED + "WithErrors",
        "/crm/v4/associations/contacts/companies/batch/create",
        {"inputs": [{**LINKED, "types": OWN_TYPES}, {**MISSING, "types": TYPES}]},
        207,
    ),
    Case(
        "POST",
        BETWEEN + "/batch/associate/default",
        DEFAULTED,
        "/crm/v4/associations/{type}/contacts/batch/associate/default",
        {"inputs": [{"from": {"id": "{other}"}, "to": {"id": "{contact}"}}]},
    ),
    Case(
        "POST",
        BETWEEN + "/batch/archive",
        "",
        "/crm/v4/associations/contacts/companies/batch/archive",
        {"inputs": [{"from": {"id": "{contact}"}, "to": [{"id": "{company}"}]}]},
        204,
    ),
    Case(
        "POST",
        BETWEEN + "/batch/labels/archive",
        "",
        "/crm/v4/associations/contacts/companies/batch/labels/archive",
        {"inputs": [{**LINKED, "types": OWN_TYPES}]},
        204,
    ),
    Case("GET", BETWEEN + "/labels", LABELS, "/crm/v4/associations/{type}/companies/labels"),
    Case("GET", BETWEEN + "/labels", LABELS, "/crm/associations/v4/contacts/{type}/labels"),
    Case("POST", BETWEEN + "/labels", LABELS, "/crm/v4/associations/contacts/companies/labels", LABEL),
    Case(
        "PUT",
        BETWEEN + "/labels",
        "",
        "/crm/v4/associations/contacts/companies/labels",
        {"associationTypeId": 1, "label": "新"},
        204,
    ),
    Case("DELETE", BETWEEN + "/labels/{type_id}", "", "/crm/v4/associations/contacts/companies/labels/1", None, 204),
    Case(
        "PUT",
        LINK + "/default/{to_object}/{to_id}",
        DEFAULTED,
        "/crm/v4/objects/{type}/{other}/associations/default/companies/{company}",
    ),
    Case("GET", LINK + "/{to_object}", V4_LIST, "/crm/v4/objects/{type}/{record}/associations/companies?limit=1"),
    Case("GET", LINK + "/{to_object}", V4_LIST, "/crm/objects/2026-03/companies/{company}/associations/{type}?limit=1"),
    Case(
        "PUT",
        LINK + "/{to_object}/{to_id}",
        V4 + "LabelsBetweenObjectPair",
        "/crm/v4/objects/contacts/{contact}/associations/companies/{company}",
        TYPES,
        201,
    ),
    Case(
        "DELETE",
        LINK + "/{to_object}/{to_id}",
        "",
        "/crm/v4/objects/{type}/{record}/associations/companies/{company}",
        None,
        204,
    ),
    Case(
        "GET",
        BETWEEN_V3 + "/types",
        "crm.associations.schema:CollectionResponsePublicAssociationDefinitionNoPaging",
        "/crm/v3/associations/{type}/contacts/types",
    ),
    Case(
        "POST",
        BETWEEN_V3 + "/batch/read",
        V3_READ,
        "/crm/v3/associations/{type}/contacts/batch/read",
        {"inputs": [{"id": "{record}"}]},
    ),
    Case(
        "POST",
        BETWEEN_V3 + "/batch/read",
        V3_READ + "WithErrors",
        "/crm/v3/associations/{type}/companies/batch/read",
        {"inputs": [{"id": "{record}"}, {"id": "{other}"}]},
        207,
    ),
    Case(
        "POST",
        BETWEEN_V3 + "/batch/create",
        V3_CREATED,
        "/crm/v3/associations/contacts/companies/batch/create",
        {"inputs": [{**LINKED, "type": "contact_to_company"}]},
        201,
    ),
    Case(
        "POST",
        BETWEEN_V3 + "/batch/create",
        V3_CREATED + "WithErrors",
        "/crm/v3/associations/contacts/companies/batch/create",
        {"inputs": [{**LINKED, "type": "contact_to_company"}, {**MISSING, "type": "279"}]},
        207,
    ),
    Case(
        "POST",
        BETWEEN_V3 + "/batch/archive",
        "",
        "/crm/v3/associations/contacts/companies/batch/archive",
        {"inputs": [{**LINKED, "type": "contact_to_company"}]},
        204,
    ),
    Case(
        "GET",
        LINK_V3 + "/{to_object}",
        "crm.objects:CollectionResponseAssociatedId",
        "/crm/v3/objects/companies/{company}/associations/{type}?limit=1",
    ),
    Case(
        "PUT",
        LINK_V3 + "/{to_object}/{to_id}/{type}",
        READ,
        "/crm/v3/objects/deals/{deal}/associations/contacts/{contact}/deal_to_contact",
    ),
    Case(
        "DELETE",
        LINK_V3 + "/{to_object}/{to_id}/{type}",
        "",
        "/crm/v3/objects/deals/{deal}/associations/contacts/{contact}/3",
        None,
        204,
    ),
]
