"""What to do about a code (push/refusals.yaml), in Japanese: actions.tsv. A test finds those that are missing there."""

from __future__ import annotations

from functools import cache
from pathlib import Path


def action_ja(action: str) -> str:
    """The Japanese of an action; one that is not listed stays as it is."""
    return _actions().get(action, action)


@cache
def _actions() -> dict[str, str]:
    lines = Path(__file__).with_name("actions.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {english: japanese for english, _, japanese in (line.partition("\t") for line in lines)}
