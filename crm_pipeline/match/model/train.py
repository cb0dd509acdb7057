"""From normalised records to a model: shared contacts, features, terms, weights and prior odds.

Belongs here: the order of the steps, and drawing the pairs. Not here: the arithmetic (estimate.py, terms.py); where a
model is kept (file.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.config import Settings
from crm_pipeline.match.blocking import pairs, refresh_keys
from crm_pipeline.match.comparison import compare
from crm_pipeline.match.features import refresh
from crm_pipeline.match.model import terms
from crm_pipeline.match.model.estimate import ENOUGH_RECORDS, estimate
from crm_pipeline.match.model.file import place, read, write
from crm_pipeline.match.model.model import Model, Terms
from crm_pipeline.match.model.sample import BLOCKED, Drawn, Places, Sample, group, random_pairs
from crm_pipeline.match.model.sharing import shared_values
from crm_pipeline.match.model.start import start
from crm_pipeline.match.records.load import load
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def current(connection: Connection, kind: Kind, comparisons: Sequence[Comparison], settings: Settings) -> Model:
    """The model beside the warehouse; the very first run makes and writes it. What the stage takes.

    One that too few records were there for is made anew as soon as there are enough: its odds are those of a small
    organisation. Raises ConfigError for a file that is damaged, of a newer version, or of something else.
    """
    path = place(settings.warehouse, kind)
    if path.exists():
        model = read(path, kind)
        if sum(model.records.values()) >= ENOUGH_RECORDS or _records(connection, kind) < ENOUGH_RECORDS:
            return model
    model = train(connection, kind, comparisons, settings)
    write(model, path)
    return model


def _records(connection: Connection, kind: Kind) -> int:
    row = connection.execute(f"select count(*) from normalise.{kind.value}").fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True)
class Material:
    """What a model is made of, beside the temporary table `pair`: all records, the contacts that several customers use,
    and how common values are."""

    kind: Kind
    subjects: Subjects
    shared: Mapping[str, frozenset[str]]
    terms: Mapping[str, Terms]


def train(connection: Connection, kind: Kind, comparisons: Sequence[Comparison], settings: Settings) -> Model:
    """Make the model of one kind anew. Uses and changes match.<kind> and match.block_key: the caller matches anew
    afterwards, or works on a copy. Companies go first: match.cluster tells who has the same employer."""
    return model_of(connection, gather(connection, kind, comparisons, settings), comparisons)


def gather(connection: Connection, kind: Kind, comparisons: Sequence[Comparison], settings: Settings) -> Material:
    """Records and, where they are enough, all their pairs. Records are loaded last: while blocks are joined, DuckDB
    needs the memory."""
    shared = shared_values(connection, kind, settings.match)
    refresh(connection, kind, settings, start(kind, comparisons, {}, shared, {}))
    # Of all pairs, whatever an earlier run has compared already.
    connection.execute(f"create or replace temp table changed as select id from match.{kind.value}")
    row = connection.execute("select count(*) from changed").fetchone() or (0,)
    if row[0] >= ENOUGH_RECORDS:
        refresh_keys(connection, kind)
        pairs(connection, kind, settings)
    subjects = load(connection, kind)
    return Material(kind, subjects, shared, terms.estimate(kind, subjects))


def model_of(connection: Connection, material: Material, comparisons: Sequence[Comparison]) -> Model:
    """The model; it differs with what the levels of `comparisons` can do."""
    subjects = material.subjects
    source = subjects.values["source"]
    counts = np.bincount(source.codes, minlength=len(source.distinct)).tolist()
    records = dict(zip(source.distinct, counts, strict=True))
    begun = start(material.kind, comparisons, records, material.shared, material.terms)
    if len(subjects) < ENOUGH_RECORDS:
        return begun
    return estimate(begun, comparisons, _sample(connection, comparisons, begun, subjects))


def _sample(connection: Connection, comparisons: Sequence[Comparison], model: Model, subjects: Subjects) -> Sample:
    """Random pairs and blocked pairs of all records, compared. Needs the temporary table `pair`."""
    rarity = terms.rarities(subjects, model.terms)
    sources, codes = subjects.values["source"].distinct, subjects.values["source"].codes
    sides = list(combinations_with_replacement(range(len(sources)), 2))
    side_of = np.zeros((len(sources), len(sources)), dtype=np.uint8)
    for number, (one, other) in enumerate(sides):
        side_of[one, other] = side_of[other, one] = number

    def drawn(left: Places, right: Places) -> Drawn:
        return Drawn(compare(subjects, comparisons, left, right, rarity), side_of[codes[left], codes[right]])

    dice = _dice(connection, Kind(model.kind))
    left, right, scale = _blocked(connection, subjects, dice)
    counts = [model.records[source] for source in sources]
    return group(
        drawn(*random_pairs(np.argsort(dice, kind="stable").astype(np.int32))),
        drawn(left, right),
        scale,
        [(sources[one], sources[other]) for one, other in sides],
        [counts[a] * counts[b] if a != b else counts[a] * (counts[a] - 1) // 2 for a, b in sides],
    )


def _dice(connection: Connection, kind: Kind) -> NDArray[np.uint64]:
    """A number of each record, by ascending id, that follows from its key: no draw depends on the order of records."""
    query = f"select md5_number_lower(record_key) as dice from match.{kind.value} order by id"
    return np.asarray(connection.execute(query).fetchnumpy()["dice"], dtype=np.uint64)


def _blocked(connection: Connection, subjects: Subjects, dice: NDArray[np.uint64]) -> tuple[Places, Places, float]:
    """Places of blocked pairs, a part of them where they are too many, and how many each stands for."""
    found = connection.execute("select l, r from pair").fetchnumpy()
    left, right = (np.searchsorted(subjects.ids, found[side]).astype(np.int32) for side in ("l", "r"))
    if len(left) <= BLOCKED:
        return left, right, 1.0
    drawn = (dice[left] ^ dice[right]) < np.uint64(BLOCKED / len(left) * 2**64)
    return left[drawn], right[drawn], len(left) / max(int(drawn.sum()), 1)
