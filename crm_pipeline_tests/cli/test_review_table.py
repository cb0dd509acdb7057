"""`review export` and `review import`: decisions in a spreadsheet."""

import csv
import stat

import pytest

from crm_pipeline.errors import ConfigError
from crm_pipeline_tests.cli.test_review import decisions
from crm_pipeline_tests.report.night import CONTACT, LEAD


@pytest.fixture
def table(cli, warehouse, home):
    path = home / "review.csv"
    cli("review", "export", str(path))
    return path


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, encoding="utf-8-sig", repeat=1, separator=",", **cells):
    """The table as a person leaves it."""
    filled = [{**row, **cells} for row in rows(path)] * repeat
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, filled[0], delimiter=separator)
        writer.writeheader()
        writer.writerows(filled)


def test_the_table_holds_both_records_and_the_reasons_in_two_languages(table):
    [row] = rows(table)
    assert (row["left"], row["right"], row["verdict"]) == (CONTACT, LEAD, "")
    assert "000-111-2222" in row["left_record"]
    assert "次郎" in row["right_record"]
    assert (row["reasons"], row["根拠"]) == ("for: both are 松本", "一致: 姓が同じ")


def test_only_its_owner_can_read_the_table_even_if_it_was_there_before(cli, table):
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    table.chmod(0o644)
    cli("review", "export", str(table))
    assert stat.S_IMODE(table.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("word", "verdict"), [("accept", "match"), ("Reject", "not_a_match"), ("不明", "unsure"), ("同一", "match")]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_filled_rows_are_taken(cli, warehouse, table, word, verdict, encoding):
    fill(table, encoding, verdict=word, why="電話した")
    assert "1 decision taken" in cli("review", "import", str(table), "--by", "佐藤")
    assert decisions(warehouse) == [(CONTACT, LEAD, verdict, "佐藤", "電話した", "e1")]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_spreadsheet_may_save_with_another_separator(cli, warehouse, table, separator):
    fill(table, separator=separator, verdict="accept", why="a, b; c")
    assert "1 decision taken" in cli("review", "import", str(table), "--by", "佐藤")
    assert decisions(warehouse) == [(CONTACT, LEAD, "match", "佐藤", "a, b; c", "e1")]


def test_a_folder_that_is_missing_is_made(cli, warehouse, home):
    cli("review", "export", str(home / "for" / "sato" / "review.csv"))
    assert (home / "for" / "sato" / "review.csv").exists()


def test_where_no_table_can_be_written_is_said(cli, warehouse, home):
    (home / "taken").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        cli("review", "export", str(home / "taken" / "review.csv"))


def test_rows_without_a_verdict_are_passed_over(cli, warehouse, table):
    cli("review", "import", str(table), "--by", "佐藤")
    assert decisions(warehouse) == []


@pytest.mark.parametrize(
    ("cells", "repeat", "words"),
    [
        ({"verdict": "perhaps"}, 1, "row 2: the verdict is none of accept"),
        ({"verdict": "accept", "evidence": "e0"}, 1, "row 2: the evidence has changed"),
        ({"verdict": "accept", "left": "hubspot/contacts/9"}, 1, "row 2: there is no such pair"),
        ({"verdict": "accept"}, 2, "row 3: row 2 decides the same pair"),
    ],
)
def test_nothing_is_taken_of_a_table_with_a_mistake(cli, warehouse, table, cells, repeat, words):
    fill(table, repeat=repeat, **cells)
    with pytest.raises(ConfigError, match=words):
        cli("review", "import", str(table), "--by", "佐藤")
    assert decisions(warehouse) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"pair,verdict\n1,accept\n", "no column left, right, evidence"),
        (b"\x81\xff\xfe", "no column"),
    ],
)
def test_what_is_no_table_of_ours_is_said(cli, warehouse, home, content, words):
    path = home / "other.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        cli("review", "import", str(path), "--by", "佐藤")
