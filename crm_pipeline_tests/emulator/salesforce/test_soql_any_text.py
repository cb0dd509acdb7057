"""Law: whatever a client sends as a query, it gets a result or the platform's error."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore, soql
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.soql.fields import Data

_WORDS = (  # noqa: SIM905
    "SELECT FROM WHERE AND OR NOT IN LIKE INCLUDES GROUP BY HAVING ORDER LIMIT OFFSET ASC DESC NULLS FIRST LAST "
    "TYPEOF WHEN THEN ELSE END FOR VIEW USING SCOPE WITH ALL ROWS FIELDS ( ) , = != < > . : * 'a' 'it\\'s' '\\u5c71' "
    "Lead Contact Account Task Contacts Id Name Who Owner Account.Name l l.Name COUNT SUM CALENDAR_YEAR toLabel FORMAT "
    "null true 1 -1.5 2024-01-01 2024-01-01T00:00:00Z TODAY LAST_N_DAYS:3 LAST_N_YEARS:9999 MIN Status CreatedDate"
).split()
_LIKELY = st.builds(
    "SELECT {} FROM {} {}".format,
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(" ".join),
    st.sampled_from(["Lead", "Contact c", "Account", "Task"]),
    st.lists(st.sampled_from(_WORDS), max_size=10).map(" ".join),
)


_STORE = SalesforceStore(Clock())
_ACCOUNT = _STORE.create("Account", {"Name": "A"})
_CONTACT = _STORE.create("Contact", {"LastName": "C", "AccountId": _ACCOUNT})
_STORE.create("Lead", {"LastName": "L", "Company": "C"})
_STORE.create("Task", {"Subject": "T", "WhoId": _CONTACT, "WhatId": _ACCOUNT})


@settings(max_examples=600, deadline=None)
@given(text=st.text(max_size=40) | st.lists(st.sampled_from(_WORDS), max_size=20).map(" ".join) | _LIKELY)
@example("SELECT Id FROM Lead WHERE Name = '")
@example("SELECT (SELECT Id FROM Contacts FROM Account")
@example("SELECT ((((((((((((((((Id FROM Lead")
@example("SELECT Id FROM Lead WHERE CreatedDate = LAST_N_YEARS:9999")
@example("SELECT Id FROM Lead WHERE CreatedDate < 0001-01-01T00:00:00+14:00")
@example(r"SELECT Id FROM Lead WHERE Id = '\ud83d'")
@example("SELECT Id FROM Lead LIMIT 99999999999999999999")
@example("\u3000")
def test_any_text_gives_a_result_or_the_platforms_error(text: str) -> None:
    assert orjson.dumps(_answered(text))


def _answered(text: str) -> Any:
    try:
        result = soql.run(
            Data(_STORE.schema, _STORE.rows),
            text,
            today=date(2024, 3, 15),
            zone=_STORE.zone,
            version="62.0",
            include_deleted=False,
        )
    except ApiError as error:
        return error.body()
    return [result.render(row) for row in result.rows]
