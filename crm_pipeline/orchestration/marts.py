"""The marts as assets: each file of publish/marts, under the words of its own COMMENT.

Belongs here: what a mart is called, what it says, what is unique in it. Not here: what is shown of it (metadata.py).
The files are read as text: no stage is imported while the code location loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_FILES = Path(__file__).parents[1] / "publish" / "marts"
_COMMENT = re.compile(r"^comment on (?:table|view) (?:published\.)?(\w+) is '((?:[^']|'')*)';", re.MULTILINE)
#: Shown first; it stands for the whole copy.
MAIN = "customer_360"

#: Mart -> the columns that are different in every row of it.
UNIQUE: Mapping[str, tuple[str, ...]] = {
    "customer_360": ("golden_id",),
    "company_360": ("golden_id",),
    "deals": ("deal_id",),
    "tickets": ("record_key",),
    "runs": ("run_id",),
    "reach": ("run_id", "system", "capability"),
    "data_quality": ("run_id", "system", "kind", "field"),
    "duplicate_rate": ("run_id", "system", "kind"),
    "mapping": ("kind", "field", "part", "system", "object"),
    "matches": ("left_key", "right_key"),
    "match_review": ("left_key", "right_key"),
    "conflicts": ("golden_id", "field"),
    "sync_status": ("record_key",),
    "reconciliation": ("run_id", "system", "object"),
    "agreement": ("run_id", "kind", "field"),
    "drift": ("golden_id", "field", "hubspot_key", "salesforce_key"),
}


def marts() -> Mapping[str, str]:
    """Mart -> what it is, the main one first."""
    found = dict(_comments())
    return {name: found[name] for name in sorted(found, key=lambda name: (name != MAIN, name))}


def _comments() -> Iterator[tuple[str, str]]:
    for file in _FILES.glob("*.sql"):
        for name, text in _COMMENT.findall(file.read_text(encoding="utf-8")):
            yield name, text.replace("''", "'")
