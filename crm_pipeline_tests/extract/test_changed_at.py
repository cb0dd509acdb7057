"""When a value came about."""

from datetime import UTC, datetime

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.extract.loading.changed_at import comparison, entry, since
from crm_pipeline.model import System, Version

_KIND = load_settings().mapping.person
_SAME = comparison([_KIND], System.HUBSPOT, "contacts", "JP")


def _at(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "versions", "start"),
    [
        ("b", [("b", 3), ("a", 2), ("b", 1)], 3),
        ("b", [("b", 3), ("b ", 2), ("a", 1)], 2),
        ("", [(None, 3), ("", 2), ("a", 1)], 2),
        ("b", [("b", 1)], 1),
        ("c", [("b", 1)], None),
        ("b", [], None),
    ],
)
def test_a_value_began_with_the_trailing_run_of_equal_versions(value, versions, start):
    found = since("jobtitle", value, [Version(v, _at(day)) for v, day in versions], _SAME)
    assert found == (_at(start) if start else None)


def test_a_phone_spelled_differently_is_the_same_value():
    assert _SAME("phone", "03-1234-5678", "+81 3 1234 5678")
    assert not _SAME("phone", "03-1234-5678", "03-1234-5679")


def test_a_field_read_for_matching_only_equals_byte_for_byte():
    assert _SAME("hs_additional_emails", "a@b.jp", "a@b.jp")
    assert not _SAME("hs_additional_emails", "a@b.jp", "A@b.jp")


def test_an_entry_from_history_is_certain():
    assert entry(_at(2)) == {
        "at": "2026-11-02T00:00:00.000000+00:00",
        "after": "2026-11-02T00:00:00.000000+00:00",
        "certain": True,
    }
