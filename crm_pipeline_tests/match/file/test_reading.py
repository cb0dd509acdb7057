"""Files as people have them: any encoding, any separator, damaged lines; no row is lost in silence."""

import csv
import gzip
import io

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.errors import ConfigError
from crm_pipeline.match.file import quick
from crm_pipeline.match.file.csv_rows import Damaged, Rows
from crm_pipeline.match.file.reading import named, read, sample
from crm_pipeline.match.file.text import text_of

PEOPLE = (
    "番号,氏名,住所\n1,髙橋 太郎,東京都世田谷区桜新町一丁目\n2,佐藤 花子,長野県長野市吉田\n3,ﾔﾏﾀﾞ ｼﾞﾛｳ,大阪府\n"
    + "".join(f"{number},山本 さくら,神奈川県横浜市中区本町\n" for number in range(4, 60))
)


def table(connection, tmp_path, data, name="people.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    file = read(connection, path, "file_0", tmp_path / "quarantined.csv")
    rows = connection.execute("select * from file_0 order by number").fetchall()
    return file, rows


def quarantined(tmp_path):
    with (tmp_path / "quarantined.csv").open(encoding="utf-8", newline="") as file:
        return [(row["file"], int(row["line"]), row["reason"], row["text"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"])
def test_japanese_is_read_in_its_encoding(connection, tmp_path, encoding):
    file, rows = table(connection, tmp_path, PEOPLE.encode(encoding))
    assert file.header == ("番号", "氏名", "住所")
    assert rows[:3] == [
        (1, "1", "髙橋 太郎", "東京都世田谷区桜新町一丁目"),
        (2, "2", "佐藤 花子", "長野県長野市吉田"),
        (3, "3", "ﾔﾏﾀﾞ ｼﾞﾛｳ", "大阪府"),
    ]
    assert (file.rows, file.strangers) == (59, 0)


def test_euc_jp_is_told_from_shift_jis(connection, tmp_path):
    _, rows = table(connection, tmp_path, PEOPLE.replace("髙", "高").encode("euc_jp"))
    assert rows[0][2] == "高橋 太郎"


def test_western_letters_are_read(connection, tmp_path):
    _, rows = table(connection, tmp_path, "id,name\n1,José Müller\n2,Åsa Öberg\n".encode("latin-1"))
    assert [row[2] for row in rows] == ["José Müller", "Åsa Öberg"]


def test_lines_in_another_encoding_take_part_and_are_counted(connection, tmp_path):
    good = "".join(f"{number},山本さくら\n" for number in range(10)).encode()
    file, rows = table(connection, tmp_path, b"id,name\n" + good + "10,佐藤花子\n".encode("cp932"))
    assert (file.encoding, file.strangers, rows[-1][2]) == ("utf-8", 1, "佐藤花子")


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(connection, tmp_path, separator, end):
    lines = ["id{}name", "1{}Ann", "", "2{}Bob"]
    file, rows = table(connection, tmp_path, end.join(lines).format(*[separator] * 3))
    assert (file.header, rows) == (("id", "name"), [(1, "1", "Ann"), (2, "2", "Bob")])


def test_quotes_line_breaks_and_spaces(connection, tmp_path):
    text = 'id, name, note\n1, "Smith, ""Doc""", "two\nlines"\n2,  Ann　, \n'
    _, rows = table(connection, tmp_path, text)
    assert rows == [(1, "1", 'Smith, "Doc"', "two\nlines"), (2, "2", "Ann", None)]


def test_damaged_lines_are_kept_with_their_number_and_reason(connection, tmp_path):
    text = "id,name\n1,Ann\n2,Bob,Smith\n3\n4,Cid,,\n5,Dan\n"
    file, rows = table(connection, tmp_path, text)
    assert [row[1] for row in rows] == ["1", "4", "5"]
    assert [row[0] for row in rows] == [1, 4, 5]  # a damaged line keeps its number
    assert file.quarantined == 2
    assert quarantined(tmp_path) == [
        ("people.csv", 3, "3 cells, the header has 2", "2,Bob,Smith"),
        ("people.csv", 4, "1 cells, the header has 2", "3"),
    ]


def test_a_quote_that_nobody_closed_costs_its_own_line_only(connection, tmp_path):
    text = 'id,name\n1,Ann\n2,"Bob\n3,Cid\n4,Dan\n'
    _, rows = table(connection, tmp_path, text)
    assert [row[1] for row in rows] == ["1", "3", "4"]
    assert quarantined(tmp_path) == [("people.csv", 3, "a quotation mark has no other one", '2,"Bob')]


def test_quotes_inside_quotes_are_taken_as_meant(connection, tmp_path):
    _, rows = table(connection, tmp_path, 'id,name\n1,"Joe "Doc" Smith"\n2,Ann\n')
    assert [row[1] for row in rows] == ["1", "2"]


def test_zero_bytes_and_a_cell_of_ten_megabytes(connection, tmp_path):
    file, rows = table(connection, tmp_path, "id,name\n1,An\0n\n2," + "x" * 10_000_000 + "\n")
    assert (rows[0][2], len(rows[1][2]), file.quarantined) == ("Ann", 10_000_000, 0)
    assert {len(value) for value in sample(connection, file, "name")} == {3, 200}


def test_headers_are_told_apart():
    assert named(["email", " email", "", "email (2)", "na\nme"]) == (
        "email",
        "email (3)",
        "column 3",
        "email (2)",
        "na me",
    )


def test_a_file_with_its_header_only_has_no_rows(connection, tmp_path):
    file, rows = table(connection, tmp_path, "id,name\n")
    assert (file.rows, rows) == (0, [])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04...", "is a spreadsheet"),
        (b"PAR1 and nothing else", "damaged"),
    ],
)
def test_what_is_no_table_is_said(connection, tmp_path, data, words):
    with pytest.raises(ConfigError, match=words):
        table(connection, tmp_path, data)


def test_a_missing_file_and_a_folder_are_said(connection, tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        read(connection, tmp_path / "none.csv", "t", tmp_path / "q.csv")
    with pytest.raises(ConfigError, match="is a folder"):
        read(connection, tmp_path, "t", tmp_path / "q.csv")


def test_parquet_and_packed_files(connection, tmp_path):
    duckdb.connect().execute(
        f"copy (select 7 as id, date '1980-02-03' as born, '  ' as blank) to '{tmp_path / 'a.parquet'}'"
    )
    file = read(connection, tmp_path / "a.parquet", "t", tmp_path / "q.csv")
    assert (file.header, file.rows) == (("id", "born", "blank"), 1)
    assert connection.execute("from t").fetchall() == [(1, "7", "1980-02-03", None)]
    _, rows = table(connection, tmp_path, gzip.compress(b"id,name\n1,Ann\n"), "people.csv.gz")
    assert rows == [(1, "1", "Ann")]


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",;\n\t '), max_size=8)


@settings(max_examples=60)
@given(st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6)))
def test_what_a_program_writes_is_read_and_both_readers_agree(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("law") / "f.csv"
    width = len(written[0]) if written else 2
    header = [f"column {number}" for number in range(width)]
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([header, *written])
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
    expected = [[cell.strip() or None for cell in row] for row in written]
    found = list(Rows(text_of(path).lines()))
    assert not [row for row in found if isinstance(row, Damaged)]
    assert [[cell.strip() or None for cell in cells] for _, cells in found[1:]] == expected
    connection = duckdb.connect()
    if quick.read(connection, path, "t", ",", header):
        rows = connection.execute("select * exclude number from t order by number").fetchall()
        assert [list(row) for row in rows] == [[_trimmed(cell) for cell in row] for row in written]


def _trimmed(cell):
    return cell.strip(quick.SPACE) or None
