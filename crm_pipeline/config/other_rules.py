"""The mapping with other rules for some of its fields: for trying them out (simulate, test-rules).

Belongs here: `phone=two_way` and `person.e_mail=always_salesforce` laid over a mapping. Not here: what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping

from pydantic import ValidationError

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.mapping import Mapping
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Kind, Rule


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
    changed: dict[str, KindMapping] = {}
    for kind in Kind:
        own: KindMapping | None = getattr(mapping, kind.value)
        if own is None:
            continue
        fields = []
        for field in own.fields:
            names = {field.name, f"{kind}.{field.name}"} & rules.keys()
            unknown -= names
            # the longer name is the more precise one
            fields.append(_with_rule(field, rules[max(names, key=len)]) if names else field)
        changed[kind.value] = own.model_copy(update={"fields": tuple(fields)})
    if unknown:
        known = sorted({field.name for own in changed.values() for field in own.fields})
        raise ConfigError(f"the mapping has no field {', '.join(sorted(unknown))}; it has {', '.join(known)}")
    return mapping.model_copy(update=changed)


def _with_rule(field: FieldMapping, rule: Rule) -> FieldMapping:
    values = {name: getattr(field, name) for name in FieldMapping.model_fields}
    try:
        return FieldMapping.model_validate({**values, "rule": rule})
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]
        raise ConfigError(f"{field.name}={rule}: {reason.get('ctx', {}).get('error', reason['msg'])}") from None
