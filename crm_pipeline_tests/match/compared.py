"""Pairs of normalised records brought through features, loading and comparison: what tests ask them to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from crm_pipeline.match.comparison import compare
from crm_pipeline.match.features import refresh
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.load import load
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.vocabulary import Compared, Comparison
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.match.records import company, person, settings, warehouse

Columns = Mapping[str, Any]
Found = Mapping[str, str]


def empty(kind: Kind = Kind.PERSON, **shared: frozenset[str]) -> Model:
    """A model of nothing but shared values."""
    return Model(kind.value, {}, {}, {}, shared, {}, "")


def levels_of(
    folder: Path,
    kind: Kind,
    pairs: Sequence[tuple[Columns, Columns]],
    comparisons: Sequence[Comparison] | None = None,
    extra: Sequence[tuple[str, str, str]] = (),
    **shared: frozenset[str],
) -> list[Found]:
    """Of each pair: comparison -> level. `extra`: (record number, column, value) of a file's own columns."""
    make = person if kind is Kind.PERSON else company
    left, right = ("hubspot/contacts", "salesforce/Lead")
    rows = [make(f"{left}/{n}", **one) for n, (one, _) in enumerate(pairs)]
    rows += [make(f"{right}/{n}", **other) for n, (_, other) in enumerate(pairs)]
    house = warehouse(folder, *((rows, []) if kind is Kind.PERSON else ([], rows)))
    with house.connect() as connection:
        connection.execute('create temp table extra (record_key varchar, "column" varchar, value varchar)')
        if extra:
            connection.executemany("insert into extra values (?, ?, ?)", [list(row) for row in extra])
        refresh(connection, kind, settings(), empty(kind, **shared))
        subjects = load(connection, kind)
        places = places_of(connection, kind)
    known = tuple(comparisons or (PERSON if kind is Kind.PERSON else COMPANY))
    compared = compare(
        subjects,
        known,
        np.array([places[f"{left}/{n}"] for n in range(len(pairs))], dtype=np.int32),
        np.array([places[f"{right}/{n}"] for n in range(len(pairs))], dtype=np.int32),
        {},
    )
    return named(compared)


def places_of(connection: Connection, kind: Kind) -> dict[str, int]:
    """record_key -> place in the subjects."""
    keys = connection.execute(f"select record_key from match.{kind} order by id").fetchall()
    return {key: place for place, (key,) in enumerate(keys)}


def named(compared: Compared) -> list[Found]:
    return [
        {c.name: c.levels[code - 1].name for c, code in zip(compared.comparisons, row, strict=True) if code}
        for row in compared.levels.tolist()
    ]


def every_pair(subjects: Subjects) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.triu_indices(len(subjects), 1)
    return left.astype(np.int32), right.astype(np.int32)
