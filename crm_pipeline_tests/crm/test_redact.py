"""No value gets into a stored message; what helps a person stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.redact import redact


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ('Value "山田太郎" is too long', "Value … is too long"),
        ("「山田」は使えません", "…は使えません"),
        ("duplicate of taro@example.com found", "duplicate of … found"),
        ("see https://example.com/x?y=1 now", "see … now"),
        ("held by 0035g0000000001AAA", "held by …"),
        ("call 03-1234-5678 first", "call … first"),
        ("X was not one of [a, b]", "X was not one of …"),
        ("It isn't allowed, and it can't be", "It isn't allowed, and it can't be"),
        ("Required fields are missing", "Required fields are missing"),
        ("FIELD_INTEGRITY_EXCEPTION on MailingState", "FIELD_INTEGRITY_EXCEPTION on MailingState"),
    ],
)
def test_data_leaves_and_words_stay(message, shown):
    assert redact(message) == shown


@given(st.text(st.characters(categories=("L", "N")), min_size=2, max_size=20))
def test_a_value_that_was_sent_is_never_shown(value):
    assert value not in redact(f"bad value: {value}!", [value]).replace("bad value", "")


def test_a_long_message_is_cut():
    assert len(redact("word " * 1000)) == 300
