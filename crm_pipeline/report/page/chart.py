"""Small drawings as SVG that stretch to the width they get; their numbers stand beside them as text.

Belongs here: pure functions from numbers to SVG. Not here: words, colours (page.css).
"""

from __future__ import annotations

from collections.abc import Sequence

_HEIGHT = 40


def meter(share: float, *, style: str = "") -> str:
    """A bar that is filled to a share from 0 to 1."""
    return _bar(f'<rect class="on {style}" width="{_number(100 * _within(share))}" height="10"/>')


def before_after(before: float, after: float) -> str:
    """A bar with what there would be anyway, and what came on top; shares from 0 to 1."""
    low, high = _within(min(before, after)), _within(max(before, after))
    return _bar(
        f'<rect class="was" width="{_number(100 * low)}" height="10"/>'
        f'<rect class="on{" lost" if after < before else ""}" x="{_number(100 * low)}" '
        f'width="{_number(100 * (high - low))}" height="10"/>'
    )


def lines(series: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Lines over the same places, with 0 at the bottom. `series`: (style, a value for each place); two places at
    least, or nothing is drawn."""
    places = max((len(values) for _, values in series), default=0)
    if places < 2:
        return ""
    top = max((value for _, values in series for value in values), default=0) or 1
    drawn = []
    for style, values in series:
        points = [
            f"{_number(100 * place / (places - 1))},{_number(_HEIGHT - 2 - (_HEIGHT - 4) * value / top)}"
            for place, value in enumerate(values)
        ]
        drawn.append(f'<polyline class="{style}" points="{" ".join(points)}"/>')
    return (
        f'<svg class="lines" viewBox="0 0 100 {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<line class="ground" x2="100" y1="{_HEIGHT - 1}" y2="{_HEIGHT - 1}"/>{"".join(drawn)}</svg>'
    )


def _bar(inside: str) -> str:
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="all" width="100" height="10"/>{inside}</svg>'
    )


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
