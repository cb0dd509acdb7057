"""Which of the records that were read back by id are not as here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from crm_pipeline.crm.protocol import Tombstone
from crm_pipeline.extract.completeness import sample
from crm_pipeline.model import SourceRecord, System
from crm_pipeline_tests.extract.conftest import START

_KNOWN = sample.Known("1", START, {"a": 1.0, "b": None})
_SAME = SourceRecord(System.HUBSPOT, "contacts", "1", START, START, "", {"a": 1, "b": None})
_SINCE = START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("found", "fates", "is_wrong"),
    [
        (_SAME, [], False),
        (replace(_SAME, fields={"a": 1}), [], False),  # the field became unreadable
        (replace(_SAME, fields={"a": 1, "b": "x"}), [], True),
        (replace(_SAME, fields={"a": 2}, modified_at=_SINCE), [], False),  # changed since
        (replace(_SAME, modified_at=_SINCE - timedelta(seconds=1)), [], True),  # no read brought that change
        (replace(_SAME, record_id="2", modified_at=_SINCE), [], False),  # merged since
        (None, [], True),
        (None, [Tombstone("contacts", "1", "deleted", _SINCE)], False),
        (None, [Tombstone("contacts", "1", "deleted", START)], True),
        (None, [Tombstone("contacts", "1", "merged", None, "contacts", "2")], False),  # HubSpot does not tell when
    ],
)
def test_a_sampled_record_is_wrong_when_it_differs_and_did_not_change_since(found, fates, is_wrong):
    answers: Mapping[str, SourceRecord] = {"1": found} if found else {}
    assert bool(sample.wrong([_KNOWN], answers, fates, _SINCE)) is is_wrong
