"""Pipelines of deals and tickets with their stages: what a new portal has, and every change of them.

Belongs here: the state of pipelines and what a definition must look like. Not here: endpoints; which stage a record
may have (object_rules.py).

Source: HubSpot documentation, "pipelines" (shapes, required fields, metadata, restoring with `archived: false`).
Choices where HubSpot's behaviour is not documented: ids of new pipelines and stages count up; the last pipeline of an
object and the last stage of a pipeline cannot be deleted; the wording of refusals. Objects other than deals and
tickets have no pipelines here (a real portal shows lifecycle stages and task statuses as pipelines too).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid, invalid_json

Part = dict[str, Any]  # a pipeline or a stage as HubSpot answers it

#: Property of the pipeline and of the stage, by object type.
STAGE_PROPERTIES = {"deals": ("pipeline", "dealstage"), "tickets": ("hs_pipeline", "hs_pipeline_stage")}
_TICKET_STATES = ("OPEN", "CLOSED")
_FIRST_ID = 1_000_001
_DEFAULTS = Path(__file__).with_name("default_pipelines.json")


class Pipelines:
    """The pipelines of a portal: `by_object` has them by object type and id, archived ones too."""

    def __init__(self, now: str) -> None:
        self.by_object: dict[str, dict[str, Part]] = {}
        self.next_id = _FIRST_ID
        self._places: dict[tuple[str, str], tuple[Part, Part]] = {}
        for object_, pipelines in json.loads(_DEFAULTS.read_text(encoding="utf-8")).items():
            times = {"createdAt": now, "updatedAt": now, "archived": False}
            self.by_object[object_] = {
                one["id"]: {
                    **one,
                    **times,
                    "stages": [_stage(stage, order, now) for order, stage in enumerate(one["stages"])],
                }
                for one in pipelines
            }

    def of(self, object_: str) -> list[Part]:
        """Live pipelines of an object type in display order; none for an object without pipelines."""
        live = [one for one in self.by_object.get(object_, {}).values() if not one["archived"]]
        return sorted(live, key=_order)

    def find(self, object_: str, pipeline_id: str, *, archived: bool = False) -> Part:
        """A pipeline, archived ones only on demand. Raises HubSpotError 404."""
        pipeline = self.by_object.get(object_, {}).get(pipeline_id)
        if pipeline is None or (pipeline["archived"] and not archived):
            raise _missing("pipeline", pipeline_id)
        return pipeline

    def find_stage(self, pipeline: Part, stage_id: str, *, archived: bool = False) -> Part:
        """A stage of a pipeline, archived ones only on demand. Raises HubSpotError 404."""
        for stage in pipeline["stages"]:
            if stage["id"] == stage_id and (archived or not stage["archived"]):
                found: Part = stage
                return found
        raise _missing("pipeline stage", stage_id)

    def place(self, object_: str, stage_id: str) -> tuple[Part, Part] | None:
        """The pipeline and stage of a stage id that a record may have now; None: there is no such stage."""
        known = self._places.get((object_, stage_id))
        if known and not known[0]["archived"] and not known[1]["archived"]:
            return known
        for pipeline in self.of(object_):
            for stage in live_stages(pipeline):
                if stage["id"] == stage_id:
                    self._places[object_, stage_id] = pipeline, stage
                    return pipeline, stage
        return None

    def create(self, object_: str, given: Mapping[str, Any], now: str) -> Part:
        """Add a pipeline from the keys of the API's create call. Raises HubSpotError 400 or 409."""
        if object_ not in STAGE_PROPERTIES:
            raise invalid(f"Pipelines are not supported for object type {object_}")
        _require(given, "displayOrder", "label", "stages")
        self._check_label(object_, given["label"])
        stages = self._new_stages(object_, given["stages"], now)
        pipeline: Part = {
            "label": given["label"],
            "displayOrder": _number(given),
            "id": self._new_id(),
            "stages": stages,
            "createdAt": now,
            "updatedAt": now,
            "archived": False,
        }
        self.by_object[object_][pipeline["id"]] = pipeline
        return pipeline

    def change(self, object_: str, pipeline: Part, given: Mapping[str, Any], now: str) -> None:
        """PATCH: label and display order, or `archived: false` to restore. Raises HubSpotError 400 or 409."""
        _restore(pipeline, given)
        if "label" in given:
            _require(given, "label")
            self._check_label(object_, given["label"], own=pipeline["id"])
            pipeline["label"] = given["label"]
        if "displayOrder" in given:
            pipeline["displayOrder"] = _number(given)
        pipeline["updatedAt"] = now

    def replace(self, object_: str, pipeline: Part, given: Mapping[str, Any], now: str) -> None:
        """PUT: label, display order and all stages anew; stages that are not named any more are archived."""
        _require(given, "displayOrder", "label", "stages")
        self._check_label(object_, given["label"], own=pipeline["id"])
        number = _number(given)
        stages = self._new_stages(object_, given["stages"], now, own=pipeline)
        kept = {stage["id"] for stage in stages}
        gone = [stage for stage in pipeline["stages"] if stage["id"] not in kept]
        for stage in gone:
            _archive(stage, now)
        pipeline.update(label=given["label"], displayOrder=number, stages=stages + gone, updatedAt=now)
        self._places.clear()

    def delete(self, object_: str, pipeline: Part, now: str) -> None:
        """Archive a pipeline. Raises HubSpotError 400 for the last one."""
        if len(self.of(object_)) == 1:
            raise invalid(f"The last pipeline of {object_} cannot be deleted")
        _archive(pipeline, now)

    def create_stage(self, object_: str, pipeline: Part, given: Mapping[str, Any], now: str) -> Part:
        """Add a stage to a pipeline. Raises HubSpotError 400 or 409."""
        stage = self._checked_stage(object_, given, now)
        if any(one["label"] == stage["label"] for one in live_stages(pipeline)):
            raise _label_taken("stage", stage["label"])
        pipeline["stages"].append(stage)
        pipeline["updatedAt"] = now
        return stage

    def change_stage(self, object_: str, pipeline: Part, stage: Part, given: Mapping[str, Any], now: str) -> None:
        """PATCH (any of label, displayOrder, metadata, `archived: false`) of a stage; PUT gives all of them."""
        _restore(stage, given)
        if "label" in given:
            _require(given, "label")
            if any(one["label"] == given["label"] and one is not stage for one in live_stages(pipeline)):
                raise _label_taken("stage", given["label"])
        new = given.get("metadata") or {}
        if not isinstance(new, Mapping):
            raise invalid_json("metadata must be an object")
        metadata = _metadata(object_, {**stage["metadata"], **new})
        order = _number(given) if "displayOrder" in given else stage["displayOrder"]
        stage.update(label=given.get("label", stage["label"]), displayOrder=order, metadata=metadata, updatedAt=now)
        pipeline["updatedAt"] = now

    def delete_stage(self, pipeline: Part, stage: Part, now: str) -> None:
        """Archive a stage. Raises HubSpotError 400 for the last one of its pipeline."""
        if len(live_stages(pipeline)) == 1:
            raise invalid("The last stage of a pipeline cannot be deleted")
        _archive(stage, now)
        pipeline["updatedAt"] = now

    def options(self, object_: str) -> Iterator[tuple[str, list[Part]]]:
        """The pipeline and the stage property of an object type, each with its options as they are now."""
        if object_ in STAGE_PROPERTIES:
            pipelines = self.of(object_)
            stages = [stage for pipeline in pipelines for stage in live_stages(pipeline)]
            for name, parts in zip(STAGE_PROPERTIES[object_], (pipelines, stages), strict=True):
                yield name, [_option(part, order) for order, part in enumerate(parts)]

    def dump(self) -> dict[str, Any]:
        """The state as JSON can hold it."""
        return {"next_id": self.next_id, "by_object": self.by_object}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a dumped state."""
        self.next_id, self.by_object = state["next_id"], state["by_object"]
        self._places.clear()

    def _new_id(self) -> str:
        self.next_id += 1
        return str(self.next_id - 1)

    def _check_label(self, object_: str, label: str, own: str | None = None) -> None:
        if any(one["label"] == label and one["id"] != own for one in self.of(object_)):
            raise _label_taken("pipeline", label)

    def _new_stages(self, object_: str, given: Any, now: str, own: Part | None = None) -> list[Part]:
        if not isinstance(given, list) or not given:
            raise invalid("A pipeline needs at least one stage")
        known = {stage["id"]: stage for stage in own["stages"]} if own else {}
        stages = []
        for one in given:
            stage = self._checked_stage(object_, one, now)
            if (kept := known.get(one.get("stageId") or one.get("id"))) is not None:
                stage |= {"id": kept["id"], "createdAt": kept["createdAt"]}
            stages.append(stage)
        if len({stage["label"] for stage in stages}) < len(stages):
            raise _label_taken("stage", stages[0]["label"])
        return stages

    def _checked_stage(self, object_: str, given: Any, now: str) -> Part:
        if not isinstance(given, Mapping):
            raise invalid_json("a stage must be an object")
        _require(given, "displayOrder", "label", "metadata")
        return _stage(
            {**given, "id": self._new_id(), "metadata": _metadata(object_, given["metadata"])}, _number(given), now
        )


def live_stages(pipeline: Part) -> list[Part]:
    """The stages of a pipeline that are not archived, in display order."""
    return sorted((stage for stage in pipeline["stages"] if not stage["archived"]), key=_order)


def shown(pipeline: Part) -> Part:
    """A pipeline as an answer shows it: with its live stages."""
    return {**pipeline, "stages": live_stages(pipeline)}


def _order(part: Part) -> tuple[int, str]:
    return part["displayOrder"], part["label"]


def _stage(given: Mapping[str, Any], order: int, now: str) -> Part:
    return {
        "label": given["label"],
        "displayOrder": order,
        "metadata": dict(given["metadata"]),
        "id": given["id"],
        "createdAt": now,
        "updatedAt": now,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


def _option(part: Part, order: int) -> Part:
    return {"label": part["label"], "value": part["id"], "description": "", "displayOrder": order, "hidden": False}


def _require(given: Mapping[str, Any], *names: str) -> None:
    missing = [name for name in names if given.get(name) in (None, "")]
    if missing:
        raise invalid(
            f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{', '.join(missing)}]"
        )
    if "label" in names and not isinstance(given["label"], str):
        raise invalid_json("label must be a text")


def _number(given: Mapping[str, Any]) -> int:
    number = given.get("displayOrder")
    if isinstance(number, bool) or not isinstance(number, int):
        raise invalid_json("displayOrder must be a whole number")
    return number


def _metadata(object_: str, given: Any) -> dict[str, str]:
    """The metadata of a stage as HubSpot stores it: texts, with what follows from them."""
    if not isinstance(given, Mapping):
        raise invalid_json("metadata must be an object")
    if object_ == "tickets":
        state = str(given.get("ticketState", "OPEN")).upper()
        if state not in _TICKET_STATES:
            raise invalid(f"ticketState must be one of [{', '.join(_TICKET_STATES)}]")
        return {"ticketState": state, "isClosed": "true" if state == "CLOSED" else "false"}
    try:
        probability = float(given["probability"])
    except (KeyError, TypeError, ValueError):
        raise invalid("metadata of a deal stage needs a probability between 0.0 and 1.0") from None
    if not 0 <= probability <= 1:
        raise invalid("metadata of a deal stage needs a probability between 0.0 and 1.0")
    return {"isClosed": "true" if probability in (0, 1) else "false", "probability": str(probability)}


def _restore(part: Part, given: Mapping[str, Any]) -> None:
    if "archived" in given and (given["archived"] is not False or not part["archived"]):
        raise invalid("archived can only be set to false, to restore what is archived")
    if "archived" not in given and part["archived"]:
        raise _missing("pipeline", part["id"])
    part["archived"] = False
    part.pop("archivedAt", None)


def _archive(part: Part, now: str) -> None:
    part.update(archived=True, archivedAt=now, updatedAt=now)


def _missing(what: str, part_id: str) -> HubSpotError:
    return HubSpotError(404, f"No {what} found with ID {part_id}", "OBJECT_NOT_FOUND", context={"id": [part_id]})


def _label_taken(what: str, label: str) -> HubSpotError:
    return HubSpotError(409, f"A {what} with the label '{label}' already exists.", "CONFLICT")
