"""A record in little memory: a tuple of values, and the layout that says which value stands where.

Belongs here: reading a row by field name, changing a copy of it. Not here: keeping rows (rows.py), what values are
allowed. Fields that seldom have a value stand at the end, and a tuple ends with its last value that is not the
field's default: a blank field costs nothing, and a field that is added to a million records changes none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from crm_pipeline.emulator.salesforce.schema import Field, SObject

_SYSTEM = ("Id", "OwnerId", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate", "SystemModstamp")
_SELDOM = ("Latitude", "Longitude", "GeocodeAccuracy", "Jigsaw", "MasterRecordId", "ReportsToId", "IndividualId")
_COMPOUND_PARTS = {
    "city": "City",
    "country": "Country",
    "countryCode": "CountryCode",
    "geocodeAccuracy": "GeocodeAccuracy",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "postalCode": "PostalCode",
    "state": "State",
    "stateCode": "StateCode",
    "street": "Street",
}

Getter = Callable[["Row"], Any]
Answers = Callable[["Row"], dict[str, Any]]


class Layout:
    """Where the values of one object's rows stand. Compound addresses stand nowhere: they are put together on reading.

    `names` are the fields in the order of describe, in which rows are iterated; `positions` those that are stored.
    """

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.names: list[str] = []
        self.positions: dict[str, int] = {}
        self.defaults: tuple[Any, ...] = ()
        self.arrange()

    def arrange(self) -> None:
        """Give every field its place; only while there are no rows."""
        self.names = list(self.sobject.fields)
        stored = [field for field in self.sobject.fields.values() if field.type != "address"]
        stored.sort(key=_rank)
        self.positions = {field.name: position for position, field in enumerate(stored)}
        self.defaults = tuple(field.default for field in stored)

    def append(self, field: Field) -> None:
        """Add a field, or take the new default of a known one; rows that there are read its default."""
        if field.name not in self.names:
            self.names.append(field.name)
        position = self.positions.setdefault(field.name, len(self.positions))
        self.defaults = (*self.defaults[:position], field.default, *self.defaults[position + 1 :])

    def row(self, values: Mapping[str, Any]) -> Row:
        """A row with these values, and the defaults of all other fields. Compound addresses are passed over."""
        draft = Draft(self)
        draft.update(values)
        return draft.row()

    def getter(self, name: str) -> Getter:
        """A fast function that reads one field of a row of this layout."""
        position = self.positions.get(name)
        if position is None:
            return lambda row: row[name]
        default = self.defaults[position]

        def get(row: Row) -> Any:
            values = row.values_
            return values[position] if position < len(values) else default

        return get

    def getters(self, names: list[str]) -> Callable[[Row], tuple[Any, ...]]:
        """A fast function that reads several fields of a row of this layout."""
        if len(names) < 2 or not all(name in self.positions for name in names):
            return lambda row: tuple([row[name] for name in names])
        positions = [self.positions[name] for name in names]
        pick, needed, defaults = itemgetter(*positions), max(positions), self.defaults

        def get(row: Row) -> tuple[Any, ...]:
            values = row.values_
            return pick(values) if needed < len(values) else pick(values + defaults[len(values) :])  # type: ignore[no-any-return]

        return get

    def renderer(self, attributes: tuple[str, str], columns: Mapping[str, Getter | None]) -> Answers:
        """A fast function that answers a row as JSON, with these columns; None: the field of this name.

        `attributes` are the type and the path before the id. A page has 2,000 rows, so the dict is written out as
        code, as namedtuple does: that takes half the time of building it from names and values.
        """
        scope: dict[str, Any] = {"kind": attributes[0], "path": attributes[1]}
        parts, needed = ["'attributes': {'type': kind, 'url': path + v[0]}"], 0
        for number, (name, get) in enumerate(columns.items()):
            position = self.positions.get(name)
            if get is not None:
                scope[f"get{number}"] = get
                parts.append(f"{name!r}: get{number}(row)")
            elif position is not None:
                needed = max(needed, position)
                parts.append(f"{name!r}: v[{position}]")
            else:
                needed, scope[f"get{number}"] = len(self.defaults), self.address(name)
                parts.append(f"{name!r}: get{number}(v)")
        answer = eval(f"lambda row, v: {{{', '.join(parts)}}}", scope)  # noqa: S307  # names of our own fields only
        defaults = self.defaults

        def render(row: Row) -> dict[str, Any]:
            v = row.values_
            return answer(row, v if needed < len(v) else v + defaults[len(v) :])  # type: ignore[no-any-return]

        return render

    def address(self, name: str) -> Callable[[tuple[Any, ...]], dict[str, Any] | None]:
        """Puts a compound address together from the values of a row with nothing cut off. KeyError when it is none."""
        if self.sobject.fields[name].type != "address":
            raise KeyError(name)
        prefix = name.removesuffix("Address")
        places = [(key, self.positions.get(prefix + part)) for key, part in _COMPOUND_PARTS.items()]
        known = [(key, position) for key, position in places if position is not None]

        def read(values: tuple[Any, ...]) -> dict[str, Any] | None:
            parts = {key: values[position] for key, position in known}
            return parts if any(value is not None for value in parts.values()) else None

        return read

    def __repr__(self) -> str:
        return f"Layout({self.sobject.name})"


class Row(Mapping[str, Any]):
    """All fields of a record in stored form (values.py). Never changed in place: `changed` gives a new one."""

    __slots__ = ("layout", "values_")

    def __init__(self, layout: Layout, values: tuple[Any, ...]) -> None:
        self.layout = layout
        self.values_ = values

    def __getitem__(self, name: str) -> Any:
        position = self.layout.positions.get(name)
        if position is None:
            return self.layout.address(name)(self.values_ + self.layout.defaults[len(self.values_) :])
        values = self.values_
        return values[position] if position < len(values) else self.layout.defaults[position]

    def get(self, name: str, default: Any = None) -> Any:
        """The field's value; `default` when the object has no such field."""
        return self[name] if name in self.layout.positions or name in self.layout.names else default

    def __iter__(self) -> Iterator[str]:
        return iter(self.layout.names)

    def __len__(self) -> int:
        return len(self.layout.names)

    def __contains__(self, name: object) -> bool:
        return name in self.layout.positions or name in self.layout.names

    def __repr__(self) -> str:
        return f"Row({self.layout.sobject.name}, {self.id})"

    @property
    def id(self) -> str:
        """The record's id of 18 characters."""
        return self.values_[0]  # type: ignore[no-any-return]

    def changed(self, changes: Mapping[str, Any]) -> Row:
        """A copy with other values."""
        draft = Draft(self.layout, self)
        draft.update(changes)
        return draft.row()


class Draft:
    """The values of a row while it is being made."""

    __slots__ = ("_length", "_values", "layout")

    def __init__(self, layout: Layout, row: Row | None = None) -> None:
        """Starts with the values of `row`, without one with the defaults."""
        values = row.values_ if row is not None else ()
        self.layout = layout
        self._values = [*values, *layout.defaults[len(values) :]]
        self._length = max(1, len(values))

    def __getitem__(self, name: str) -> Any:
        return self._values[self.layout.positions[name]]

    def __setitem__(self, name: str, value: Any) -> None:
        position = self.layout.positions[name]
        self._values[position] = value
        if position >= self._length:
            self._length = position + 1

    def __contains__(self, name: str) -> bool:
        return name in self.layout.positions

    def get(self, name: str) -> Any:
        """The field's value; None also when the object has no such field."""
        position = self.layout.positions.get(name)
        return None if position is None else self._values[position]

    def update(self, changes: Mapping[str, Any]) -> None:
        """Set several fields. Compound addresses are passed over; KeyError for an unknown field."""
        values, positions, length = self._values, self.layout.positions, self._length
        for name, value in changes.items():
            position = positions.get(name)
            if position is not None:
                values[position] = value
                if position >= length:
                    length = position + 1
            elif name not in self.layout.names:
                raise KeyError(name)
        self._length = length

    def stamp(self, stamps: Mapping[str, Any]) -> None:
        """Set those of the fields that the object has."""
        values, positions = self._values, self.layout.positions
        for name, value in stamps.items():
            position = positions.get(name)
            if position is not None:
                values[position] = value
                if position >= self._length:
                    self._length = position + 1

    def shortened(self) -> list[Any]:
        """The values without the defaults at the end."""
        values, defaults = self._values, self.layout.defaults
        length = self._length
        while length > 1 and values[length - 1] == defaults[length - 1]:
            length -= 1
        return values[:length]

    def row(self) -> Row:
        """The finished row."""
        return Row(self.layout, tuple(self.shortened()))


def _rank(field: Field) -> tuple[int, int]:
    """Fields that most records fill come first; Id is the very first."""
    if field.name in _SYSTEM:
        return 0, _SYSTEM.index(field.name)
    if field.type == "boolean":
        return 2, 0
    filled = (field.createable or field.name == "Name") and not field.name.endswith(_SELDOM)
    return 1 if filled else 3, 0
