"""The mapping with other rules for some of its fields: for trying them out (simulate, test-rules).

Belongs here: `phone=two_way` and `person.e_mail=always_salesforce` laid over a mapping. Not here: what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from typing import TypeVar

from pydantic import ValidationError

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.mapping import Mapping
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Kind, Rule

Model = TypeVar("Model", FieldMapping, KindMapping)


def parsed(texts: Iterable[str]) -> dict[str, Rule]:
    """`phone=two_way` -> {"phone": two_way}. Raises ConfigError naming what is not of that form, or no rule."""
    found: dict[str, Rule] = {}
    for text in texts:
        name, equals, rule = text.partition("=")
        if not equals or not name:
            raise ConfigError(f"'{text}' is no rule for a field; write FIELD=RULE, such as phone=two_way")
        if rule not in list(Rule):
            raise ConfigError(f"'{rule}' is not a rule; choose from {', '.join(Rule)}")
        found[name] = Rule(rule)
    return found


def with_rules(mapping: Mapping, rules: AnyMapping[str, Rule]) -> Mapping:
    """The mapping with these rules. `phone`: of every kind that has such a field; `person.phone`: of people only.

    Raises ConfigError for a field that the mapping does not have, and for a rule that the field cannot have.
    """
    unknown = set(rules)
    known: set[str] = set()
    changed: dict[str, KindMapping] = {}
    for kind in Kind:
        own: KindMapping | None = getattr(mapping, kind.value)
        if own is None:
            continue
        fields = []
        said: list[str] = []
        for field in own.fields:
            known.add(field.name)
            names = {field.name, f"{kind}.{field.name}"} & rules.keys()
            unknown -= names
            if names:
                # the longer name is the more precise one
                rule = rules[max(names, key=len)]
                said.append(f"{field.name}={rule}")
                fields.append(_otherwise(field, said[-1], rule=rule))
            else:
                fields.append(field)
        if said:
            changed[kind.value] = _otherwise(own, ", ".join(said), fields=tuple(fields))
    if unknown:
        raise ConfigError(f"the mapping has no field {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return mapping.model_copy(update=changed)


def _otherwise(model: Model, said: str, **other: object) -> Model:
    """A part of the mapping with other values, checked like one from a file. `said`: what somebody asked for."""
    values = {name: getattr(model, name) for name in type(model).model_fields}
    try:
        return type(model).model_validate(values | other)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]
        raise ConfigError(f"{said}: {reason.get('ctx', {}).get('error', reason['msg'])}") from None
