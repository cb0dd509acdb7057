"""`crm-pipeline match`: files in, results out; other programs rely on their columns."""

import json

import duckdb
import pytest
from click.testing import CliRunner

from crm_pipeline.cli import commands
from crm_pipeline.errors import ConfigError

PEOPLE = "番号,氏名,メール,生年月日\n" + "\n".join(
    f"{number},{name},{mail},{born}"
    for number, (name, mail, born) in enumerate(
        [
            ("山本 さくら", "sakura@aaa.jp", "1980-02-03"),
            ("山本さくら", "sakura@aaa.jp", "昭和55年2月3日"),
            ("勅使河原 健二", "kenji@bbb.jp", "1971-05-06"),
            ("小鳥遊 花", "", "1990-01-02"),
        ]
    )
)
MAPPING = "id: n\ncolumns:\n  full_name: who\n  e_mail: mail\n"


def rows(path):
    with duckdb.connect() as connection:
        relation = connection.sql(f"from '{path}'")
        return dict(zip(relation.columns, map(str, relation.types), strict=True)), relation.fetchall()


@pytest.fixture
def match(home):
    def run(*words):
        return CliRunner().invoke(commands, ["match", *map(str, words)])

    return run


def test_one_file_is_deduplicated(home, match):
    (home / "people.csv").write_text(PEOPLE, encoding="utf-8")
    result = match(home / "people.csv", "--out", home / "out")
    assert result.exception is None, result.exception
    assert "full_name: 氏名" in result.stdout
    assert "4 records are 3 customers" in result.stdout
    types, pairs = rows(home / "out" / "pairs.parquet")
    assert types == {
        "source_a": "VARCHAR",
        "id_a": "VARCHAR",
        "source_b": "VARCHAR",
        "id_b": "VARCHAR",
        "posterior": "DOUBLE",
        "tier": "VARCHAR",
        "evidence": "VARCHAR",
    }
    assert [pair[:4] + pair[5:6] for pair in pairs] == [("people.csv", "0", "people.csv", "1", "auto")]
    assert "e-mail" in pairs[0][6]
    types, clusters = rows(home / "out" / "clusters.parquet")
    assert types == {"source": "VARCHAR", "id": "VARCHAR", "cluster": "VARCHAR"}
    assert {id_: cluster for _, id_, cluster in clusters} == {
        "0": "people.csv/0",
        "1": "people.csv/0",
        "2": "people.csv/2",
        "3": "people.csv/3",
    }


def test_two_files_are_linked_and_the_summary_is_one_object(home, match):
    (home / "a.csv").write_text("n,who,mail\n1,Ann Lee,ann@a.org\n2,Bob Ray,\n", encoding="utf-8")
    (home / "b.csv").write_text("n,who,mail,rest\n1,Lee Ann,ann@a.org,x\n2,too,many,cells,here\n", encoding="utf-8")
    (home / "columns.yaml").write_text(MAPPING, encoding="utf-8")
    result = match(home / "a.csv", home / "b.csv", "--columns", home / "columns.yaml", "--out", home / "out", "--json")
    assert result.exception is None, result.exception
    summary = json.loads(result.stdout)
    assert summary == json.loads((home / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["kind"], summary["records"], summary["clusters"], summary["quarantined"]) == ("person", 3, 2, 1)
    assert summary["pairs"] == {"auto": 1, "recommended": 0, "possible": 0}
    assert set(summary["seconds"]) == {"read", "normalise", "train", "match", "write", "total"}
    assert summary["peak_memory_mb"] is None or summary["peak_memory_mb"] > 0
    assert [(file["source"], file["rows"], file["not_used"]) for file in summary["files"]] == [
        ("a.csv", 2, []),
        ("b.csv", 1, ["rest"]),
    ]
    assert (home / "out" / "quarantined.csv").exists()
    _, clusters = rows(home / "out" / "clusters.parquet")
    assert [(source, id_) for source, id_, cluster in clusters if cluster == "a.csv/1"] == [
        ("a.csv", "1"),
        ("b.csv", "1"),
    ]


def test_a_header_alone_gives_empty_results_and_replaces_older_ones(home, match):
    (home / "people.csv").write_text("n,who,mail\n1,Ann,a@a.org\nx\n", encoding="utf-8")
    (home / "columns.yaml").write_text(MAPPING, encoding="utf-8")
    words = [home / "people.csv", "--columns", home / "columns.yaml", "--out", home / "out"]
    assert match(*words).exception is None
    assert (home / "out" / "quarantined.csv").exists()
    (home / "out" / "mine.txt").write_text("stays", encoding="utf-8")
    (home / "people.csv").write_text("n,who,mail\n", encoding="utf-8")
    result = match(*words)
    assert result.exception is None, result.exception
    assert rows(home / "out" / "clusters.parquet")[1] == rows(home / "out" / "pairs.parquet")[1] == []
    assert sorted(path.name for path in (home / "out").iterdir()) == [
        "clusters.parquet",
        "mine.txt",
        "pairs.parquet",
        "summary.json",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.csv", "--out", "out"], "does not exist"),
        (["a.csv", "folder/a.csv", "--out", "out"], "both files are called a.csv"),
        (["a.csv", "--out", "a.csv"], "is a file; name a folder"),
        (["out/pairs.parquet", "--out", "out"], "would be replaced by a result"),
        (["a.csv", "--columns", "none.yaml", "--out", "out"], "does not exist"),
        (["b.csv", "--out", "out"], "no column says by its header what it is"),
    ],
)
def test_mistakes_are_said_before_anything_is_written(home, match, words, said):
    (home / "a.csv").write_text("name\nAnn Lee\n", encoding="utf-8")
    (home / "b.csv").write_text("zzz\nq\n", encoding="utf-8")
    result = match(*(word if word.startswith("--") else home / word for word in words))
    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)
    assert not (home / "out" / "summary.json").exists()


def test_columns_of_a_file_may_be_called_as_our_comparisons_are(home, match):
    (home / "a.csv").write_text("n,who,phone\n1,Ann Lee,7\n2,Ann Lee,7\n", encoding="utf-8")
    (home / "c.yaml").write_text(
        "id: n\ncolumns:\n  full_name: who\n  compare: {phone: exact, who: text}\n", encoding="utf-8"
    )
    result = match(home / "a.csv", "--columns", home / "c.yaml", "--out", home / "out")
    assert result.exception is None, result.exception
    [pair] = rows(home / "out" / "pairs.parquet")[1]
    assert "phone (column)" in pair[6]


def test_rows_that_say_nothing_are_customers_of_their_own(home, match):
    (home / "a.csv").write_text("id,name,email\n1,,\n2,,\n", encoding="utf-8")
    result = match(home / "a.csv", "--out", home / "out")
    assert result.exception is None, result.exception
    assert "2 records are 2 customers" in result.stdout
