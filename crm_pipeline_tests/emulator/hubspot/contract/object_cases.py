"""The contract of records, properties, pipelines and schemas.

A new endpoint is one more line. In paths and bodies {type} is each of the nine object types in turn and {record},
{other}, {archived} are ids of that type; the other names are those of `portal.World.names`. A text that is only
"{properties}" becomes properties that are enough to create a record.
"""

from __future__ import annotations

from crm_pipeline_tests.emulator.hubspot.contract.case import Case

OBJECT = "/crm/v3/objects/{object}"
PROPERTY, PIPELINE = "/crm/v3/properties/{object}", "/crm/v3/pipelines/{object}"

RECORD = "crm.objects:SimplePublicObject"
READ = "crm.objects:SimplePublicObjectWithAssociations"
LIST = "crm.objects:CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"
FOUND = "crm.objects:CollectionResponseWithTotalSimplePublicObjectForwardPaging"
BATCH = "crm.objects:BatchResponseSimplePublicObject"
SOME = "crm.objects:BatchResponseSimplePublicObjectWithErrors"
UPSERTED = "crm.objects:BatchResponseSimplePublicUpsertObject"
PROPERTIES, PIPELINES = "crm.properties:", "crm.pipelines:"

OPTIONS = [{"label": "高", "value": "high", "displayOrder": 0, "hidden": False}]
FIELD = {"name": "rank", "label": "ランク", "groupName": "{group}", "type": "enumeration", "fieldType": "select"}
STAGE = {"label": "審査", "displayOrder": 9, "metadata": {"probability": "0.3", "ticketState": "OPEN"}}
ONE_EACH = [{"properties": "{properties}", "objectWriteTraceId": "t1"}]
OWNED = {"hubspot_owner_id": "{owner}"}

CASES = [
    Case("GET", OBJECT, LIST, "/crm/v3/objects/{type}?limit=1&associations=contacts,companies"),
    Case("GET", OBJECT, LIST, "/crm/v3/objects/{type}?archived=true"),
    Case("GET", OBJECT, LIST, "/crm/objects/2026-03/{type}?propertiesWithHistory=hubspot_owner_id"),
    Case("POST", OBJECT, RECORD, "/crm/v3/objects/{type}", {"properties": "{properties}"}, 201),
    Case("POST", OBJECT + "/search", FOUND, "/crm/v3/objects/{type}/search", {"limit": 1, "filterGroups": []}),
    Case(
        "POST",
        OBJECT + "/merge",
        RECORD,
        "/crm/v3/objects/{type}/merge",
        {"primaryObjectId": "{record}", "objectIdToMerge": "{other}"},
    ),
    Case("POST", OBJECT + "/gdpr-delete", "", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": "{contact}"}, 204),
    Case("POST", OBJECT + "/batch/read", BATCH, "/crm/v3/objects/{type}/batch/read", {"inputs": [{"id": "{record}"}]}),
    Case(
        "POST",
        OBJECT + "/batch/read",
        SOME,
        "/crm/objects/2026-03/{type}/batch/read",
        {"inputs": [{"id": "{record}"}, {"id": "999"}], "propertiesWithHistory": ["hubspot_owner_id"]},
        207,
    ),
    Case("POST", OBJECT + "/batch/create", BATCH, "/crm/v3/objects/{type}/batch/create", {"inputs": ONE_EACH}, 201),
    Case(
        "POST",
        OBJECT + "/batch/create",
        SOME,
        "/crm/v3/objects/{type}/batch/create",
        {"inputs": [*ONE_EACH, {"properties": {"nonsense": "1"}, "objectWriteTraceId": "t2"}]},
        207,
    ),
    Case(
        "POST",
        OBJECT + "/batch/update",
        BATCH,
        "/crm/v3/objects/{type}/batch/update",
        {"inputs": [{"id": "{record}", "properties": OWNED}]},
    ),
    Case(
        "POST",
        OBJECT + "/batch/upsert",
        UPSERTED,
        "/crm/v3/objects/contacts/batch/upsert",
        {"inputs": [{"id": "new@example.jp", "idProperty": "email", "properties": {}}]},
    ),
    Case("POST", OBJECT + "/batch/archive", "", "/crm/v3/objects/{type}/batch/archive", {"inputs": [{"id": "1"}]}, 204),
    Case("GET", OBJECT + "/{id}", READ, "/crm/v3/objects/{type}/{record}?associations=contacts,companies"),
    Case("GET", OBJECT + "/{id}", READ, "/crm/v3/objects/{type}/{archived}?archived=true"),
    Case("PATCH", OBJECT + "/{id}", RECORD, "/crm/v3/objects/{type}/{record}", {"properties": OWNED}),
    Case("DELETE", OBJECT + "/{id}", "", "/crm/v3/objects/{type}/{record}", None, 204),
    Case("GET", PROPERTY, PROPERTIES + "CollectionResponsePropertyNoPaging", "/crm/v3/properties/{type}"),
    Case(
        "POST",
        PROPERTY,
        PROPERTIES + "ModelProperty",
        "/crm/v3/properties/{type}",
        {**FIELD, "options": OPTIONS},
        201,
    ),
    Case(
        "POST",
        PROPERTY + "/batch/read",
        PROPERTIES + "BatchResponseProperty",
        "/crm/v3/properties/{type}/batch/read",
        {"archived": False, "inputs": [{"name": "hs_object_id"}]},
    ),
    Case(
        "POST",
        PROPERTY + "/batch/create",
        PROPERTIES + "BatchResponseProperty",
        "/crm/v3/properties/{type}/batch/create",
        {"inputs": [{**FIELD, "options": OPTIONS}]},
        201,
    ),
    Case(
        "POST",
        PROPERTY + "/batch/archive",
        "",
        "/crm/v3/properties/{type}/batch/archive",
        {"inputs": [{"name": "own"}]},
        204,
    ),
    Case(
        "GET",
        PROPERTY + "/groups",
        PROPERTIES + "CollectionResponsePropertyGroupNoPaging",
        "/crm/v3/properties/{type}/groups",
    ),
    Case(
        "POST",
        PROPERTY + "/groups",
        PROPERTIES + "PropertyGroup",
        "/crm/v3/properties/{type}/groups",
        {"name": "more", "label": "その他"},
        201,
    ),
    Case("GET", PROPERTY + "/groups/{name}", PROPERTIES + "PropertyGroup", "/crm/v3/properties/{type}/groups/{group}"),
    Case(
        "PATCH",
        PROPERTY + "/groups/{name}",
        PROPERTIES + "PropertyGroup",
        "/crm/v3/properties/{type}/groups/own_group",
        {"label": "別名"},
    ),
    Case("DELETE", PROPERTY + "/groups/{name}", "", "/crm/v3/properties/{type}/groups/own_group", None, 204),
    Case("GET", PROPERTY + "/{name}", PROPERTIES + "ModelProperty", "/crm/v3/properties/{type}/hubspot_owner_id"),
    Case("PATCH", PROPERTY + "/{name}", PROPERTIES + "ModelProperty", "/crm/v3/properties/{type}/own", {"label": "x"}),
    Case("DELETE", PROPERTY + "/{name}", "", "/crm/v3/properties/{type}/own", None, 204),
    Case("GET", PIPELINE, PIPELINES + "CollectionResponsePipelineNoPaging", "/crm/v3/pipelines/deals"),
    Case(
        "POST",
        PIPELINE,
        PIPELINES + "Pipeline",
        "/crm/v3/pipelines/tickets",
        {"label": "予備", "displayOrder": 1, "stages": [STAGE]},
        201,
    ),
    Case("GET", PIPELINE + "/{id}", PIPELINES + "Pipeline", "/crm/v3/pipelines/deals/default"),
    Case("PATCH", PIPELINE + "/{id}", PIPELINES + "Pipeline", "/crm/v3/pipelines/deals/default", {"label": "営業"}),
    Case(
        "PUT",
        PIPELINE + "/{id}",
        PIPELINES + "Pipeline",
        "/crm/v3/pipelines/deals/{pipeline}",
        {"label": "予備", "displayOrder": 1, "stages": [STAGE]},
    ),
    Case("DELETE", PIPELINE + "/{id}", "", "/crm/v3/pipelines/deals/{pipeline}", None, 204),
    Case(
        "GET",
        PIPELINE + "/{id}/stages",
        PIPELINES + "CollectionResponsePipelineStageNoPaging",
        "/crm/v3/pipelines/deals/default/stages",
    ),
    Case(
        "POST",
        PIPELINE + "/{id}/stages",
        PIPELINES + "PipelineStage",
        "/crm/v3/pipelines/deals/default/stages",
        STAGE,
        201,
    ),
    Case(
        "GET",
        PIPELINE + "/{id}/stages/{stage}",
        PIPELINES + "PipelineStage",
        "/crm/v3/pipelines/deals/default/stages/appointmentscheduled",
    ),
    Case(
        "PATCH",
        PIPELINE + "/{id}/stages/{stage}",
        PIPELINES + "PipelineStage",
        "/crm/v3/pipelines/deals/default/stages/appointmentscheduled",
        {"label": "初回"},
    ),
    Case(
        "PUT",
        PIPELINE + "/{id}/stages/{stage}",
        PIPELINES + "PipelineStage",
        "/crm/v3/pipelines/deals/default/stages/appointmentscheduled",
        STAGE,
    ),
    Case(
        "DELETE",
        PIPELINE + "/{id}/stages/{stage}",
        "",
        "/crm/v3/pipelines/deals/default/stages/closedlost",
        None,
        204,
    ),
    Case("GET", "/crm/v3/schemas", "crm.schemas:CollectionResponseObjectSchemaNoPaging", "/crm/v3/schemas"),
    Case("GET", "/crm/v3/schemas/{object}", "crm.schemas:ObjectSchema", "/crm-object-schemas/v3/schemas/{type}"),
    Case("GET", "/crm/v3/limits/records", "record limits", "/crm/v3/limits/records"),
]
