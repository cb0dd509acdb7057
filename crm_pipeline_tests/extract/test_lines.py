"""What cannot be kept, and what is kept byte for byte."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import FieldVersion, Tombstone
from crm_pipeline.extract.reading import lines
from crm_pipeline.extract.reading.lines import UnusableRecordError, digest, record_lines, tombstone_line, version_line
from crm_pipeline.model import SourceRecord, System, Version

_AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
_EAST = timezone(timedelta(hours=9))


def _record(record_id="1", history=None, **fields):
    return SourceRecord(System.HUBSPOT, "contacts", record_id, _AT, _AT, "me", fields, history or {})


def _same(_name, left, right):
    return left == right


def _lines(record):
    return tuple(json.loads(line) for line in record_lines(record, 1, _same))


@pytest.mark.parametrize(
    "value",
    ["NA", "", None, "x\x00y", "a\u2028b", "長" * 32_000, "髙﨑", "ｶﾅ", "e\u0301", "👨‍👩‍👧", 0.1, 10**19, True, '"\\'],
)
def test_a_value_survives_as_a_line(value):
    _, body = _lines(_record(f=value))
    assert json.loads(body["fields"]) == {"f": value}
    assert body["fields"] == json.dumps({"f": value}, ensure_ascii=False)


def test_a_line_is_one_line():
    assert all(line.count(b"\n") == 1 for line in record_lines(_record(f="a\nb\u2028c\x85d\re"), 1, _same))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (_record(jobtitle="\ud83d"), "the field jobtitle holds half of a surrogate pair"),
        (_record(record_id="\udc00"), "the id or a name holds half"),
        (_record(**{"\udc00": "x"}), "the id or a name holds half"),
        (_record(n=float("nan")), "not finite"),
        (_record(n=float("-inf")), "not finite"),
        (_record(record_id=""), "no id"),
        (_record(city=["a"], zip={"b": 1}), "the field city, zip holds no single value"),
        (replace(_record(), created_at=None), "one of its times cannot be read"),
        (replace(_record(), modified_at=datetime.min), "one of its times cannot be read"),
        (replace(_record(), created_at=datetime.min.replace(tzinfo=_EAST)), "one of its times cannot be read"),
        (_record(f="x" * (lines.LARGEST + 1)), "larger than 5 MB"),
    ],
)
def test_a_record_that_cannot_be_kept_is_refused_with_a_reason_but_no_value(record, reason):
    with pytest.raises(UnusableRecordError, match=reason):
        record_lines(record, 1, _same)


def test_only_fields_of_the_record_get_a_time_from_history():
    record = _record(a="x", history={"a": (Version("x", _AT),), "b": (Version("y", _AT),), "c": ()})
    key, body = _lines(record)
    assert (key["timed"], list(json.loads(body["known"]))) == (True, ["a"])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_digest_is_the_one_that_duckdb_computes(text):
    assert duckdb.connect().execute("select md5_number(?)", [text]).fetchone() == (int(digest(text)),)


def test_a_tombstone_without_survivor_has_none():
    line = json.loads(tombstone_line(Tombstone("contacts", "1", "deleted")))
    assert line == {
        "record_id": "1",
        "reason": "deleted",
        "gone_at": None,
        "survivor_object": None,
        "survivor_id": None,
    }


@pytest.mark.parametrize("value", ["\ud83d", float("nan")])
def test_a_version_that_cannot_be_kept_is_refused(value):
    with pytest.raises(UnusableRecordError):
        version_line(FieldVersion("1", "f", Version(value, _AT)))
