"""Pairs as the UI shows them: both records as links, how sure it is, and the evidence in words without the values.

Names and addresses stand in the words of match.pair itself; here they are left out (law 45).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from crm_pipeline.orchestration.plan_preview import linked, unfolded
from crm_pipeline.report import links
from crm_pipeline.warehouse import Connection

_MOST = 10
#: Asset -> (what it shows, which pairs, in which order).
_SHOWN = {
    "match.pair": ("linked, the least sure first", "from match.pair where tier = 'auto'", "posterior, left_key"),
    "match.review": ("the surest that wait", "from match.review", "posterior desc, left_key"),
}


@dataclass(frozen=True)
class _Pair:
    left: str
    right: str
    posterior: float
    evidence: Sequence[dict[str, Any]]
    why_not: str | None


def pairs(connection: Connection, relation: str) -> dict[str, Any]:
    """The pairs of match.pair or match.review that are worth a look."""
    title, where, order = _SHOWN[relation]
    rows = connection.execute(
        f"select left_key, right_key, posterior, evidence, why_not_auto {where} order by {order} limit ?", [_MOST]
    ).fetchall()
    found = [_Pair(left, right, sure, json.loads(evidence), why) for left, right, sure, evidence, why in rows]
    if not found:
        return {}
    link = links.links(connection)

    def text(number: int) -> str:
        return "\n".join(_words(pair, link) for pair in found[:number])

    return {title: dg.MetadataValue.md(unfolded(text, len(found)))}


def _words(pair: _Pair, link: links.Link) -> str:
    sure = min(pair.posterior, 0.9999)
    reasons = [
        f"{what}: {', '.join(said)}"
        for what, verdict in (("for", "supports"), ("against", "contradicts"))
        if (said := list(_said(piece for piece in pair.evidence if piece["verdict"] == verdict)))
    ]
    because = [f"*{pair.why_not}*"] if pair.why_not else []
    records = f"{linked(link, pair.left)} and {linked(link, pair.right)}"
    return f"- {records}, {sure:.2%}. " + "; ".join([*reasons, *because])


def _said(pieces: Iterable[dict[str, Any]]) -> Iterable[str]:
    from crm_pipeline.match.evidence.words import without_values  # a stage: not while the code location loads

    return dict.fromkeys(without_values(piece["comparison"], piece["words"]) for piece in pieces)
