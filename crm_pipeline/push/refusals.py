"""The error registry: every code with which a write ends that did not go through, what it means, and what to do.

Belongs here: looking codes up. The codes themselves stand in refusals.yaml; whoever invents one adds it there, under
`ours`. Not here: what happens to an operation (outbox.py) and what is sent again (quarantine.py).

`python -m crm_pipeline.push.refusals` prints docs/errors.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert

OURS = "ours"


class Category(StrEnum):
    """Whose business a refusal is. The value is what documentation and tables say."""

    VALUE = "value"  # who keeps the record
    DUPLICATE = "duplicate"  # who reviews matches
    PERMISSION = "permission"  # the CRM's administrator
    MAPPING = "mapping"  # who keeps the mapping
    AUTOMATION = "automation"  # who looks after flows, triggers, workflows
    GONE = "gone"
    MOVED = "moved"
    BUSY = "busy"
    LIMIT = "limit"
    BLOCKED = "blocked"
    SAFETY = "safety"
    UNKNOWN = "unknown"
    NONE = "none"


class Retry(StrEnum):
    """When the operation is sent again: within the call, by the next run, when record, mapping or schema changed, or
    when a person says so."""

    CALL = "call"
    RUN = "run"
    CHANGED = "changed"
    PERSON = "person"


@dataclass(frozen=True)
class Refusal:
    """One code. `system`: the CRM that gives it, or `ours`; `says`: pattern of the sentence of a planned operation that
    means this code, empty where none does."""

    system: str
    code: str
    category: Category
    retry: Retry
    meaning: str
    meaning_ja: str
    action: str
    says: str = ""


@cache
def registry() -> dict[tuple[str, str], Refusal]:
    """All refusals by (system, code)."""
    text = files("crm_pipeline.push").joinpath("refusals.yaml").read_text(encoding="utf-8")
    return {
        (system, code): Refusal(system, code, Category(category), Retry(retry), *rest)
        for system, codes in yaml.safe_load(text).items()
        for code, (category, retry, *rest) in codes.items()
    }


def refusal(system: System | str, code: str) -> Refusal:
    """What a code means that an operation towards `system` ended with. A code that nobody listed is a CRM's refusal of
    the record for good."""
    known = registry()
    found = known.get((OURS, code)) or known.get((str(system), code))
    if found:
        return found
    label = System(system).label
    return Refusal(
        str(system),
        code,
        Category.VALUE,
        Retry.CHANGED,
        f"{label} refuses the record; this code is not in our list.",
        f"{label}がレコードを拒否しました（未登録のコード）。",
        "Read the message; correct the record, the mapping or the permission that it names.",
    )


def is_known(code: str) -> bool:
    """Whether some CRM, or we, give this code."""
    return any(code == known for _, known in registry())


def code_of(problem: str) -> str:
    """The code of a planned operation's problem, by its sentence; empty for one that nobody listed."""
    return next((one.code for one in registry().values() if one.says and re.search(one.says, problem)), "")


def write_down(connection: Connection) -> None:
    """Put the registry into push.code, where SQL finds it."""
    connection.execute("delete from push.code")
    insert(
        connection,
        "push.code",
        (
            {
                "system": one.system,
                "code": one.code,
                "category": one.category,
                "retry": one.retry,
                "meaning": one.meaning,
                "meaning_ja": one.meaning_ja,
                "action": one.action,
            }
            for one in registry().values()
        ),
    )


_WHEN = {
    Retry.CALL: "within the call, for at most some minutes",
    Retry.RUN: "by the next run",
    Retry.CHANGED: "when the record, the mapping or the CRM's fields changed, or by `crm-pipeline retry`",
    Retry.PERSON: "when a person says so",
}
_TITLES = {OURS: "Our own codes", System.HUBSPOT: "HubSpot's codes", System.SALESFORCE: "Salesforce's codes"}


def page() -> Iterator[str]:
    """The lines of docs/errors.md."""
    yield "# Errors: why a write did not go through"
    yield ""
    yield "This page is made from `crm_pipeline/push/refusals.yaml` (`python -m crm_pipeline.push.refusals`)."
    yield "A record's write ends with a state and a code: `push.outbox` has both, `push.code` has this list for SQL."
    yield "What is sent again, and when:"
    yield ""
    for retry, when in _WHEN.items():
        yield f"- `{retry}`: {when}"
    for system, title in _TITLES.items():
        yield ""
        yield f"## {title}"
        yield ""
        yield "| code | category | again | meaning | 意味 | what to do |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for one in registry().values():
            if one.system == system:
                cells = (f"`{one.code}`", one.category, one.retry, one.meaning, one.meaning_ja, one.action)
                yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(page()))
