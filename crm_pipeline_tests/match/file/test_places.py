"""The same house and a city with a slip are compared in files, beside the address."""

from crm_pipeline.match.file.places import CITY_NAME, HOUSE, place_columns
from crm_pipeline.model import Kind

_TABLES = """
create schema normalise;
create temp table extra (record_key varchar, "column" varchar, value varchar);
create table normalise.person as
from (values ('f/1', '長野市', '吉田', '3-1-12'), ('f/2', 'london', 'high st', null)) t(record_key, city, town, number)
"""


def test_houses_and_cities_become_columns(connection):
    connection.execute(_TABLES)
    assert place_columns(connection, Kind.PERSON) == (HOUSE, CITY_NAME)
    assert sorted(connection.execute("from extra").fetchall()) == [
        ("f/1", "house", "長野市 吉田 3-1-12"),
        ("f/2", "city name", "london"),
    ]


def test_a_number_of_no_street_is_no_house(connection):
    connection.execute(_TABLES)
    connection.execute("insert into normalise.person values ('f/3', null, null, '12'), ('f/4', null, 'high st', '12')")
    place_columns(connection, Kind.PERSON)
    houses = connection.execute("select record_key from extra where \"column\" = 'house' order by 1").fetchall()
    assert houses == [("f/1",), ("f/4",)]


def test_a_column_of_the_file_keeps_its_name(connection):
    connection.execute(_TABLES)
    connection.execute("insert into extra values ('f/1', 'house', 'Slytherin')")
    assert place_columns(connection, Kind.PERSON) == (CITY_NAME,)
