"""How good matching is on labelled data, with what is guessed and with what a person wrote."""

import os
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.match.file.run import match_files
from crm_pipeline_tests.match.file.score import by_column, cluster_score, clusters, febrl, pair_score

#: The folder with FEBRL 3 and 4 and fake_1000 (facts on matching, labelled data).
DATA = Path(os.environ.get("CRM_PIPELINE_MATCHING_DATA", Path(__file__).parents[4] / "shared" / "data" / "matching"))

pytestmark = pytest.mark.skipif(
    not (DATA / "fake_1000.csv").exists(), reason="no labelled data: name their folder in CRM_PIPELINE_MATCHING_DATA"
)


class Silent:
    def begin(self, label):
        pass

    def end(self, words):
        pass


def run(out, *names, mapping=None):
    return match_files([DATA / name for name in names], mapping, out, load_settings(), Silent(), lambda meant: None)


def test_fake_1000_with_guessed_columns(tmp_path):
    summary = run(tmp_path, "fake_1000.csv")
    truth = by_column(DATA / "fake_1000.csv", "unique_id", "cluster")
    assert summary["records"] == 1_000
    assert pair_score(tmp_path, truth).precision >= 0.99
    assert cluster_score(clusters(tmp_path), truth).f1 >= 0.88


FEBRL = """\
id: rec_id
columns:
  family_name: surname
  given_name: given_name
  birth_date: {column: date_of_birth, format: "%Y%m%d"}
  address: [street_number, address_1, address_2]
  postal_code: postcode
  city: suburb
  compare: {soc_sec_id: exact}
"""


@pytest.mark.slow
@pytest.mark.parametrize(("names", "least"), [(["dataset3.csv"], 0.995), (["dataset4a.csv", "dataset4b.csv"], 0.997)])
def test_febrl_with_a_mapping(tmp_path, names, least):
    (tmp_path / "columns.yaml").write_text(FEBRL, encoding="utf-8")
    run(tmp_path, *names, mapping=tmp_path / "columns.yaml")
    assert pair_score(tmp_path, febrl).precision >= 0.999
    assert cluster_score(clusters(tmp_path), febrl).f1 >= least
