"""An answer's body as JSON."""

import pytest

from crm_pipeline.crm.gateway import Reply


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 1.5, true, null, "\xe9\xab\x99"]}', {"a": [1, 1.5, True, None, "髙"]}),
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),  # half of a surrogate pair: the record is set apart later
        (b'{"a": "\\u0000\\u2028"}', {"a": "\0\u2028"}),
        (b"", None),
        (b"<html>", None),
        (b'{"a": 1', None),
        (b"\xff", None),
    ],
)
def test_a_body_is_decoded_or_none(body, value):
    assert Reply(200, {}, body).json() == value
