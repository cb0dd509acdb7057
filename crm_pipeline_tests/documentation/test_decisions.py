"""The table of all cases says what the decision does, and the words around it as well."""

from itertools import product

from crm_pipeline.model import Rule
from crm_pipeline_tests.documentation import decisions


def test_the_table_is_current():
    page = decisions.PAGE.read_text(encoding="utf-8")
    assert page == decisions.with_cases(page), "run: make docs"


def test_what_the_table_leaves_out_is_as_the_page_says():
    outcome = decisions._outcome
    for case in product(decisions._HAPPENED, repeat=2):
        assert outcome(Rule.MOST_COMPLETE, *case) == outcome(Rule.TWO_WAY, *case), "no value has parts of another here"
        assert outcome(Rule.DONT_SYNC, *case) == "–"
