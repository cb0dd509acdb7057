"""The checksum of Salesforce ids."""

import pytest

from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.soql import any_of, quoted


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("0035g0000000001", "0035g0000000001AAA"),
        ("001D000000IqhSL", "001D000000IqhSLIAZ"),
        ("001D000000IqhSLIAZ", "001D000000IqhSLIAZ"),
        ("", ""),
    ],
)
def test_ids_of_15_characters_get_their_checksum(given, full):
    assert to_18(given) == full


def test_a_text_literal_cannot_end_early():
    assert quoted("O'Neill\\ \n") == r"'O\'Neill\\ \n'"


def test_lists_are_cut_to_what_an_address_holds_and_lose_nothing():
    values = [f"0035g00000{n:05}AAA" for n in range(2000)]
    conditions = list(any_of("Id", values, "SELECT Id FROM Contact"))
    assert len(conditions) > 1
    assert [one for condition in conditions for one in condition[7:-1].replace("'", "").split(",")] == values
