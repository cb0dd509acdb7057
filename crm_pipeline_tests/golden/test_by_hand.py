"""What a person may say about records of linked kinds."""

from __future__ import annotations

from typing import Literal

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.golden.by_hand import say
from crm_pipeline.model import Kind
from crm_pipeline_tests.golden.test_linked import DEAL, SALE, House


def told(
    house: House, one: str, other: str, verdict: Literal["match", "not_a_match"] = "match", by: str = "佐藤"
) -> Kind:
    return say(house.connection, house.settings, (one, other), verdict, by)


def test_the_newest_word_counts_and_records_that_cannot_be_one_are_refused() -> None:
    house = House(load_settings())
    house.add(DEAL)
    house.add(SALE)
    task = house.add("hubspot/tasks/1")
    call = house.add("salesforce/Task/1", {"TaskSubtype": "Call"})
    assert told(house, SALE, DEAL) is Kind.DEAL
    told(house, DEAL, SALE, "not_a_match")
    assert house.execute("select verdict, decided_by from match.said") == [("not_a_match", "佐藤")]
    for one, other, error, says in (
        (DEAL, task, ConfigError, "cannot be one record"),
        (DEAL, DEAL, ConfigError, "cannot be one record"),
        (task, call, NotFoundError, "knows no record salesforce/Task/1"),
        (DEAL, "salesforce/Opportunity/006", NotFoundError, "knows no record"),
        (DEAL, "Opportunity", NotFoundError, "is no record"),
        ("hubspot/contacts/1", "salesforce/Lead/1", ConfigError, "people and companies are reviewed"),
        ("hubspot/tickets/1", "salesforce/Case/1", ConfigError, "has off"),
    ):
        with pytest.raises(error, match=says):
            told(house, one, other)
    with pytest.raises(ConfigError, match="needs a name"):
        told(house, DEAL, SALE, by=" ")
