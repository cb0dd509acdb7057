"""Roles guessed from headers that people and programs write, and from values."""

import pytest

from crm_pipeline.match.file.guess import Look, guess
from crm_pipeline.match.file.mapping import Column

VALUES = {
    "id": [str(number) for number in range(40)],
    "e_mail": [f"person{number}@example.org" for number in range(40)],
    "phone": [f"090-1234-{number:04}" for number in range(40)],
    "birth_date": [f"19{40 + number}-04-09" for number in range(40)],
    "family_name": ["佐藤", "Smith", "山田", "Brown"] * 10,
    "given_name": ["花子", "Ann", "太郎", "Bob"] * 10,
    "full_name": ["佐藤 花子", "Ann Smith", "山田太郎", "Bob Brown"] * 10,
    "company": ["株式会社アルファ", "Beta Ltd", "ガンマ(株)", "Delta Inc"] * 10,
    "other": ["a", "b", "c", "d"] * 10,
}
FEBRL = (
    "rec_id:id given_name:given_name surname:family_name street_number:address address_1:address address_2:address "
    "suburb:city postcode:postal_code state:prefecture date_of_birth:birth_date soc_sec_id:exact"
)
FAKE = "unique_id:id first_name:given_name surname:family_name dob:birth_date city:city email:e_mail cluster:-"
JAPANESE = (
    "顧客ID:id 姓:family_name 名:given_name セイ:reading メイ:reading メールアドレス:e_mail 電話番号:phone "
    "携帯電話:phone 会社名:company 会社名カナ:- 役職:job_title 郵便番号:postal_code 都道府県:prefecture 市区町村:city "
    "番地:address 建物名:address 生年月日:birth_date 備考:-"
)
HUBSPOT = (
    "Record_ID:id First_Name:given_name Last_Name:family_name Email:e_mail Phone_Number:phone "
    "Mobile_Phone_Number:phone Company_Name:company Company_Domain_Name:- Street_Address:address City:city "
    "State/Region:prefecture Postal_Code:postal_code Country/Region:country Date_of_birth:birth_date "
    "Job_Title:job_title Contact_owner:- Create_Date:- Last_Modified_Date:- Lifecycle_Stage:-"
)
SALESFORCE = (
    "Id:id FirstName:given_name LastName:family_name Email:e_mail Phone:phone MobilePhone:phone Fax:- "
    "MailingStreet:address MailingCity:city MailingState:prefecture MailingPostalCode:postal_code "
    "MailingCountry:country OtherStreet:- Birthdate:birth_date Title:job_title AccountId:- OwnerId:- CreatedDate:- "
    "LastModifiedById:- Account.Name:company"
)


def looks(meant):
    def look(name):
        values = VALUES.get(meant[name], VALUES["id"] if meant[name] == "exact" else VALUES["other"])
        return Look(values, len(values), len(set(values)))

    return look


@pytest.mark.parametrize(
    "words", [FEBRL, FAKE, JAPANESE, HUBSPOT, SALESFORCE], ids=["febrl", "fake", "ja", "hubspot", "sf"]
)
def test_headers_of_known_exports(words):
    meant = dict(pair.rsplit(":", 1) for pair in words.split())
    found = guess(list(meant), 40, looks(meant))
    roles = {column.name: role for role, columns in found.mapping.roles.items() for column in columns}
    said = {name: roles.get(name) or found.mapping.compare.get(name) or "-" for name in meant}
    if found.mapping.id:
        said[found.mapping.id] = "id"
    assert said == meant
    assert set(found.left_out) == {name for name, role in meant.items() if role == "-"}


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("familyName", "family_name"),
        ("FAMILY_NAME", "family_name"),
        ("氏名", "full_name"),
        ("お名前", "full_name"),
        ("フリガナ", "reading"),
        ("メール", "e_mail"),
        ("住所", "address"),
        ("customer_email", "e_mail"),
        ("postcode_fake", "postal_code"),
        ("company phone", "phone"),
        ("Nachname", "family_name"),
        ("PLZ", "postal_code"),
        ("勤務先", "company"),
    ],
)
def test_headers_in_other_spellings(header, role):
    assert list(guess([header], 40, looks({header: role})).mapping.roles) == [role]


@pytest.mark.parametrize(("kind", "role"), [("e_mail", "e_mail"), ("phone", "phone"), ("birth_date", "birth_date")])
def test_values_speak_where_the_header_does_not(kind, role):
    assert guess(["zzz"], 40, looks({"zzz": kind})).mapping.roles == {role: (Column("zzz"),)}


def test_numbers_that_hardly_repeat_are_compared_exactly():
    values = [f"AB-{number // 2:05}" for number in range(40)] + [f"AC-{number:05}" for number in range(40)]
    found = guess(["zzz"], 80, lambda _: Look(values, 80, 60))
    assert found.mapping.compare == {"zzz": "exact"}


def test_a_header_that_its_values_belie_is_not_believed():
    assert not guess(["email"], 40, looks({"email": "other"})).mapping.roles


def test_a_column_called_name_depends_on_its_neighbours():
    def role(header, *others):
        meant = {"Name": header, **dict.fromkeys(others, "given_name")}
        return {
            one.name: key for key, ones in guess(list(meant), 40, looks(meant)).mapping.roles.items() for one in ones
        }

    assert role("full_name")["Name"] == "full_name"
    assert role("company")["Name"] == "company"
    assert role("family_name", "Vorname")["Name"] == "family_name"


def test_the_answer_and_empty_columns_are_left_out_with_a_word():
    found = guess(
        ["cluster", "name", "empty"], 40, lambda name: Look([], 0, 0) if name == "empty" else Look(["Ann Lee"], 40, 9)
    )
    assert "answer is not used" in found.left_out["cluster"]
    assert found.left_out["empty"] == "it is empty"


def test_an_id_names_every_row_once():
    values = [*VALUES["id"][:-1], "0"]
    assert guess(["customer_id"], 40, lambda _: Look(values, 40, 39)).mapping.id is None
    assert guess(["id"], 40, looks({"id": "id"})).mapping.id == "id"


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Prénom", "given_name"),
        ("Straße", "address"),
        ("Geb.-Datum", "birth_date"),
        ("Date de naissance", "birth_date"),
        ("Téléphone", "phone"),
        ("Contact number", "phone"),
        ("Tel No.", "phone"),
        ("Correo electrónico", "e_mail"),
        ("Città", "city"),
        ("Firma", "company"),
        ("Kundennummer", None),
    ],
)
def test_headers_of_other_languages(header, role):
    meant = {header: role or "id", "Nachname": "family_name"}
    found = guess(list(meant), 40, looks(meant)).mapping
    assert (found.id == header) if role is None else (Column(header),) == found.roles[role]


@pytest.mark.parametrize("headers", [("birth_day", "birth_month", "birth_year"), ("bd", "bm", "by")])
def test_a_birth_date_in_three_columns(headers):
    day, month, year = headers
    values = {day: ["9", "27"], month: ["4", "12"], year: ["1949", "2001"], "lname_c1": ["MEIER", "BAUER"]}
    found = guess(list(values), 2, lambda name: Look(values[name], 2, 2)).mapping
    assert found.roles["birth_date"] == (Column(year), Column(month), Column(day))
    assert not found.compare


def test_a_birth_year_alone_is_a_number():
    values = {"surname": ["Meier", "Bauer"], "birth_year": ["1849", "1851"], "birth_month": ["4", "12"]}
    found = guess(list(values), 2, lambda name: Look(values[name], 2, 2))
    assert found.mapping.compare == {"birth_year": "number"}
    assert set(found.left_out) == {"birth_month"}


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["SMITH, Ann", "Mr Bob Brown", "Al Green"], "full_name"),
        (["株式会社アルファ", "Beta Ltd", "ガンマ(株)"], None),
        (["gold", "silver", "gold"], None),
    ],
)
def test_a_column_called_customer_names_somebody(values, role):
    found = guess(
        ["Customer", "Born"],
        3,
        lambda name: Look(*(values, 3, 3) if name == "Customer" else (["1980-01-01"] * 3, 3, 1)),
    )
    assert found.mapping.roles.get("full_name", ()) == ((Column("Customer"),) if role else ())


@pytest.mark.parametrize(("header", "role"), [("ホームページ", "website"), ("法人番号", "corporate_number")])
def test_a_website_and_a_corporate_number_are_of_companies(header, role):
    values = {"会社名": VALUES["company"], header: ["7000012050002"] * 40, "氏名": VALUES["full_name"]}

    def look(name):
        return Look(values[name], 40, len(set(values[name])))

    assert guess(["会社名", header], 40, look).mapping.roles[role] == (Column(header),)
    with_people = guess(list(values), 40, look)
    assert role not in with_people.mapping.roles
    assert with_people.left_out[header] == "it is the employer's"


@pytest.mark.parametrize(
    ("names", "other", "role"),
    [
        (["arnie morton's of chicago", "campanile", "fenix", "le chardonnay los angeles"], "phone", "company"),
        (["arnie morton's of chicago", "campanile", "fenix", "le chardonnay los angeles"], "birth_date", "full_name"),
        (["Ann Smith", "Bob Brown", "Al Green", "Eve Stone"], "phone", "full_name"),
    ],
)
def test_restaurants_are_companies(names, other, role):
    """A list of places to call at: few people are called by one word, or by many."""
    found = guess(["name", other], 4, lambda name: Look(names if name == "name" else VALUES[other], 4, 4)).mapping
    assert found.roles[role] == (Column("name"),)


def test_a_long_text_is_no_name_and_costs_no_time():
    values = [f"{'re: your order, ' * 12}{number}" for number in range(2000)]
    found = guess(["Record"], 2000, lambda _: Look(values, 2000, 2000)).mapping
    assert not found.roles
