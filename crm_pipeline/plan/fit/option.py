"""Options of dropdowns and picklists, HubSpot's stages and its lifecycle stage: which option a value becomes.

Belongs here: value maps, stages of the record's pipeline, the direction of a lifecycle. Not here: other types
(translate.py), whether a map is whole (verdict.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.config.field import ValueMap
from crm_pipeline.config.stage import pipeline_field
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import System, Value

#: HubSpot's property that moves forward only, unless it was cleared first; a value backwards is ignored in silence.
LIFECYCLE = "lifecyclestage"


class NoOption(Exception):  # noqa: N818 - the reason of one invalid operation
    """A value has no option in the target; the text says why, without the value."""


def option(
    values: ValueMap | None,
    text: str,
    system: System,
    object_: str,
    schema: FieldSchema,
    held: Mapping[str, Value],
) -> str:
    """The target's option for a canonical value (Salesforce's, where a value map is given). Raises NoOption.

    `held`: what the target record holds now; empty for a new one.
    """
    choices = _choices(values, text) if system is System.HUBSPOT else [text]
    where = f"{system.label} {object_}.{schema.name}"
    if schema.options:
        active = {o.value for o in schema.options if o.active}
        choices = [choice for choice in choices if choice in active]
        if not choices:
            raise NoOption(
                f"the value is not an option of {where}; add the option there or a line under values in the mapping"
            )
    if system is System.HUBSPOT:
        choices = _of_pipeline(choices, object_, schema, held)
        if moves_back(schema, choices[0], held.get(schema.name)):
            raise NoOption(
                f"HubSpot moves {schema.name} forward only, and the record is further on; clear it in HubSpot first, "
                "or use always_hubspot"
            )
    return choices[0]


def moves_back(schema: FieldSchema, value: Value, held: Value) -> bool:
    """Whether HubSpot would ignore a value in silence: a lifecycle stage before the one that the record holds."""
    order = [option.value for option in schema.options]
    known = schema.name == LIFECYCLE and held in order and value in order
    return known and order.index(str(value)) < order.index(str(held))


def _choices(values: ValueMap | None, text: str) -> list[str]:
    """HubSpot's values for one of Salesforce's, the preferred way back first."""
    if values is None:
        return [text]
    preferred = values.to_hubspot().get(text, text)
    others = (hubspot for hubspot, salesforce in values.to_salesforce.items() if salesforce == text)
    return list(dict.fromkeys([preferred, *others]))


def _of_pipeline(choices: list[str], object_: str, schema: FieldSchema, held: Mapping[str, Value]) -> list[str]:
    """Of several stages the one of the record's own pipeline: no other can be written."""
    name = pipeline_field(object_, schema.name)
    pipeline = str(held.get(name) or "") if name else ""
    if not pipeline or not any(o.group for o in schema.options):
        return choices
    own = {o.value for o in schema.options if o.group == pipeline}
    found = [choice for choice in choices if choice in own]
    if not found:
        raise NoOption(
            f"the value is not an option of the record's pipeline '{pipeline}' in HubSpot {object_}.{schema.name}; "
            "add a line under values for one of its stages"
        )
    return found
