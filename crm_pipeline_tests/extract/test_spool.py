"""What is on disk is whole: a read that was killed anywhere goes on with the pages that it has."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_pipeline.crm.protocol import FieldVersion, Page, Span, Tombstone
from crm_pipeline.errors import WarehouseLockedError
from crm_pipeline.extract.reading import spool as spools
from crm_pipeline.extract.reading.spool import Question, Spool
from crm_pipeline.model import SourceRecord, System, Version

_AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
_ASKED = Question("1", "hash", None)


def _same(_name, left, right):
    return left == right


def _record(number):
    return SourceRecord(System.HUBSPOT, "contacts", str(number), _AT, _AT, "me", {"lastname": f"n{number}"})


def _page(*numbers, span=True):
    after = str(numbers[0] - 1)
    return Page([_record(n) for n in numbers], span=Span(after, str(numbers[-1])) if span else None)


def _spool(folder, asked=_ASKED, now=_AT):
    return Spool(folder, asked, now, _same)


def _lines(path):
    return Path(path).read_text(encoding="utf-8").splitlines()


def _ids(spool):
    spool.flush()
    return [json.loads(line)["record_id"] for path in spool.keys for line in _lines(path)]


def _killed(folder):
    """What another process finds when the first was killed: its files, as the system has them."""
    copy = folder.with_name("after_the_kill")
    shutil.copytree(folder, copy)
    return copy


def test_a_killed_read_goes_on_with_its_pages_and_its_start(tmp_path):
    with _spool(tmp_path / "a") as spool:
        spool.add_page(_page(1, 2))
        spool.add_page(Page([_record(3)], [Tombstone("contacts", "9", "deleted")], Span("2", "3")))
        folder = _killed(tmp_path / "a")
    with _spool(folder, now=_AT + timedelta(hours=1)) as spool:
        assert (spool.resumed, spool.started, spool.read, spool.complete) == (True, _AT, 3, False)
        assert spool.done == [Span("0", "2"), Span("2", "3")]
        assert _ids(spool) == ["1", "2", "3"]
        spool.add_page(_page(4))
        again = _killed(folder.rename(tmp_path / "b"))
    with _spool(again) as spool:
        assert _ids(spool) == ["1", "2", "3", "4"]
        assert len(_lines(spool.gone)) == 1


@pytest.mark.parametrize("name", ["0000000001.keys", "0000000001.records", "gone.ndjson", "state.ndjson"])
@pytest.mark.parametrize("torn", [b'{"seq": 3, "rec', b"{}\n", b"\x00" * 40])
def test_a_page_that_was_not_whole_is_cut_off(tmp_path, name, torn):
    with _spool(tmp_path / "a") as spool:
        spool.add_page(Page([_record(1)], [Tombstone("contacts", "9", "deleted")], Span("", "1")))
        folder = _killed(tmp_path / "a")
    with (folder / name).open("ab") as file:
        file.write(torn if name != "state.ndjson" else torn.rstrip(b"\n"))
    with _spool(folder) as spool:
        assert spool.resumed
        assert _ids(spool) == ["1"]
        assert spool.done == [Span("", "1")]
        assert len(_lines(spool.gone)) == 1


def test_a_span_counts_only_while_its_records_are_there(tmp_path):
    with _spool(tmp_path / "a") as spool:
        spool.add_page(_page(1, 2))
        spool.flush()
        length = (tmp_path / "a" / "0000000001.records").stat().st_size
        spool.add_page(_page(3, 4))
        folder = _killed(tmp_path / "a")
    with (folder / "0000000001.records").open("ab") as file:
        file.truncate(length + 10)  # a power cut took what was not yet on the disk
    with _spool(folder) as spool:
        assert spool.done == [Span("0", "2")]
        assert _ids(spool) == ["1", "2"]


@pytest.mark.parametrize(
    ("asked", "later"),
    [
        (Question("2", "hash", None), timedelta()),
        (Question("1", "other", None), timedelta()),
        (Question("1", "hash", _AT), timedelta()),
        (_ASKED, timedelta(days=1)),
    ],
)
def test_another_question_or_a_day_later_begins_anew(tmp_path, asked, later):
    with _spool(tmp_path) as spool:
        spool.add_page(_page(1, 2))
    with _spool(tmp_path, asked, _AT + later) as spool:
        assert (spool.resumed, spool.done, spool.read, _ids(spool)) == (False, [], 0, [])
        assert spool.started == _AT + later


def test_pages_without_an_order_are_read_again_unless_they_are_all_there(tmp_path):
    with _spool(tmp_path) as spool:
        spool.add_page(_page(1, 2, span=False))
    with _spool(tmp_path) as spool:
        assert not spool.resumed
        spool.add_page(_page(1, 2, span=False))
        spool.all_pages_are_here()
    with _spool(tmp_path) as spool:
        assert (spool.resumed, spool.complete) == (True, True)
        assert _ids(spool) == ["1", "2"]


def test_two_processes_do_not_read_the_same_object(tmp_path):
    with _spool(tmp_path), pytest.raises(WarehouseLockedError, match="another process is reading"):
        _spool(tmp_path)
    _spool(tmp_path).remove()
    assert not tmp_path.exists()


def test_parts_have_a_bounded_number_of_readings(tmp_path, monkeypatch):
    monkeypatch.setattr(spools, "PART", 3)
    with _spool(tmp_path) as spool:
        for number in range(1, 9):
            spool.add_page(_page(number))
    with _spool(tmp_path) as spool:
        assert spool.parts == [1, 4, 7]
        assert _ids(spool) == [str(n) for n in range(1, 9)]
        assert len(_lines(spool.records(4))) == 3


def test_parts_have_a_bounded_number_of_bytes_also_after_a_resumption(tmp_path, monkeypatch):
    monkeypatch.setattr(spools, "PART_BYTES", 150)
    for numbers in ((1, 2, 3), (4, 5)):
        with _spool(tmp_path) as spool:
            for number in numbers:
                spool.add_page(_page(number))
    spool = _spool(tmp_path)
    assert max(Path(path.replace(".keys", ".records")).stat().st_size for path in spool.keys) <= 150
    assert 1 < len(spool.parts) < 5
    assert _ids(spool) == [str(n) for n in range(1, 6)]


def test_an_unusable_record_does_not_take_others_with_it(tmp_path):
    bad = SourceRecord(System.HUBSPOT, "contacts", "2", _AT, _AT, "me", {"f": "\ud83d"})
    with _spool(tmp_path) as spool:
        spool.add_page(Page([_record(1), bad, _record(3)], span=Span("", "3")))
        assert spool.read == 3
        assert _ids(spool) == ["1", "3"]
        (line,) = _lines(spool.quarantine)
        assert json.loads(line)["record_id"] == "2"


def test_a_history_that_is_not_text_leaves_its_time_uncertain(tmp_path):
    with _spool(tmp_path) as spool:
        spool.add_versions([FieldVersion("1", "f", Version(value, _AT)) for value in ("\ud83d", "x")])
        spool.flush()
        (line,) = _lines(spool.versions)
        assert json.loads(line)["value"] == '"x"'
