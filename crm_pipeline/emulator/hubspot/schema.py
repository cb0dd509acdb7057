"""What records of a portal may hold: property definitions, property groups and pipelines, and every change of them.

Belongs here: the definitions of all object types and the rules for changing them. Not here: what one definition must
look like (properties.py), the data of a new portal (default_properties), endpoints.

Source: HubSpot documentation, "properties". Choices where it is silent: the wording of refusals; a property or group
that HubSpot defined can be neither changed nor archived (400); a group with properties cannot be archived; archived
properties keep their values out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from crm_pipeline.emulator.hubspot.default_properties import DEFAULT_PROPERTIES, GROUPS, PROPERTY_GROUPS
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid, invalid_json
from crm_pipeline.emulator.hubspot.object_types import ALL_TYPES
from crm_pipeline.emulator.hubspot.pipelines import STAGE_PROPERTIES, Pipelines, live_stages
from crm_pipeline.emulator.hubspot.properties import (
    MOST_UNIQUE_PROPERTIES,
    Definition,
    changed_definition,
    complete_definition,
)

Group = dict[str, Any]  # a property group as HubSpot answers it


@cache
def _standard_definitions() -> dict[str, dict[str, Definition]]:
    """HubSpot's own properties by object type and name; of no portal's time yet, and never changed in place."""
    return {
        object_: {one["name"]: complete_definition(one, GROUPS[object_], "", hubspot_defined=True) for one in given}
        for object_, given in DEFAULT_PROPERTIES.items()
    }


class Schema:
    """Definitions, archived definitions and groups by object type and name; `pipelines`."""

    def __init__(self, now: str) -> None:
        self.definitions: dict[str, dict[str, Definition]] = {kind.name: {} for kind in ALL_TYPES}
        self.archived: dict[str, dict[str, Definition]] = {kind.name: {} for kind in ALL_TYPES}
        self.groups: dict[str, dict[str, Group]] = {
            object_: {
                name: {"name": name, "label": label, "displayOrder": order, "archived": False}
                for order, (name, label) in enumerate(groups.items())
            }
            for object_, groups in PROPERTY_GROUPS.items()
        }
        self.pipelines = Pipelines(now)
        times = {"createdAt": now, "updatedAt": now}
        for object_, known in _standard_definitions().items():
            self.definitions[object_] |= {name: {**definition, **times} for name, definition in known.items()}
            self.refresh_stages(object_, now)

    def find(self, object_: str, name: str, *, archived: bool = False) -> Definition:
        """A definition, or an archived one. Raises HubSpotError 404."""
        definition = (self.archived if archived else self.definitions)[object_].get(name)
        if definition is None:
            raise property_not_found(name)
        return definition

    def define(self, object_: str, given: Mapping[str, Any], now: str) -> Definition:
        """Create a property from the keys of the API's create call, plus `readOnlyValue` and `calculated`.

        Raises HubSpotError 400 for a wrong definition, 409 for a name that exists.
        """
        complete = complete_definition(given, GROUPS[object_], now, hubspot_defined=False)
        existing = self.definitions[object_]
        self._check_group(object_, complete["groupName"])
        if complete["name"] in existing:
            message = f"A property named '{complete['name']}' already exists."
            raise HubSpotError(409, message, "OBJECT_ALREADY_EXISTS")
        unique = sum(one["hasUniqueValue"] for one in existing.values())
        if complete["hasUniqueValue"] and unique >= MOST_UNIQUE_PROPERTIES:
            raise invalid(f"{object_} already have {MOST_UNIQUE_PROPERTIES} unique properties")
        self.archived[object_].pop(complete["name"], None)
        existing[complete["name"]] = complete
        return complete

    def change(self, object_: str, name: str, given: Mapping[str, Any], now: str) -> Definition:
        """Change a property from the keys of the API's update call. Raises HubSpotError 400 or 404."""
        definition = self.find(object_, name)
        if definition["modificationMetadata"]["readOnlyDefinition"]:
            raise invalid(f"Property {name} is defined by HubSpot; its definition cannot be changed.")
        changed = changed_definition(definition, given, now)
        self._check_group(object_, changed["groupName"])
        self.definitions[object_][name] = changed
        return changed

    def archive(self, object_: str, name: str, now: str) -> None:
        """Archive a property; one that is archived already may be named again. Raises HubSpotError 400 or 404."""
        if name in self.archived[object_]:
            return
        definition = self.find(object_, name)
        if not definition["modificationMetadata"]["archivable"]:
            raise invalid(f"Property {name} is defined by HubSpot and cannot be archived.")
        del self.definitions[object_][name]
        self.archived[object_][name] = {**definition, "archived": True, "archivedAt": now}

    def find_group(self, object_: str, name: str) -> Group:
        """A property group. Raises HubSpotError 404."""
        group = self.groups[object_].get(name)
        if group is None:
            raise HubSpotError(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
        return group

    def create_group(self, object_: str, given: Mapping[str, Any]) -> Group:
        """Add a property group. Raises HubSpotError 400 or 409."""
        if missing := [key for key in ("name", "label") if not isinstance(given.get(key), str) or not given[key]]:
            raise required_fields(missing)
        if given["name"] in self.groups[object_]:
            raise HubSpotError(
                409, f"A property group named '{given['name']}' already exists.", "OBJECT_ALREADY_EXISTS"
            )
        group = {
            "name": given["name"],
            "label": given["label"],
            "displayOrder": _order(given, -1),
            "archived": False,
        }
        self.groups[object_][group["name"]] = group
        return group

    def change_group(self, object_: str, name: str, given: Mapping[str, Any]) -> Group:
        """Change label or display order of a group. Raises HubSpotError 400 or 404."""
        group = self.find_group(object_, name)
        label = given.get("label", group["label"])
        if not isinstance(label, str) or not label:
            raise required_fields(["label"])
        group.update(label=label, displayOrder=_order(given, group["displayOrder"]))
        return group

    def archive_group(self, object_: str, name: str) -> None:
        """Take an empty group away. Raises HubSpotError 400 or 404."""
        self.find_group(object_, name)
        if any(one["groupName"] == name for one in self.definitions[object_].values()):
            raise invalid(f"Property group {name} still has properties and cannot be archived.")
        del self.groups[object_][name]

    def refresh_stages(self, object_: str, now: str) -> None:
        """Make the options of the pipeline properties, and the properties of each stage, fit the pipelines."""
        for name, options in self.pipelines.options(object_):
            self.definitions[object_][name]["options"] = options
        if object_ not in STAGE_PROPERTIES:
            return
        for pipeline in self.pipelines.of(object_):
            for stage in live_stages(pipeline):
                for given in _stage_properties(stage["id"], f"{stage['label']} ({pipeline['label']})"):
                    if given["name"] not in self.definitions[object_]:
                        complete = complete_definition(given, GROUPS[object_], now, hubspot_defined=True)
                        self.definitions[object_][given["name"]] = complete

    def dump(self) -> dict[str, Any]:
        """The state as JSON can hold it."""
        return {
            "definitions": self.definitions,
            "archived": self.archived,
            "groups": self.groups,
            "pipelines": self.pipelines.dump(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a dumped state; object types that it does not know yet stay as in a new portal."""
        self.definitions |= state["definitions"]
        self.archived |= state["archived"]
        self.groups |= state["groups"]
        self.pipelines.restore(state["pipelines"])

    def _check_group(self, object_: str, name: Any) -> None:
        if not isinstance(name, str) or name not in self.groups[object_]:
            raise invalid(f"Property group {name} does not exist")


def _stage_properties(stage_id: str, label: str) -> Iterator[dict[str, Any]]:
    """What HubSpot notes about a record's time in a stage: dates, and milliseconds."""
    for name, what, type_, field_type in (
        (f"hs_v2_date_entered_{stage_id}", "Date entered", "datetime", "date"),
        (f"hs_v2_date_exited_{stage_id}", "Date exited", "datetime", "date"),
        (f"hs_v2_latest_time_in_{stage_id}", "Latest time in", "number", "number"),
        (f"hs_v2_cumulative_time_in_{stage_id}", "Cumulative time in", "number", "number"),
    ):
        yield {
            "name": name,
            "label": f'{what} "{label}"',
            "type": type_,
            "fieldType": field_type,
            "readOnlyValue": True,
            "formField": False,
        }


def property_not_found(name: str) -> HubSpotError:
    """404 for a property that does not exist, or lies on the other side of `archived`."""
    return HubSpotError(404, f"No property exists with the name '{name}'", "OBJECT_NOT_FOUND")


def required_fields(names: list[str]) -> HubSpotError:
    """400 for keys that a body lacks."""
    listed = ", ".join(names)
    message = f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{listed}]"
    return HubSpotError(400, message, "VALIDATION_ERROR")


def _order(given: Mapping[str, Any], default: int) -> int:
    order = given.get("displayOrder", default)
    if isinstance(order, bool) or not isinstance(order, int):
        raise invalid_json("displayOrder must be a whole number")
    return order
