"""Writing down how every mapped field fits: rows of plan.compatibility. Not here: the verdicts (fit/)."""

from __future__ import annotations

from collections.abc import Iterable

from crm_pipeline.config import Mapping
from crm_pipeline.plan.fit.compatibility import Pairing
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import Row, insert


def save(connection: Connection, plan_id: int, mapping: Mapping, found: Iterable[Pairing]) -> None:
    insert(connection, "plan.compatibility", ({"plan_id": plan_id, **row(mapping, pairing)} for pairing in found))


def row(mapping: Mapping, pairing: Pairing) -> Row:
    """A pairing in columns, with the place of its field in the mapping's file."""
    verdict = pairing.verdict
    return {
        "kind": pairing.kind,
        "field": pairing.field,
        "part": pairing.part,
        "label_en": pairing.label.en,
        "label_ja": pairing.label.ja,
        "rule": pairing.rule,
        "hubspot_object": pairing.hubspot.object,
        "hubspot_name": pairing.hubspot.name,
        "hubspot_label": pairing.hubspot.label,
        "hubspot_type": pairing.hubspot.type,
        "salesforce_object": pairing.salesforce.object,
        "salesforce_name": pairing.salesforce.name,
        "salesforce_label": pairing.salesforce.label,
        "salesforce_type": pairing.salesforce.type,
        "verdict": verdict.fit,
        "gaps": [{"to": gap.to, "value": gap.value} for gap in verdict.gaps],
        "why": verdict.why.en,
        "why_ja": verdict.why.ja,
        "to_do": verdict.to_do.en,
        "to_do_ja": verdict.to_do.ja,
        "allowed_rules": list(verdict.rules),
        "problem": pairing.problem.en,
        "problem_ja": pairing.problem.ja,
        "place": mapping.place(pairing.kind, pairing.field),
    }
