"""Which tables are assets: one for each that is worth seeing, under the step of flow.py that writes it.

Belongs here: keys, descriptions, what is unique, what depends on what. Not here: how a step runs (assets.py), what it
shows (metadata.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.flow import STAGES, UNFINISHED, Step
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS
from crm_pipeline.orchestration import marts


@dataclass(frozen=True)
class Table:
    """An asset. `rows`: what follows `select count(*) from`; empty if the table is in the published copy. `unique`: the
    columns that are different in every row, where that is promised."""

    stage: str
    name: str
    rows: str
    description: str
    unique: tuple[str, ...] = ()

    @property
    def key(self) -> dg.AssetKey:
        return dg.AssetKey([self.stage, self.name])

    @property
    def relation(self) -> str:
        """The table or view as SQL names it; a mart by its bare name."""
        return self.rows.split()[0] if self.rows else self.name

    @property
    def is_mart(self) -> bool:
        return not self.rows


#: Stage -> (asset name, rows, description, unique columns).
_TABLES: Mapping[str, Sequence[tuple[str, str, str, tuple[str, ...]]]] = {
    "normalise": (
        (
            "person",
            "normalise.person",
            "Comparison keys of every person record. Nothing here is written into a CRM.",
            ("record_key",),
        ),
        ("company", "normalise.company", "Comparison keys of every company record.", ("record_key",)),
    ),
    "match": (
        (
            "pair",
            "match.pair",
            "Pairs that may be the same customer: the evidence in words, how sure it is, the tier.",
            ("left_key", "right_key"),
        ),
        (
            "cluster",
            "match.cluster",
            "Records that are one customer: automatic links and a person's decisions.",
            ("record_key",),
        ),
        ("review", "match.review", "Pairs that wait for a person: `crm-pipeline review list`.", ()),
        ("problem", "match.problem", "Decisions that contradict each other, and links that a constraint cut.", ()),
    ),
    "golden": (
        ("link", "golden.link", "The crosswalk: which source record belongs to which golden record.", ("record_key",)),
    ),
    "plan": (
        (
            "change",
            "plan.operation where plan_id = (select max(plan_id) from plan.plan)",
            "Every write of the newest plan, with its rule and reason. Push reads nothing else.",
            ("op_id",),
        ),
        (
            "conflict",
            "plan.conflict",
            "Fields on which the CRMs disagreed, and who won: `crm-pipeline conflicts`.",
            ("golden_id", "field"),
        ),
        (
            "waiting",
            "plan.waiting where plan_id = (select max(plan_id) from plan.plan)",
            "Records that are not created in the other CRM yet, and what they wait for.",
            (),
        ),
    ),
    "push": (
        ("outbox", "push.outbox", "Every operation that was sent or left out, and what became of it.", ()),
        ("audit", "push.audit", "Every value that was replaced, kept for good.", ()),
        (
            "quarantine",
            "state.quarantine where released_at is null",
            "What a CRM refused for good: sent again when the record, the mapping or the schema changes, or after "
            "`crm-pipeline retry`.",
            (),
        ),
    ),
}

#: Of golden records, by kind.
_GOLDEN: Mapping[str, str] = {
    "person": "One row for each person, with the best value of every mapped field.",
    "company": "One row for each company, with the best value of every mapped field.",
    "deal": "One row for each deal, linked across the CRMs by id, never matched.",
    "ticket": "One row for each ticket or case, linked across the CRMs by id, never matched.",
    "task": "One row for each task, linked across the CRMs by id, never matched.",
    "activity": "One row for each call, meeting, note or event, linked across the CRMs by id, never matched.",
}

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


def of_step(step: Step, settings: Settings) -> tuple[Table, ...]:
    """The assets that a step writes, the main one first."""
    if step.stage == "extract":
        return _extracted(step)
    if step.stage == "publish":
        return tuple(
            Table("publish", name, "", text, marts.UNIQUE.get(name, ())) for name, text in marts.marts().items()
        )
    tables = tuple(Table(step.stage, *table) for table in _TABLES[step.stage])
    return (*_golden(settings), *tables) if step.stage == "golden" else tables


def _golden(settings: Settings) -> tuple[Table, ...]:
    """A table for each kind that is synced, people first."""
    synced = {one.kind.value for one in settings.mapping.kinds}
    kinds = [kind for kind in _GOLDEN if kind in synced]
    return tuple(Table("golden", kind, f"golden.{kind}", _GOLDEN[kind], ("golden_id",)) for kind in kinds)


def _extracted(step: Step) -> tuple[Table, ...]:
    if step.name == UNFINISHED:
        rows = "push.outbox where state in ('sent', 'unknown')"
        return (Table("extract", step.name, rows, "Writes of an earlier run whose answer was lost, read back first."),)
    if step.name == "associations":
        unread = "Records that a CRM gave and that could not be used, and why; each is read again every night."
        return (
            Table("extract", step.name, "raw.association", "Which records belong together, in each CRM."),
            Table("extract", "quarantine", "raw.quarantine where released_run is null", unread),
        )
    system = "".join(sorted(step.calls))
    if step.name.endswith("_schema"):
        rows = f"raw.schema_field where system = '{system}'"
        text = (
            "Which account this is, its fields and what became of them, its users; what the night will cost in calls."
        )
        return (Table("extract", step.name, rows, text),)
    rows = f"raw.{step.name} where retired is null"
    return (Table("extract", step.name, rows, _WORDS[_kind(step)], ("record_id",)),)


def _kind(step: Step) -> str:
    """What the records of a step are to the customer."""
    kinds = {f"{system}_{object_.lower()}": kind for (system, object_), kind in {**OBJECTS, **OTHER_OBJECTS}.items()}
    return kinds[step.name]


def is_of_records(step: Step) -> bool:
    """Whether a step reads records, so that it can read only those that changed."""
    return step.stage == "extract" and step.name != UNFINISHED and not step.name.endswith("_schema")


def deps_of(step: Step, steps: Iterable[Step], settings: Settings) -> list[dg.AssetKey]:
    """Assets that must be written before this step; for the many marts one asset a stage stands for all."""
    most = 1 if step.stage == "publish" else None
    return [table.key for other in steps if _reads(step, other) for table in of_step(other, settings)[:most]]


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


def tags_of(step: Step) -> Mapping[str, str]:
    """`stage: 5-plan`: the UI lists groups by the alphabet, the tag says which comes when."""
    return {"stage": f"{STAGES.index(step.stage) + 1}-{step.stage}"}


def owners_of(step: Step, settings: Settings) -> Sequence[str]:
    """Who is asked about it: of records the people who work in that CRM, of everything else who runs the pipeline."""
    if step.stage == "extract" and len(step.calls) == 1:
        (system,) = step.calls
        return [getattr(settings.owners, system)]
    return [settings.owners.pipeline]
