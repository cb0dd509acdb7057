import json

import pytest
from click.testing import CliRunner

from crm_pipeline.cli import commands

#: Other programs rely on these keys.
KEYS = {
    "name": {"family", "given", "family_key", "given_key", "readings", "flags"},
    "e-mail": {"delivery", "identity", "domain", "flags"},
    "phone": {"e164", "extension", "status", "region", "prefecture"},
    "company": {"key", "legal_form", "legal_form_position"},
    "address": {"prefecture", "city", "town", "number", "building", "postal_code"},
    "date": {"date", "flags"},
}


def normalise(home, kind, text):
    result = CliRunner().invoke(commands, ["normalise", kind], input=text)
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("kind", KEYS)
def test_one_value_a_line_gives_one_object_a_line_with_all_keys(home, kind):
    objects = normalise(home, kind, "山田太郎\n\nx@example.jp\n")
    assert len(objects) == 3
    assert all(KEYS[kind] <= found.keys() for found in objects)


def test_bytes_that_are_not_utf_8_are_replaced_and_counted_on_standard_error(home):
    text = "山田製作所\n".encode() + "山田\n佐藤\n".encode("shift_jis")
    result = CliRunner().invoke(commands, ["normalise", "company"], input=text)
    first, *others = (json.loads(line)["key"] for line in result.stdout.splitlines())
    assert first == "山田製作所"
    assert len(others) == 2
    assert result.stderr.count("\n") == 1
    assert "2 lines were not UTF-8" in result.stderr


def test_what_is_printed_is_what_matching_compares(home):
    [company] = normalise(home, "company", "㈱山田製作所")
    assert (company["key"], company["legal_form_position"]) == ("山田製作所", "before")


def test_lines_come_out_in_their_order_however_often_they_come(home):
    numbers = [f"03-3456-{number:04}" for number in (1, 2, 1, 3, 2)] * 1000
    found = normalise(home, "phone", "\r\n".join(numbers))
    assert [one["e164"] for one in found] == ["+81" + number[1:].replace("-", "") for number in numbers]


def test_utf_16_is_no_text_and_said_to_be_none(home):
    result = CliRunner().invoke(commands, ["normalise", "phone"], input="03-3456-7890\n".encode("utf-16-le"))
    assert result.exception is None
    assert "not UTF-8" in result.stderr
