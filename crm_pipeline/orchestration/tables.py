"""Which tables are assets: one for each that is worth seeing, under the step of flow.py that writes it.

Belongs here: keys, descriptions, what depends on what. Not here: how a step runs (assets.py), what it shows
(metadata.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from crm_pipeline.flow import UNFINISHED, Step
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS


@dataclass(frozen=True)
class Table:
    """An asset. `rows`: what follows `select count(*) from`; empty if the table is in the published copy."""

    stage: str
    name: str
    rows: str
    description: str

    @property
    def key(self) -> dg.AssetKey:
        return dg.AssetKey([self.stage, self.name])


#: Stage or step -> (asset name, rows, description).
_TABLES: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "normalise": (
        ("person", "normalise.person", "Comparison keys of every person record. Nothing here is written into a CRM."),
        ("company", "normalise.company", "Comparison keys of every company record."),
    ),
    "match": (
        ("pair", "match.pair", "Pairs that may be the same customer: the evidence in words, how sure it is, the tier."),
        ("cluster", "match.cluster", "Records that are one customer: automatic links and a person's decisions."),
        ("review", "match.review", "Pairs that wait for a person: `crm-pipeline review list`."),
    ),
    "golden": (
        ("person", "golden.person", "One row for each person, with the best value of every mapped field."),
        ("company", "golden.company", "One row for each company."),
        ("link", "golden.link", "The crosswalk: which source record belongs to which golden record."),
    ),
    "plan": (
        (
            "change",
            "plan.change where plan_id = (select max(plan_id) from plan.plan)",
            "Every write of the newest plan, with its rule and reason. Push reads nothing else.",
        ),
        ("conflict", "plan.conflict", "Fields on which the CRMs disagreed, and who won."),
    ),
    "push": (
        ("outbox", "push.outbox", "Every operation that was sent or left out, and what became of it."),
        ("audit", "push.audit", "Every value that was replaced, kept for good."),
    ),
    "publish": (
        ("customer_360", "", "One row for each customer, with both CRMs side by side."),
        ("reach", "", "Whom marketing can mail and sales can phone, run by run."),
        ("writes", "", "What was written into the CRMs, by rule."),
        ("match_review", "", "Pairs that wait for a person, with both records and the evidence."),
        ("sync_status", "", "Every source record: where it stands, and one sentence about it."),
        ("agreement", "", "How far both CRMs agree, field by field, and what is in the way."),
    ),
}  # fmt: skip

#: What an extracted record is to the customer (model.OBJECTS, model.OTHER_OBJECTS) -> description of its table.
_WORDS: Mapping[str, str] = {
    kind: f"{what}. As the CRM gave them, byte for byte; every change is kept in raw.history."
    for kind, what in {
        "person": "People, to be matched across the CRMs",
        "company": "Companies, to be matched across the CRMs",
        "deal": "Deals of the customers, linked across the CRMs where they are synced",
        "deal_role": "Who plays which part in a deal; read only",
        "ticket": "Requests of the customers, linked across the CRMs where they are synced",
        "task": "What somebody has to do for a customer (in Salesforce calls and e-mails as well), linked if synced",
        "activity": "What was said, written and met about with the customers, linked where that is synced",
    }.items()
}

#: Stages whose assets must be there first, beside the stage's own. Publish waits for a push only where there is one.
_AFTER: Mapping[str, Sequence[str]] = {
    "normalise": ("extract",),
    "match": ("normalise",),
    "golden": ("match",),
    "plan": ("golden",),
    "push": ("plan",),
    "publish": ("golden", "plan", "push"),
}


def of_step(step: Step) -> tuple[Table, ...]:
    """The assets that a step writes, the main one first."""
    if step.stage != "extract":
        return tuple(Table(step.stage, *table) for table in _TABLES[step.stage])
    if step.name == UNFINISHED:
        rows = "push.outbox where state in ('sent', 'unknown')"
        return (Table("extract", step.name, rows, "Writes of an earlier run whose answer was lost, read back first."),)
    if step.name == "associations":
        return (Table("extract", step.name, "raw.association", "Which records belong together, in each CRM."),)
    system = "".join(sorted(step.calls))
    if step.name.endswith("_schema"):
        rows = f"raw.schema_field where system = '{system}'"
        text = (
            "Which account this is, its fields and what became of them, its users; what the night will cost in calls."
        )
        return (Table("extract", step.name, rows, text),)
    rows = f"raw.{step.name} where retired is null"
    return (Table("extract", step.name, rows, _WORDS[_kind(step)]),)


def _kind(step: Step) -> str:
    """What the records of a step are to the customer."""
    kinds = {f"{system}_{object_.lower()}": kind for (system, object_), kind in {**OBJECTS, **OTHER_OBJECTS}.items()}
    return kinds[step.name]


def is_of_records(step: Step) -> bool:
    """Whether a step reads records, so that it can read only those that changed."""
    return step.stage == "extract" and step.name != UNFINISHED and not step.name.endswith("_schema")


def deps_of(step: Step, steps: Iterable[Step]) -> list[dg.AssetKey]:
    """Assets that must be written before this step."""
    return [table.key for other in steps if _reads(step, other) for table in of_step(other)]


def _reads(step: Step, other: Step) -> bool:
    if step.stage != "extract":
        return other.stage in _AFTER[step.stage]
    if UNFINISHED in (step.name, other.name):
        return step.name != UNFINISHED
    if step.name == "associations":
        return other.stage == "extract" and other.name != step.name
    return other.name.endswith("_schema") and other.calls == step.calls and other.name != step.name


def kinds_of(step: Step) -> set[str]:
    """The icons of an asset: the CRMs that it calls, and DuckDB."""
    return {"duckdb", *(system.value for system in step.calls)}
