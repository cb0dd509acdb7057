"""What of all that holds is news to somebody who was told of some of it: first violation and recovery, nothing between.

Pure: findings and memory in, news out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_pipeline.alerts.finding import MOMENTS, Finding, Kind, Told

#: Told again when it is at least so many times as much, and so many more, as was told.
_TIMES, _MORE = 2, 10


@dataclass(frozen=True)
class News:
    """`begun`: findings to tell; `over`: what was told and holds no longer; `forgotten`: the same, without a word."""

    begun: Sequence[Finding] = ()
    over: Sequence[Told] = ()
    forgotten: Sequence[Told] = ()

    def __bool__(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.begun or self.over)


def news(findings: Iterable[Finding], told: Iterable[Told]) -> News:
    """In the order of the kinds, then of subjects, whatever the order of the input."""
    known = {(one.kind, one.subject): one for one in told}
    holds = {(one.kind, one.subject): one for one in findings}
    begun = [one for key, one in holds.items() if _is_new(one, known.get(key))]
    gone = [one for key, one in known.items() if key not in holds]
    return News(
        sorted(begun, key=_place),
        sorted((one for one in gone if one.kind not in MOMENTS), key=_place),
        sorted((one for one in gone if one.kind in MOMENTS), key=_place),
    )


def _is_new(finding: Finding, told: Told | None) -> bool:
    if told is None or told.cause != finding.cause:
        return True
    return finding.number >= _TIMES * told.number and finding.number >= told.number + _MORE


def _place(one: Finding | Told) -> tuple[int, str]:
    return list(Kind).index(one.kind), one.subject
