"""A person's word that two records of a linked kind are one, or are not: the next run links them or takes them apart.

Belongs here: what may be said about deals, tickets, tasks and activities. Not here: pairs of people and companies, that
are found by matching and reviewed (match/review.py), and what follows from the word (linked.py).
"""

from __future__ import annotations

import json
from typing import Literal

from crm_pipeline.config import Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.pair import Pair
from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.model import LINKED, Kind, split_record_key
from crm_pipeline.warehouse import Connection


def say(
    connection: Connection,
    settings: Settings,
    records: tuple[str, str],
    verdict: Literal["match", "not_a_match"],
    by: str,
    why: str = "",
) -> Kind:
    """Remember a person's word on two records (`system/object/id`); the newest word on a pair counts. Returns the kind.

    Raises NotFoundError for a record that is not known or gone, and ConfigError for records that cannot be one: of one
    CRM, of different kinds, of a kind that is matched or not synced; and when nobody is named.
    """
    if not by.strip():
        raise ConfigError("a link needs a name: say who decides with --by")
    left, right = sorted(records)
    (one, kind, pair), (other, _, pair_there) = (_record(connection, settings, key) for key in (left, right))
    if pair != pair_there or one == other:
        raise ConfigError(
            f"{left} and {right} cannot be one record: name one of each CRM, of objects that the mapping pairs"
        )
    connection.execute(
        "insert into state.decision values (?, ?, ?, ?, now(), ?, '', '')", [left, right, verdict, by.strip(), why]
    )
    return kind


def _record(connection: Connection, settings: Settings, key: str) -> tuple[str, Kind, Pair]:
    """The system of a live record, its kind, and the objects that it and its counterpart are in."""
    try:
        system, object_, record_id = split_record_key(key)
    except ValueError:
        raise NotFoundError(f"{key} is no record; a record is named system/object/id, as hubspot/deals/151") from None
    kinds = [kind for kind in settings.mapping.kinds_of(object_) if kind.kind in LINKED]
    if not kinds:
        raise ConfigError(
            f"{system.label} {object_} is not linked by hand: people and companies are reviewed (crm-pipeline review), "
            "and what the mapping leaves out or has off is not synced"
        )
    row = connection.execute(
        f"select fields from raw.{system}_{object_.lower()} where record_id = ? and retired is null", [record_id]
    ).fetchone()
    found = _meant(kinds, object_, row[0]) if row else None
    if found is None:
        raise NotFoundError(f"the last run knows no record {key}; run once more if it is new")
    kind, pair = found
    return system.value, kind.kind, pair


def _meant(kinds: list[KindMapping], object_: str, fields: str) -> tuple[KindMapping, Pair] | None:
    values = json.loads(fields)
    return next(((kind, pair) for kind in kinds if (pair := kind.pair_of(object_, values))), None)
