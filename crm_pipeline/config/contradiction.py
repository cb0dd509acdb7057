"""What one field of the mapping says against itself, as a sentence. Not here: what needs a CRM's schema (plan/fit/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_pipeline.model import Rule

if TYPE_CHECKING:
    from crm_pipeline.config.field import FieldMapping

_ALWAYS = (Rule.ALWAYS_SALESFORCE, Rule.ALWAYS_HUBSPOT)
#: Types whose values can be translated one by one.
_WITH_VALUES = ("text", "picklist", "multi_picklist")


def contradiction(field: FieldMapping, hubspot_lines: frozenset[str]) -> str:
    """The first contradiction; empty if there is none. `hubspot_lines`: names of HubSpot's lines in YAML."""
    lines = field.parts[0].names
    if field.rule in _ALWAYS and (field.edit_vs_clear or field.tie_breaker):
        key = "edit_vs_clear" if field.edit_vs_clear else "tie_breaker"
        return (
            f"{key} has nothing to decide under {field.rule}: one side always wins; remove it, or choose another rule"
        )
    if field.values and field.type not in _WITH_VALUES:
        return f"values are for {', '.join(_WITH_VALUES)}; a {field.type} has no options"
    for object_ in field.default_on_create:
        if object_ not in lines:
            return f"default_on_create names {object_}, and the field has no line for it; it has {', '.join(lines)}"
        if field.read_only(object_):
            return f"default_on_create names {object_}, where the field is a path: it is read, never written"
    targets = [line for line in lines if (line in hubspot_lines) is (field.rule is Rule.ALWAYS_SALESFORCE)]
    if field.rule in _ALWAYS and all(field.read_only(line) for line in targets):
        return f"{field.rule} writes nothing: {', '.join(targets)} is a path, which is read and never written"
    return ""
