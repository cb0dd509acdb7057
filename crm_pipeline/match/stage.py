"""The match stage: companies, then people, each with the model beside the warehouse.

Belongs here: what the stage reads and tells. The result depends on the records, the decisions, the settings and the
models only, never on the order of rows or on what earlier runs did. Not here: the chain (engine.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.config import Settings
from crm_pipeline.match import engine
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.difference import staleness
from crm_pipeline.match.model.file import place
from crm_pipeline.match.model.train import current
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.review import restored
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Warehouse

#: What DuckDB may use before it works on disk; half as much again goes to the arrays of a million records. With 700 MB
#: the pairs of an organisation of a million were too many.
_MEMORY = "1500MB"


@dataclass(frozen=True)
class MatchResult:
    """Counts of pairs by tier, of clusters with more than one record, and of problems; `explained`: why the models
    should be made anew, empty while they fit."""

    pairs: Mapping[str, int]
    clusters: int
    problems: int
    explained: str = ""


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> MatchResult:
    """Match what changed: companies, then people, as people's companies tell who has one employer."""
    settings = settings.model_copy(update={"warehouse": warehouse.path})
    stale: list[str] = []
    with warehouse.connect(memory=_MEMORY) as connection:
        restored.take_up(connection, run_id)
        for kind, comparisons in ((Kind.COMPANY, COMPANY), (Kind.PERSON, PERSON)):
            if not place(warehouse.path, kind).exists():
                # Making a model brings the features up to date, so nothing would look changed afterwards.
                connection.execute("delete from match.state where kind = ?", [kind])
            model = current(connection, kind, comparisons, settings)
            engine.run(connection, kind, settings, model, comparisons)
            stale += staleness(connection, model, settings.match)
        tiers = dict(connection.execute("select tier, count(*) from match.pair group by tier").fetchall())
        row = connection.execute(
            # A cluster is called after one of its records: another record is in each that has several.
            "select (select count(distinct (kind, cluster)) from match.cluster where cluster <> record_key), "
            "(select count(*) from match.problem)"
        ).fetchone()
    assert row
    counted = {tier.value: tiers.get(tier.value, 0) for tier in Tier}
    return MatchResult(counted, int(row[0]), int(row[1]), ". ".join(stale))
