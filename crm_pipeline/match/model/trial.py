"""Matching and training on a copy: what another configuration would do, while the warehouse stays as it is.

Belongs here: the copy (only what matching reads), runs on it, and what came out differently. Not here: words for it
(cli/match_diff.py), estimation (train.py).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.config import Settings
from crm_pipeline.match import stage
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.file import place, read, write
from crm_pipeline.match.model.groups import Regrouped, regrouped
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.train import train
from crm_pipeline.match.people import PERSON
from crm_pipeline.model import MATCHED, Kind, Tier
from crm_pipeline.warehouse import Connection, Warehouse

#: What matching and decisions.py read.
_READ = (
    "normalise.person",
    "normalise.company",
    "state.link",
    "state.decision",
    "raw.tombstone",
    "golden.entity",
    "golden.link",
    "golden.redirect",
    "match.cluster",
)
_COMPARISONS = {Kind.COMPANY: COMPANY, Kind.PERSON: PERSON}


@dataclass(frozen=True)
class Retiered:
    """A pair whose tier is another; a pair that is not shown at all is `none`."""

    left_key: str
    right_key: str
    before: Tier
    after: Tier


@dataclass(frozen=True)
class Changed:
    """What another configuration makes of the same records of one kind."""

    kind: Kind
    groups: Sequence[Regrouped]
    pairs: Sequence[Retiered]


def trained(warehouse: Warehouse, settings: Settings) -> Mapping[Kind, Model]:
    """The models that training would make now."""
    with _copied(warehouse) as copy, copy.connect() as connection:
        return {kind: train(connection, kind, known, settings) for kind, known in _COMPARISONS.items()}


def compared(
    warehouse: Warehouse, settings: Settings, other: Settings, models: Mapping[Kind, Path]
) -> Sequence[Changed]:
    """Match one copy as now and one with `other` and `models`; a kind without a model there keeps the present one.

    A setting that is part of the model (`shared_by_names`) takes a model that is made with it.
    """
    now = {kind: place(settings.warehouse, kind) for kind in MATCHED}
    anew = other.match.shared_by_names != settings.match.shared_by_names
    with _copied(warehouse) as first:
        second = Warehouse(first.path.parent / "other" / first.path.name)
        second.path.parent.mkdir()
        shutil.copyfile(first.path, second.path)
        _match(first, settings, now)
        _match(second, other, models if anew else {**now, **models})
        with second.connect() as connection:
            connection.execute("attach ? as before (read_only)", [str(first.path)])
            return [Changed(kind, _groups(connection, kind), _pairs(connection, kind)) for kind in _COMPARISONS]


@contextmanager
def _copied(warehouse: Warehouse) -> Iterator[Warehouse]:
    """A warehouse with what matching reads, beside the real one, until the block ends."""
    with (
        warehouse.read(),  # waits for whoever holds it, and keeps others from changing it
        tempfile.TemporaryDirectory(prefix=".match-", dir=warehouse.path.parent) as folder,
    ):
        copy = Warehouse(Path(folder) / "crm.duckdb")
        with copy.connect() as connection:
            connection.execute("attach ? as source (read_only)", [str(warehouse.path)])
            for table in _READ:
                connection.execute(f"insert into {table} by name from source.{table}")
        yield copy


def _match(copy: Warehouse, settings: Settings, models: Mapping[Kind, Path]) -> None:
    """Each copy has a folder of its own: its models are there, and its first run makes those that are missing."""
    for kind, path in models.items():
        if path.exists():
            write(read(path), place(copy.path, kind))
    stage.run(copy, settings, 0)


def _groups(connection: Connection, kind: Kind) -> Sequence[Regrouped]:
    members = (
        "(select record_key, cluster, "
        "sum(hash(record_key)::hugeint) over (partition by cluster) as members from {}match.cluster where kind = $kind)"
    )
    rows = connection.execute(
        f"""
        select record_key, old.cluster, new.cluster from {members.format("before.")} old
        join {members.format("")} new using (record_key) where old.members <> new.members
        """,
        {"kind": kind},
    ).fetchall()
    return regrouped({key: old for key, old, _ in rows}, {key: new for key, _, new in rows})


def _pairs(connection: Connection, kind: Kind) -> Sequence[Retiered]:
    rows = connection.execute(
        """
        select left_key, right_key, coalesce(old.tier, 'none') as was, coalesce(new.tier, 'none') as is_now
        from (from before.match.pair where kind = $kind) old
        full join (from match.pair where kind = $kind) new using (left_key, right_key)
        where was <> is_now order by left_key, right_key
        """,
        {"kind": kind},
    ).fetchall()
    return [Retiered(left, right, Tier(was), Tier(now)) for left, right, was, now in rows]
