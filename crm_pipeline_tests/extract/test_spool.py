"""What cannot be kept, and what is kept byte for byte."""

import json
from datetime import UTC, datetime

import pytest

from crm_pipeline.crm.protocol import Tombstone
from crm_pipeline.extract.spool import Spool, UnusableRecordError, record_line, tombstone_line
from crm_pipeline.model import SourceRecord, System, Version

_AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)


def _record(record_id="1", history=None, **fields):
    return SourceRecord(System.HUBSPOT, "contacts", record_id, _AT, _AT, "me", fields, history or {})


def _same(_name, left, right):
    return left == right


@pytest.mark.parametrize(
    "value",
    ["NA", "", None, "x\x00y", "a\u2028b", "長" * 32_000, "髙﨑", "ｶﾅ", "e\u0301", "👨‍👩‍👧", 0.1, 10**19, True, '"\\'],
)
def test_a_value_survives_the_spool(value):
    line = json.loads(record_line(_record(f=value), 1, _same))
    assert json.loads(line["fields"]) == {"f": value}


def test_a_line_is_one_line():
    assert record_line(_record(f="a\nb\u2028c\x85d\re"), 1, _same).count("\n") == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (_record(jobtitle="\ud83d"), "the field jobtitle holds half of a surrogate pair"),
        (_record(record_id="\udc00"), "the id or a name holds half"),
        (_record(n=float("nan")), "not finite"),
        (_record(record_id=""), "no id"),
    ],
)
def test_a_record_that_cannot_be_kept_is_refused_with_a_reason_but_no_value(record, reason):
    with pytest.raises(UnusableRecordError, match=reason):
        record_line(record, 1, _same)


def test_an_unusable_record_does_not_take_others_with_it(tmp_path):
    spool = Spool(tmp_path)
    spool.add_records([[_record("1", f="a"), _record("2", f="\ud83d")], [_record("3", f="b")]], _same)
    assert spool.read == 3
    assert [record_id for record_id, _ in spool.quarantined] == ["2"]
    assert len(spool.records_path.read_text().splitlines()) == 2


def test_only_fields_of_the_record_get_a_time_from_history():
    record = _record(a="x", history={"a": (Version("x", _AT),), "b": (Version("y", _AT),), "c": ()})
    assert list(json.loads(json.loads(record_line(record, 1, _same))["known"])) == ["a"]


def test_a_tombstone_without_survivor_has_none():
    line = json.loads(tombstone_line(Tombstone("contacts", "1", "deleted")))
    assert line == {
        "record_id": "1",
        "reason": "deleted",
        "gone_at": None,
        "survivor_object": None,
        "survivor_id": None,
    }
