"""How a plan is cut into batches: canaries first, full batches, jobs for thousands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.model import Act, System
from crm_pipeline.push.batches import BATCH, CANARY, batches
from crm_pipeline.push.operation import Group, Op, Way, grouped

H, S = System.HUBSPOT, System.SALESFORCE
ACTS = (Act.CREATE, Act.UPDATE, Act.CLEAR, Act.ARCHIVE, Act.UNLINK_RESTORE)


def op(system: System, object_: str, number: int, act: Act) -> Op:
    record_id, key = (None, f"k{number}") if act is Act.CREATE else (f"{act}{number}", None)
    return Op("id", system, object_, record_id, key, act, "f", {}, {"F": 1}, "person-1", "r", "w", None, {})


counts = st.dictionaries(st.tuples(st.sampled_from([H, S]), st.sampled_from(ACTS)), st.integers(1, 460), max_size=4)


@given(counts, st.integers(1, 300))
def test_every_record_is_in_one_batch_and_every_way_begins_with_a_canary(
    wanted: dict[tuple[System, Act], int], bulk_from: int
) -> None:
    ops = [op(s, "Lead", n, act) for (s, act), number in sorted(wanted.items()) for n in range(number)]
    groups = grouped(ops)
    cut = list(batches(groups, bulk_from, lambda g: g.first.system is S))
    sent = [g for batch in cut for g in batch.groups]
    assert sorted(g.token for g in sent) == sorted(g.token for g in groups)
    assert {(g.first.system, g.way) for g in groups} == {(b.groups[0].first.system, b.groups[0].way) for b in cut}
    for batch in cut:
        first = batch.groups[0]
        assert {(g.first.system, g.first.object, g.way) for g in batch.groups} == {
            (first.first.system, "Lead", first.way)
        }
        assert len(batch.groups) <= (CANARY if batch.canary else 10_000 if batch.bulk else BATCH[first.first.system])
        assert not batch.bulk or (first.first.system is S and first.way in (Way.CREATE, Way.UPDATE))
    for system, way in {(g.first.system, g.way) for g in groups}:
        mine = [b for b in cut if (b.groups[0].first.system, b.groups[0].way) == (system, way)]
        assert [b.canary for b in mine] == [True] + [False] * (len(mine) - 1)


def test_what_a_job_cannot_say_goes_by_single_writes() -> None:
    groups = [Group((op(S, "Lead", n, Act.UPDATE),)) for n in range(20)]
    odd = groups[7].token
    cut = list(batches(groups, 10, lambda g: g.token != odd))
    assert [(len(b.groups), b.bulk) for b in cut] == [(5, False), (14, True), (1, False)]
    assert cut[2].groups[0].token == odd
