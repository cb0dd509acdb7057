"""What the addresses of a file say beyond the nightly comparison: the very same house, and cities with a typing slip.

Belongs here: two comparisons of normalised addresses, and their values as columns of the file's own. Both are one fact
with the address: the strongest counts. Not here: columns that the mapping compares (own_columns.py).
"""

from __future__ import annotations

from crm_pipeline.match.vocabulary import Comparison, Force, Group, Level
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: A house that many rows name, an office tower or an employer's, counts as little as its share says.
HOUSE = Comparison(
    "house",
    Group.WORKPLACE,
    (
        Level("equal", 0, Force.NEUTRAL, 0.7, term=True, cap=4.5),
        Level("similar", 0.5, Force.NEUTRAL, 0.1, cap=3),
        Level("close", 0, Force.NEUTRAL, 0.05, cap=1.5),
        Level("different", 0, Force.NEUTRAL, 0.15, cap=0),
    ),
    method="text",
)
CITY_NAME = Comparison(
    "city name",
    Group.WORKPLACE,
    (
        Level("equal", 0, Force.NEUTRAL, 0.8, term=True, cap=2.5),
        Level("similar", -0.3, Force.NEUTRAL, 0.06, term=True, cap=2),
        Level("close", 0, Force.NEUTRAL, 0.04, cap=1),
        Level("different", 0, Force.NEUTRAL, 0.1, cap=0),
    ),
    method="text",
)

#: SQL of each one's value. Cities in kanji are chosen from a list, or converted as whole words: without slips.
_VALUES = {
    HOUSE: "case when number is not null and coalesce(city, town) is not null "
    "then concat_ws(' ', city, town, number) end",
    CITY_NAME: "case when regexp_full_match(city, '[a-z .''-]{4,}') then city end",
}


def place_columns(connection: Connection, kind: Kind) -> tuple[Comparison, ...]:
    """Add the values of normalise.<kind> to the temporary table `extra`. Returns the comparisons that have some; none
    that is called as a column of the file."""
    taken = {name for (name,) in connection.execute('select distinct "column" from extra').fetchall()}
    found = []
    for comparison, value in _VALUES.items():
        if comparison.name in taken:
            continue
        connection.execute(
            f"insert into extra select record_key, $name, {value} from normalise.{kind.value} "
            f"where {value} is not null",
            {"name": comparison.name},
        )
        row = connection.execute('select 1 from extra where "column" = $name limit 1', {"name": comparison.name})
        if row.fetchone():
            found.append(comparison)
    return tuple(found)
