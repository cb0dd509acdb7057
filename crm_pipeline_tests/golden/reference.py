"""Golden ids as the specification words them, record by record: what golden/entity.py is checked against.

From identity.md, Golden records, and law 34. The anchor of an id is the record that it was minted for; the part of a
split that holds the anchor keeps the id. Of several ids in one cluster the oldest stays, the others redirect to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from crm_pipeline.golden.entity import number_of
from crm_pipeline.model import Kind


class Record(NamedTuple):
    """A source record of one kind. `retired`: null while live. `survivor`: what a merge or conversion made of it."""

    key: str
    created_at: datetime
    retired: str | None = None
    survivor: str | None = None

    @property
    def age(self) -> tuple[datetime, str]:
        """Sorts the oldest record first, the smaller key among equals."""
        return self.created_at, self.key


@dataclass(frozen=True)
class Known:
    """What earlier runs gave out: id -> its anchor's key, record key -> its id, and the last number used."""

    anchors: Mapping[str, str]
    links: Mapping[str, str]
    last: int = 0


@dataclass(frozen=True)
class Assigned:
    """`links`: of every record. `anchors`: of every id in use. `redirects`: id -> the id that stays."""

    links: Mapping[str, str]
    anchors: Mapping[str, str]
    redirects: Mapping[str, str]
    last: int


def assign(kind: Kind, records: Iterable[Record], clusters: Mapping[str, str], known: Known) -> Assigned:
    """Give every record a golden id. `clusters`: record key -> its cluster, for the live ones.

    A retired record goes with what it was merged or converted into, else it stays with its id's anchor.
    """
    by_key = {record.key: record for record in records}
    parts = _parts(by_key, clusters, known)
    claims = _claims(parts, by_key, known)
    anchors: dict[str, str] = {}
    links: dict[str, str] = {}
    redirects: dict[str, str] = {}
    without = []
    for name in sorted(parts):
        owned = sorted(claims.get(name, {}), key=number_of)
        if not owned:
            without.append(min((by_key[key] for key in parts[name]), key=_live_first).key)
            continue
        redirects.update(dict.fromkeys(owned[1:], owned[0]))
        anchors[owned[0]] = claims[name][owned[0]]
        links.update(dict.fromkeys(parts[name], owned[0]))
    last = known.last
    of_key = {key: name for name, members in parts.items() for key in members}
    for last, anchor in enumerate(sorted(without), start=known.last + 1):
        golden_id = f"{kind}-{last}"
        anchors[golden_id] = anchor
        links.update(dict.fromkeys(parts[of_key[anchor]], golden_id))
    return Assigned(links, anchors, redirects, last)


def _live_first(record: Record) -> tuple[bool, datetime, str]:
    return record.retired is not None, *record.age


def _parts(by_key: Mapping[str, Record], clusters: Mapping[str, str], known: Known) -> dict[str, list[str]]:
    """Name of a part -> its records: a cluster with the retired records that became one of its members."""
    parts: dict[str, list[str]] = {}
    for key in sorted(by_key):
        record = by_key[key]
        if record.retired is None:
            parts.setdefault(clusters.get(key, key), []).append(key)
    stay = _homes(by_key, clusters, known)
    for key in sorted(by_key):
        record = by_key[key]
        if record.retired is not None:
            survivor = by_key.get(record.survivor) if record.survivor else None
            if survivor is not None and survivor.retired is None:
                name = clusters.get(survivor.key, survivor.key)
            else:
                name = stay.get(known.links.get(key, ""), f"{known.links.get(key, key)} retired")
            parts.setdefault(name, []).append(key)
    return parts


def _homes(by_key: Mapping[str, Record], clusters: Mapping[str, str], known: Known) -> dict[str, str]:
    """Golden id -> the cluster of its anchor, for ids with a live record: where its retired records stay."""
    homes = {}
    for golden_id, anchor in _anchors(by_key, known).items():
        if by_key[anchor].retired is None:
            homes[golden_id] = clusters.get(anchor, anchor)
    return homes


def _anchors(by_key: Mapping[str, Record], known: Known) -> dict[str, str]:
    """Golden id -> its anchor now: the record it was minted for, or what that became; else the oldest live record."""
    members: dict[str, list[Record]] = {}
    for key, golden_id in known.links.items():
        if key in by_key:
            members.setdefault(golden_id, []).append(by_key[key])
    anchors = {}
    for golden_id, first in known.anchors.items():
        anchor = by_key.get(first)
        if anchor is not None and anchor.retired is not None and anchor.survivor is not None:
            anchor = by_key.get(anchor.survivor, anchor)
        if anchor is None or anchor.retired is not None:
            held = members.get(golden_id, []) + ([anchor] if anchor else [])
            if not held:
                continue
            anchor = min(held, key=_live_first)
        anchors[golden_id] = anchor.key
    return anchors


def _claims(parts: Mapping[str, list[str]], by_key: Mapping[str, Record], known: Known) -> dict[str, dict[str, str]]:
    """Name of a part -> the ids whose anchor it holds, each with that anchor."""
    of_key = {key: name for name, members in parts.items() for key in members}
    claims: dict[str, dict[str, str]] = {}
    for golden_id, anchor in _anchors(by_key, known).items():
        claims.setdefault(of_key[anchor], {})[golden_id] = anchor
    return claims
