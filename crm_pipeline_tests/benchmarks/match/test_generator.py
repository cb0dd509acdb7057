"""Synthetic organisations: one seed is one organisation, the truth fits the rows, shares are as documented."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from crm_pipeline_tests.benchmarks.match.data_sets import labelled
from crm_pipeline_tests.benchmarks.match.generator.organisation import COLUMNS, Organisation, organisation
from crm_pipeline_tests.benchmarks.match.generator.pairs import NOTHING, TRUE_KINDS, true_pairs
from crm_pipeline_tests.benchmarks.match.generator.spelling import FORM, half_width
from crm_pipeline_tests.benchmarks.match.normalised import normalised

RECORDS = 4_000


@pytest.fixture(scope="module")
def made() -> Organisation:
    return organisation(RECORDS, 1)


def test_a_seed_makes_the_same_rows_and_another_one_others(made: Organisation) -> None:
    again, other = organisation(RECORDS, 1), organisation(RECORDS, 2)
    assert again.rows.equals(made.rows)
    assert (again.customer == made.customer).all()
    assert not other.rows.equals(made.rows)


def test_the_files_hold_every_record_once_with_its_truth(made: Organisation, tmp_path: Path) -> None:
    files = made.write(tmp_path)
    with duckdb.connect() as connection:
        found = [
            f"{file.stem}/{row[0]}"
            for file in files
            for row in connection.execute(f"select id from '{file}'").fetchall()
        ]
        truth = connection.execute(
            f"select source || '/' || id, customer from '{tmp_path / 'truth.parquet'}'"
        ).fetchall()
    assert sorted(found) == sorted(key for key, _ in truth)
    assert len(set(found)) == len(made.rows) == pytest.approx(RECORDS, rel=0.05)
    assert [customer for _, customer in truth] == made.customer.tolist()
    assert tuple(made.rows.columns) == COLUMNS


def test_records_of_one_customer_show_his_name_and_junk_is_nobody(made: Organisation) -> None:
    people, plain = made.people, (made.form == FORM["split"]) & (made.script == 0)
    junk = made.customer >= len(people.family)
    assert len(set(made.customer[junk])) == junk.sum() > 0
    assert (made.known.customer[~junk] == made.customer[~junk]).all()
    own = made.known.family == people.family[made.known.customer]
    assert own[~junk].mean() > 0.95
    assert (made.rows["last_name"][plain & ~junk] != "").all()
    assert set(made.rows["id"].str[0]) == {"M", "S"}


def test_most_customers_are_in_both_crms_and_few_pairs_have_nothing_in_common(made: Organisation) -> None:
    sides = [set(made.customer[made.side == side].tolist()) for side in (0, 1)]
    assert len(sides[0] & sides[1]) / len(sides[0] | sides[1]) == pytest.approx(0.55, abs=0.04)
    pairs = true_pairs(made)
    assert (made.customer[pairs.left] == made.customer[pairs.right]).all()
    assert (pairs.left < pairs.right).all()
    assert 0.01 < (pairs.kind == TRUE_KINDS.index(NOTHING)).mean() < 0.10


def test_other_tools_get_no_contact_that_many_family_names_share(made: Organisation) -> None:
    clean = normalised(made.rows.head(300), ["x"] * 300)
    assert len(clean) == 300
    families: dict[str, set[str]] = {}
    for family, phones in zip(clean["family"], clean["phones"], strict=True):
        for phone in phones if isinstance(phones, list) else []:
            families.setdefault(phone, set()).add(family)
    assert families
    assert max(len({name for name in names if isinstance(name, str)}) for names in families.values()) <= 3


def test_half_width_kana_has_marks_of_its_own() -> None:
    assert half_width("ヤマダ パク") == "ﾔﾏﾀﾞ ﾊﾟｸ"


def test_public_data_are_read_with_their_truth(tmp_path: Path) -> None:
    rows = "rec_id, surname, date_of_birth\nrec-1-org, smith, 19560409\nrec-1-dup-0, smyth, 19560409\nrec-2-org, li,\n"
    (tmp_path / "dataset3.csv").write_text(rows)
    (data,) = labelled(tmp_path, tmp_path / "work")
    assert data.keys == ["dataset3/rec-1-org", "dataset3/rec-1-dup-0", "dataset3/rec-2-org"]
    assert np.array_equal(data.truth, [0, 0, 1])
    with duckdb.connect() as connection:
        assert connection.execute(f"select surname, date_of_birth from '{data.ours[0]}'").fetchall()[2] == ("li", None)
