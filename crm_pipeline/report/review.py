"""A pair in review as a person reads it: both records side by side, and as a row of a table.

Belongs here: words and columns. Not here: the queue (match/review.py), what would be written (plan/trial/preview.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crm_pipeline.config import Settings
from crm_pipeline.report import mask

if TYPE_CHECKING:
    from crm_pipeline.match.review.review import Pair

#: Of the table that a steward fills in; the last two are theirs. `evidence`: proves that nothing changed meanwhile.
COLUMNS = (
    "pair",
    "kind",
    "tier",
    "posterior",
    "left",
    "left_record",
    "right",
    "right_record",
    "reasons",
    "根拠",
    "would_write",
    "evidence",
    "verdict",
    "why",
)


def side_by_side(
    settings: Settings, pair: Pair, raw: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, str]]:
    """(field of the mapping, value here, value there); `-` where the object has no such field. `raw`: by record key."""
    records = [(key.split("/", 2)[1], raw[key]) for key in (pair.left_key, pair.right_key)]
    for field in settings.mapping.of(pair.kind).fields:
        here, there = (
            mask.parts({name: fields.get(name) for name in field.names(object_)}, in_full=True)
            if field.has(object_)
            else "-"
            for object_, fields in records
        )
        yield field.name, here, there


def row(settings: Settings, pair: Pair, raw: Mapping[str, Mapping[str, Any]], would_write: list[str]) -> dict[str, str]:
    """One pair as a row of the steward's table. No cell begins with a sign that a spreadsheet takes for a formula."""
    fields = list(side_by_side(settings, pair, raw))

    def filled(place: int) -> str:
        return "; ".join(f"{f[0]}: {f[place]}" for f in fields if f[place] not in ("-", mask.BLANK))

    def reasons(words: list[tuple[bool, str]], supports: str, contradicts: str) -> str:
        return "\n".join(f"{supports if is_for else contradicts}: {text}" for is_for, text in words)

    return {
        "pair": pair.pair_id,
        "kind": pair.kind,
        "tier": pair.tier,
        "posterior": f"{min(pair.posterior, 0.999):.3f}",
        "left": pair.left_key,
        "left_record": filled(1),
        "right": pair.right_key,
        "right_record": filled(2),
        "reasons": reasons([(e.supports, e.words) for e in pair.evidence], "for", "against"),
        "根拠": reasons([(e.supports, e.words_ja) for e in pair.evidence], "一致", "相違"),
        "would_write": "\n".join(would_write),
        "evidence": pair.evidence_hash,
        "verdict": "",
        "why": "",
    }
