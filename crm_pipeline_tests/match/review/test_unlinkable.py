"""Records that hold too little to be found again."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.match.features import refresh
from crm_pipeline.match.model.start import start
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.review.unlinkable import unlinkable
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.records import mailbox, person, settings, warehouse


def test_each_record_that_even_its_copy_would_not_be_linked_to_is_counted_with_the_reason(tmp_path: Path) -> None:
    people = [
        person("hubspot/contacts/1", "松本"),
        person("hubspot/contacts/2", "松本"),
        person("hubspot/contacts/3", "山田", "太郎", e_mails=[mailbox("yamada@aaa.jp")]),
        person("salesforce/Lead/4", "山田", "太郎"),
    ]
    house = warehouse(tmp_path, people)
    with house.connect() as connection:
        model = start(Kind.PERSON, PERSON, {"hubspot": 3, "salesforce": 1}, {}, {})
        refresh(connection, Kind.PERSON, settings(), model)
        found = {one.source: one for one in unlinkable(connection, Kind.PERSON, model, settings().match)}
    assert (found["hubspot"].records, found["hubspot"].reasons) == (
        3,
        {"surname only: a given name is missing or cannot be compared": 2},
    )
    assert found["salesforce"].reasons == {"only the name agrees; nothing else supports it": 1}
