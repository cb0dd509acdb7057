"""Reading endpoints from before v3 that connectors still call: property definitions and pipelines.

Belongs here: the older shapes of what the newer endpoints answer too. Not here: records (record_routes.py,
legacy/engagement_routes.py); the rest of v1 and v2, which is not emulated. Source: HubSpot's legacy documentation
(properties v2, CRM pipelines v1, deal pipelines v1); their end is announced for September 2027 (facts 0).
"""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import resource_not_found
from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.pipelines import live_stages
from crm_pipeline.emulator.hubspot.properties import Definition


def list_properties(call: Call) -> Answer:
    """GET /properties/v2/{object}/properties (and v1): all definitions, as a plain list"""
    definitions = call.store.definitions[call.kind.name].values()
    return 200, [_property(one) for one in definitions if not one["archived"]]


def read_property(call: Call) -> Answer:
    """GET /properties/v2/{object}/properties/named/{name}"""
    definition = call.store.definitions[call.kind.name].get(call.path["name"])
    if definition is None or definition["archived"]:
        raise resource_not_found()
    return 200, _property(definition)


def list_pipelines(call: Call) -> Answer:
    """GET /crm-pipelines/v1/pipelines/{object}"""
    pipelines = call.store.pipelines.of(call.kind.name)
    return 200, {"results": [_pipeline(call.kind, one) for one in pipelines]}


def list_deal_pipelines(call: Call) -> Answer:
    """GET /deals/v1/pipelines: a plain list"""
    return 200, [_deal_pipeline(one) for one in call.store.pipelines.of("deals")]


def read_deal_pipeline(call: Call) -> Answer:
    """GET /deals/v1/pipelines/{id}"""
    return 200, _deal_pipeline(call.store.pipelines.find("deals", call.path["id"]))


def _property(definition: Definition) -> dict[str, Any]:
    kept = ("name", "label", "description", "groupName", "type", "fieldType", "displayOrder", "calculated", "hidden")
    options = [{**option, "readOnly": False, "doubleData": 0.0} for option in definition["options"]]
    return {
        **{key: definition[key] for key in kept},
        "options": options,
        "createdAt": epoch_ms(definition["createdAt"]),
        "updatedAt": epoch_ms(definition["updatedAt"]),
        "externalOptions": definition["externalOptions"],
        "referencedObjectType": definition.get("referencedObjectType"),
        "hubspotDefined": definition.get("hubspotDefined", False),
        "readOnlyValue": definition["modificationMetadata"]["readOnlyValue"],
        "readOnlyDefinition": definition["modificationMetadata"]["readOnlyDefinition"],
        "formField": definition["formField"],
        "hasUniqueValue": definition["hasUniqueValue"],
        "deleted": False,
    }


def _pipeline(kind: ObjectType, pipeline: dict[str, Any]) -> dict[str, Any]:
    stages = [
        {"stageId": stage["id"], "active": True, **_shared(stage), "metadata": stage["metadata"]}
        for stage in live_stages(pipeline)
    ]
    return {
        "pipelineId": pipeline["id"],
        "objectType": kind.singular.upper(),
        "objectTypeId": kind.type_id,
        "active": True,
        **_shared(pipeline),
        "stages": stages,
        "default": pipeline["id"] in ("default", "0"),
    }


def _shared(part: dict[str, Any]) -> dict[str, Any]:
    times = {key: epoch_ms(part[key]) for key in ("createdAt", "updatedAt")}
    return {"label": part["label"], "displayOrder": part["displayOrder"], **times}


def _deal_pipeline(pipeline: dict[str, Any]) -> dict[str, Any]:
    stages = [(stage, float(stage["metadata"]["probability"])) for stage in live_stages(pipeline)]
    return {
        "pipelineId": pipeline["id"],
        "label": pipeline["label"],
        "active": True,
        "displayOrder": pipeline["displayOrder"],
        "staticDefault": pipeline["id"] == "default",
        "stages": [
            {
                "stageId": stage["id"],
                "label": stage["label"],
                "probability": probability,
                "active": True,
                "displayOrder": stage["displayOrder"],
                "closedWon": probability == 1,
            }
            for stage, probability in stages
        ],
    }
