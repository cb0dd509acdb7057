"""What a push may change in the carried state: bases move only on acknowledgement (law 22), and all is accounted for.

Belongs here: comparing the bases before and after a push with what became of its operations. Not here: the night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.laws.machine.ground import FIELDS
from crm_pipeline_tests.laws.machine.world import World


def unaccounted(connection: Connection, plan_id: int) -> Iterator[str]:
    """Law 25 of one push: every operation of its plan has an end state."""
    (number,) = connection.execute(
        "select count(*) from plan.change c where plan_id = ? and not exists (from push.outbox o where "
        "o.plan_id = c.plan_id and o.op_id = c.op_id and o.state <> 'sent')",
        [plan_id],
    ).fetchall()[0]
    if number:
        yield f"law 25: {number} operations of plan {plan_id} have no end state"


def check_bases(
    golden: Mapping[str, World],
    golden_of: Mapping[str, str],
    before: Mapping[tuple[str, str], str],
    after: Mapping[tuple[str, str], str],
    ends: list[tuple[str, ...]],
) -> None:
    """Law 22 of one push, from the bases `before` and `after` and the `ends` of its operations: golden id, field,
    state, code, record key, operation. `golden`: golden id -> customer; `golden_of`: record key -> golden id."""
    states: dict[tuple[str, str], set[str]] = defaultdict(set)
    written: dict[tuple[str, str], set[str]] = defaultdict(set)
    for golden_id, name, state, code, key, operation in ends:
        if state in ("rejected", "quarantined", "invalid"):
            world = golden.get(golden_id)
            if world:
                fields = FIELDS if operation == "create" else [name]
                world.model.excused |= dict.fromkeys(fields, f"{state} {code}")
        # a ratchet is decided among the records of one side, too
        for one in [f for f in (*FIELDS, "name", "company") if f != "tight"] if name == "*" else [name]:
            states[golden_id, one].add(state if code != "target_moved" else "stale_target")
            if key and operation != "create":
                written[key, one].add(state)
    for (key, name), value in after.items():
        if before.get((key, name)) == value:
            continue
        golden_id = golden_of.get(key)
        if golden_id is None:
            continue
        own = written.get((key, name))
        all_landed = states[golden_id, name] <= {"landed"}
        if own and own & {"rejected", "unknown", "blocked", "not_sent", "stale"}:
            golden[golden_id].model.violations.append(f"law 22: the base of {key}.{name} moved, {own}")
        if not own and not all_landed and "stale_target" not in states[golden_id, name]:
            golden[golden_id].model.violations.append(
                f"law 22: the base of {key}.{name} moved, its decision is {states[golden_id, name]}"
            )
    for (golden_id, name), found in states.items():
        world = golden.get(golden_id)
        if world and found == {"landed"} and name in FIELDS:
            world.model.settled(world.keys(), name)
