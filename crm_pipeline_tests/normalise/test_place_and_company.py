"""Companies, addresses and dates."""

from __future__ import annotations

import pytest

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.address import Address, normalise_address
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.date import normalise_date
from crm_pipeline_tests.normalise.sample import flags_missed, sample, text


@pytest.mark.parametrize(("raw", "key", "form", "position"), sample("companies"))
def test_a_company_is_its_name_without_the_legal_form(raw, key, form, position):
    found = normalise_company(raw)
    assert (text(found.key), text(found.legal_form), text(found.legal_form_position)) == (key, form, position)


@pytest.mark.parametrize(
    ("raw", "prefecture", "city", "town", "number", "building", "postal_code"), sample("addresses")
)
def test_an_address_is_its_places(raw, prefecture, city, town, number, building, postal_code):
    found = [text(value) for value in normalise_address(raw).as_json().values()]
    assert found == [prefecture, city, town, number, building, postal_code]


_WHOLE = Address("長野県", "長野市", "吉田", "1", None, "381-0043")


@pytest.mark.parametrize(
    "fields",
    [
        {"postal_code": "381-0043", "prefecture": "長野県", "city": "長野市", "street": "吉田一丁目"},
        {"postal_code": "3810043", "prefecture": "長野", "city": "長野市", "street": "吉田１丁目", "country": "日本"},
        {"postal_code": "〒381-0043", "street": "長野県長野市吉田1"},
        {"postal_code": "381ー0043", "prefecture": "長野県", "city": "長野市", "street": "長野県長野市吉田1"},
        {"postal_code": "381-0043", "city": "長野県長野市", "street": "吉田1"},
        {"postal_code": "381-0043", "prefecture": "Nagano", "city": "長野市", "street": "吉田1", "country": "JP"},
        {"street": "〒381-0043\n長野市吉田1"},
    ],
)
def test_the_fields_of_a_crm_say_the_same_in_many_ways(fields):
    assert normalise_address(**fields) == _WHOLE


def test_an_address_abroad_keeps_its_own_words():
    found = normalise_address(
        prefecture="CA", city="Mountain View", street="1600 Amphitheatre Pkwy", postal_code="94043", country="US"
    )
    assert found == Address("ca", "mountain view", "amphitheatre pkwy", "1600", None, "94043")


def test_a_city_of_the_table_belongs_to_its_prefecture():
    assert sum(len(row[2].split()) for row in tables.rows("prefectures.tsv")) == 792 + 23
    assert normalise_address("伊達市梁川町1").prefecture is None
    assert normalise_address("福島県伊達市梁川町1").city == "伊達市"


@pytest.mark.parametrize(("raw", "date", "flags"), sample("dates"))
def test_a_date_is_read_in_one_way_or_not_at_all(raw, date, flags):
    found = normalise_date(raw)
    assert text(found.as_json()["date"]) == date
    assert not flags_missed(flags, found.flags)
    assert found.date or found.flags
