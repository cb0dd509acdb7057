"""Rows of files become records: ids that tell them apart, names, readings, dates and numbers as people write them."""

import pytest

from crm_pipeline.match.file.mapping import Column, FileMapping
from crm_pipeline.match.file.reading import read
from crm_pipeline.match.file.region import region_of
from crm_pipeline.match.file.rows import fill, format_of, kind_of
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Warehouse


@pytest.fixture
def filled(tmp_path):
    def run(text, mapping, columns="*", region="JP"):
        (tmp_path / "people.csv").write_text(text, encoding="utf-8")
        (tmp_path / "scratch.duckdb").unlink(missing_ok=True)
        with Warehouse(tmp_path / "scratch.duckdb").connect() as connection:
            file = read(connection, tmp_path / "people.csv", "file_0", tmp_path / "q.csv")
            kind = kind_of([mapping])
            distinct = fill(connection, kind, {file: mapping}, region)
            query = f"select {columns} from normalise.{kind} order by created_at, record_id"
            return connection.execute(query).fetchall(), distinct

    return run


def roles(**columns):
    return {role: tuple(map(Column, names.split())) for role, names in columns.items()}


def test_rows_are_told_apart_whatever_their_ids_are(filled):
    text = "id,name\nb,Ann\na,Bob\n,Cid\nb,Dan\n"
    rows, _ = filled(text, FileMapping("id", roles(family_name="name")), "record_key, system, record_id, family_key")
    assert rows == [
        ("people.csv/record/a", "people.csv", "a", "bob"),
        ("people.csv/record/b", "people.csv", "b", "ann"),
        ("people.csv/record/b (row 4)", "people.csv", "b (row 4)", "dan"),
        ("people.csv/record/row 3", "people.csv", "row 3", "cid"),
    ]
    rows, _ = filled(text, FileMapping(None, roles(family_name="name")), "record_id")
    assert rows == [("1",), ("2",), ("3",), ("4",)]


def test_whole_names_are_divided_and_stand_in_for_missing_parts(filled):
    text = "family,given,whole\n,,山田 太郎\nSmith,Ann,Ann Smith\n,,Mary Jane Brown\n"
    mapping = FileMapping(None, roles(family_name="family", given_name="given", full_name="whole"))
    rows, _ = filled(text, mapping, "family_key, given_key")
    assert rows == [("山田", "太郎"), ("smith", "ann"), ("brown", "mary jane")]


def test_readings_join_those_that_the_name_can_have(filled):
    text = "sei,mei,kana_sei,kana_mei\n佐藤,健,サトウ,ケン\n,,タナカ,ハナコ\n"
    mapping = FileMapping(None, roles(family_name="sei", given_name="mei", reading="kana_sei kana_mei"))
    rows, _ = filled(text, mapping, "family_key, readings")
    assert "sato ken" in rows[0][1]
    assert rows[1][0] == "タナカ"
    assert "tanaka hanako" in rows[1][1]


def test_dates_are_read_in_the_given_format_and_in_any_usual_one(filled):
    text = "born\n19800203\nFeb 3 1980\n昭和55年2月3日\nxx\n"
    mapping = FileMapping(None, {"birth_date": (Column("born", "%Y%m%d"),)})
    rows, _ = filled(text, mapping, "birth_date::varchar")
    assert rows == [("1980-02-03",)] * 3 + [(None,)]


def test_the_columns_of_a_date_are_one_date(filled):
    mapping = FileMapping(None, roles(birth_date="y m d"))
    assert filled("y,m,d\n1980,2,3\n,,\n", mapping, "birth_date::varchar")[0] == [("1980-02-03",), (None,)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["13/02/1980", "01/02/1980"], "%d/%m/%Y"),
        (["02/13/1980", "01/02/1980"], "%m/%d/%Y"),
        (["13.02.1980"], "%d.%m.%Y"),
        (["01/02/1980"], None),
        (["1980-02-03", "1980-02-04", "13/02/1980"], None),
        ([], None),
    ],
)
def test_whether_the_day_stands_first_follows_from_the_other_dates(values, found):
    assert format_of(values) == found


def test_each_column_of_addresses_and_numbers_is_a_value_of_its_own(filled):
    text = "mail,tel,mobile\nann@a.jp,026-222-3333,090-1234-5678\n"
    rows, _ = filled(text, FileMapping(None, roles(e_mail="mail", phone="tel mobile")), "e_mails, phones")
    assert [mail["identity"] for mail in rows[0][0]] == ["ann@a.jp"]
    assert [phone["e164"] for phone in rows[0][1]] == ["+81262223333", "+819012345678"]


def test_a_street_and_its_number_are_one_address(filled):
    text = "no,street,suburb,postcode\n7,wallaby place,cleveland,2119\n"
    mapping = FileMapping(None, roles(address="no street", city="suburb", postal_code="postcode"))
    assert filled(text, mapping, "number, town, city, postal_code")[0] == [("7", "wallaby place", "cleveland", "2119")]


def test_companies_are_companies_and_colleagues_are_people(filled):
    mapping = FileMapping(None, roles(company="firm", phone="tel"))
    assert filled("firm,tel\n㈱山田製作所,03-3333-4444\n", mapping, "name_key, legal_form")[0] == [
        ("山田製作所", "株式会社")
    ]
    assert kind_of([FileMapping(None, roles(company="firm", e_mail="mail"))]) is Kind.PERSON


def test_distinctness_is_that_of_the_file_where_values_repeat_most(filled):
    mapping = FileMapping(None, roles(family_name="name"), {"code": "exact", "sex": "exact"})
    _, distinct = filled("name,code,sex\na,1,m\nb,2,m\nc,3,m\nd,,m\n", mapping)
    assert distinct == {"code": 1.0, "sex": 0.25}


def test_numbers_tell_their_country():
    american = ["(212) 555-0147", "415-555-2671", "312-555-0199", "206-555-0188"]
    assert region_of(["+1" + number for number in american] and american, "JP") == "US"
    assert region_of(["03-3333-4444", "090-1234-5678"], "JP") == "JP"
    assert region_of(["x", "1"], "JP") == "JP"
    assert region_of([], "JP") == "JP"
