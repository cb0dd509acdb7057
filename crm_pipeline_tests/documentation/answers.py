"""What `--json` of each command holds: the contract with scripts. A key may come, none goes or changes its meaning.

Tests compare it with what the commands put out.
"""

from __future__ import annotations

#: Words of a command -> (what it is, its keys); of a list, the keys of each element.
ANSWERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": ("an object", ("run_id", "steps")),
    "push": ("an object", ("run_id", "steps")),
    "retry": ("an object", ("released",)),
    "undo": ("an object", ("plan_id", "hash", "state", "operations", "refused", "why", "explained")),
    "forecast": ("a list", ("system", "lines", "allowed", "daily_used", "daily_limit", "calls", "sufficient")),
    "plan show": (
        "an object",
        (
            *("plan_id", "run_id", "hash", "state", "why", "created_at", "expires_at", "approved_by", "purpose"),
            *("undoes", "asked_by", "changes", "problems", "conflicts", "waiting", "incompatible", "counts", "calls"),
            *("guards", "operations", "waiting_records", "disagreements", "left_out"),
        ),
    ),
    "review list": (
        "a list",
        (
            *("pair_id", "kind", "left_key", "right_key", "tier", "posterior", "candidates", "why_not_auto"),
            *("evidence", "evidence_hash"),
        ),
    ),
    "review show": (
        "an object",
        (
            *("pair_id", "kind", "left_key", "right_key", "tier", "posterior", "candidates", "why_not_auto"),
            *("evidence", "evidence_hash", "fields", "would_write"),
        ),
    ),
    "conflicts": (
        "a list",
        ("golden_id", "field", "rule", "kind", "sides", "certain", "winner", "why", "waits", "answered_by"),
    ),
    "hold list": (
        "a list",
        (
            *("hold_id", "golden_id", "record_key", "field", "origin", "held_by", "held_at", "why", "ended_at"),
            "ended_by",
        ),
    ),
    "why": ("an object", ("records", "fields", "differences", "writes")),
    "sql": ("a list", ("the query's columns",)),
    "proposals": (
        "a list",
        ("golden_id", "system", "object", "winner_key", "loser_key", "reason", "fields", "labels"),
    ),
    "alerts": ("a list", ("kind", "subject", "cause", "number", "run_id", "plan_id", "facts")),
    "erase": ("an object", ("erasure", "records", "rows", "files", "still")),
    "setup": ("a list", ("system", "object", "name", "doing", "words", "words_ja")),
    "preflight": (
        "a list",
        ("system", "key", "state", "topic", "topic_ja", "found", "found_ja", "to_do", "to_do_ja"),
    ),
    "fields": (
        "a list",
        (
            *("kind", "field", "part", "label_en", "label_ja", "rule", "hubspot_object", "hubspot_name"),
            *("hubspot_label", "hubspot_type", "salesforce_object", "salesforce_name", "salesforce_label"),
            *("salesforce_type", "verdict", "gaps", "why", "why_ja", "to_do", "to_do_ja", "allowed_rules"),
            *("problem", "problem_ja", "place"),
        ),
    ),
    "test-rules": ("an object", ("passed", "failed", "tests")),
    "simulate": ("an object", ("differences", "operations", "conflicts", "guards", "left_out", "unread")),
    "match": ("an object", ("the same as summary.json, see docs/matching.md",)),
    "explain": (
        "an object",
        (
            *("kind", "left_key", "right_key", "steps", "compared", "posterior", "candidates", "tier", "why"),
            *("said", "golden"),
        ),
    ),
    "coverage": ("a list", ("kind", "rules", "unlinkable")),
    "train": ("an object", ("applied", "models")),
    "match-diff": ("a list", ("kind", "groups", "pairs")),
}
