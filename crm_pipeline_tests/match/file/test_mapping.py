"""A mapping means what it says, or is refused with file, line and what to write instead."""

import pytest

from crm_pipeline.errors import ConfigError
from crm_pipeline.match.file.mapping import Column, FileMapping, for_files, read_mapping

EXAMPLE = """\
id: rec_id
columns:            # role: column (or a list of columns)
  family_name: surname
  given_name: given_name
  birth_date: {column: date_of_birth, format: "%Y%m%d"}
  address: [street_number, address_1]
  postal_code: postcode
  compare:          # any other column
    soc_sec_id: exact
    suburb: text
"""
HEADER = [
    "rec_id",
    "surname",
    "given_name",
    "date_of_birth",
    "street_number",
    "address_1",
    "postcode",
    "soc_sec_id",
    "suburb",
]


def mapping(tmp_path, text):
    path = tmp_path / "columns.yaml"
    path.write_text(text, encoding="utf-8")
    return path, read_mapping(path)


def test_the_example_of_the_documentation(tmp_path):
    path, found = mapping(tmp_path, EXAMPLE)
    assert found == FileMapping(
        "rec_id",
        {
            "family_name": (Column("surname"),),
            "given_name": (Column("given_name"),),
            "birth_date": (Column("date_of_birth", "%Y%m%d"),),
            "address": (Column("street_number"), Column("address_1")),
            "postal_code": (Column("postcode"),),
        },
        {"soc_sec_id": "exact", "suburb": "text"},
    )
    assert for_files(found, path, {"a.csv": HEADER}) == {"a.csv": found}


def test_what_is_printed_is_a_mapping(tmp_path):
    _, found = mapping(tmp_path, EXAMPLE)
    assert mapping(tmp_path, found.as_yaml())[1] == found


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("columns:\n  family_nam: surname\n", 2, "'family_nam' is not a known role; did you mean family_name?"),
        ("columns:\n  xyz: surname\n", 2, "write one of family_name"),
        ("id: rec_id\ncolumn:\n  x: y\n", 2, "'column' is not a known key; did you mean columns?"),
        ("id: rec_id\n", 1, "name at least one column"),
        ("id: [a, b]\ncolumns:\n  e_mail: email\n", 1, "one column"),
        ("columns:\n  compare:\n    suburb: fuzzy\n", 3, "'fuzzy' is not one of exact, text, name, date, number"),
        ("columns:\n  compare: suburb\n", 2, "write `column: exact` lines under it"),
        ("columns:\n  e_mail: {column: a, format: '%Y'}\n", 2, "a format is for birth_date only"),
        ("columns:\n  birth_date: {format: '%Y'}\n", 2, "'column' is missing"),
        ("columns:\n  e_mail: []\n", 2, "write a column, a list of columns"),
        ("columns:\n  e_mail: a\n  e_mail: b\n", 3, "given twice"),
        ("columns: [\n", 2, "not valid YAML"),
    ],
)
def test_mistakes_are_said_with_their_line(tmp_path, text, line, words):
    with pytest.raises(ConfigError) as error:
        mapping(tmp_path, text)
    assert f"columns.yaml line {line}: " in str(error.value)
    assert words in str(error.value)


def test_a_column_that_the_file_does_not_have(tmp_path):
    path, found = mapping(tmp_path, EXAMPLE.replace("surname", "Surnmae"))
    with pytest.raises(ConfigError) as error:
        for_files(found, path, {"a.csv": HEADER})
    assert "line 3: columns.family_name: a.csv: no column 'Surnmae'; did you mean 'surname'?" in str(error.value)
    assert "There are rec_id, surname, given_name" in str(error.value)


def test_of_two_files_each_has_its_columns_and_both_the_id(tmp_path):
    path, found = mapping(tmp_path, "id: n\ncolumns:\n  family_name: [surname, nachname]\n  phone: tel\n")
    both = for_files(found, path, {"a.csv": ["n", "surname", "tel"], "b.csv": ["n", "nachname"]})
    assert both["a.csv"].roles == {"family_name": (Column("surname"),), "phone": (Column("tel"),)}
    assert both["b.csv"].roles == {"family_name": (Column("nachname"),)}
    with pytest.raises(ConfigError, match=r"line 1: id: b\.csv: no column 'n'"):
        for_files(found, path, {"a.csv": ["n", "surname", "tel"], "b.csv": ["nachname"]})
    with pytest.raises(ConfigError, match=r"b\.csv has none of these columns; it has n, x"):
        for_files(found, path, {"a.csv": ["n", "surname", "nachname", "tel"], "b.csv": ["n", "x"]})
