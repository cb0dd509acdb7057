"""Law 49 over a whole organisation: what a push wrote and created changes no match. Law 12: it comes to rest.

`make laws` has two organisations of twice the size.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crm_pipeline.emulator.organisation import generate, load
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

Rows = list[tuple[object, ...]]

ALL = bool(os.environ.get("CRM_PIPELINE_ALL_STATES"))
ORGANISATIONS = [1, 2] if ALL else [1]
SIZE = 0.1 if ALL else 0.05


@dataclass(frozen=True)
class Night:
    """What matching said of the records that were there before the first push, and how many requests wrote."""

    people: Rows
    companies: Rows
    pairs: Rows
    clusters: Rows
    golden_ids: Rows
    redirects: Rows
    strays: Rows
    created: int
    writes: int


def _night(crms: Cloud) -> Night:
    crms.clear_logs()
    crms.preview()

    def said(query: str) -> Rows:
        return crms.execute(query.replace("original", "record_key not in (select record_key from state.link)"))

    night = Night(
        people=said("from normalise.person where original order by record_key"),
        companies=said("from normalise.company where original order by record_key"),
        pairs=said("from match.pair order by all"),
        clusters=said(
            "select kind, list(record_key order by record_key) from match.cluster where original "
            "group by kind, cluster order by all"
        ),
        golden_ids=said("select record_key, golden_id from golden.link where original order by all"),
        redirects=said("from golden.redirect"),
        strays=said("from state.link s anti join golden.link g using (record_key, golden_id)"),
        created=len(said("from state.link")),
        writes=0,
    )
    crms.approve()
    crms.push()
    return replace(night, writes=len(crms.writes()))


@pytest.fixture(scope="module", params=ORGANISATIONS)
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Night]]:
    """Three nights in which nobody but us changes anything."""
    folder: Path = tmp_path_factory.mktemp("law_49")
    with cloud(folder) as crms:
        load(generate(request.param, size=SIZE), crms.hubspot, crms.salesforce)
        yield [_night(crms) for _ in range(3)]


def test_law_49_own_writes_change_no_key_of_a_record_that_was_there_before(nights: list[Night]) -> None:
    first, *later = nights
    assert first.writes > 0
    for night in later:
        assert night.people == first.people
        assert night.companies == first.companies


def test_law_49_own_writes_change_no_pair_and_no_cluster(nights: list[Night]) -> None:
    first, *later = nights
    assert first.pairs
    for night in later:
        assert night.pairs == first.pairs
        assert night.clusters == first.clusters


def test_law_49_no_golden_id_is_minted_or_redirected_after_a_push(nights: list[Night]) -> None:
    first, *later = nights
    for night in later:
        assert night.golden_ids == first.golden_ids
        assert night.redirects == []


def test_law_49_a_created_record_joins_its_golden_record(nights: list[Night]) -> None:
    assert nights[1].created > 0
    assert nights[1].strays == []


def test_law_12_an_organisation_comes_to_rest(nights: list[Night]) -> None:
    """The second night may carry on what the first wrote to an account: its contacts show it by a path."""
    assert nights[2].writes == 0
