"""What the columns of a file mean: the mapping as a person writes it, and as it holds for one file.

Belongs here: reading the YAML file and refusing what cannot be meant. Not here: guessing (guess.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from crm_pipeline.config.load import line_of, read_yaml
from crm_pipeline.errors import ConfigError
from crm_pipeline.match.own_columns import METHODS

#: Roles, in the order in which they are printed. The last two serve addresses.
ROLES = (
    "family_name",
    "given_name",
    "full_name",
    "reading",
    "birth_date",
    "e_mail",
    "phone",
    "company",
    "corporate_number",
    "website",
    "job_title",
    "address",
    "city",
    "postal_code",
    "prefecture",
    "country",
)

_OF_A_PERSON = {"family_name", "given_name", "full_name", "reading", "e_mail", "birth_date", "job_title"}
#: Of a person they are the employer's, and say nothing about who it is.
OF_COMPANIES = {"corporate_number", "website"}


def is_of_companies(roles: Iterable[str]) -> bool:
    """Companies where there is a company and nothing of a person."""
    found = set(roles)
    return "company" in found and not found & _OF_A_PERSON


@dataclass(frozen=True)
class Column:
    """A column with a role. `format`: of its dates, as strptime spells it."""

    name: str
    format: str | None = None


@dataclass(frozen=True)
class FileMapping:
    """`id`: the column whose values name the rows; None: the row's number does. `compare`: column -> method."""

    id: str | None = None
    roles: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    compare: Mapping[str, str] = field(default_factory=dict)

    @property
    def used(self) -> set[str]:
        """All columns that it names."""
        named = {column.name for columns in self.roles.values() for column in columns}
        return named | set(self.compare) | ({self.id} if self.id is not None else set())

    def as_dict(self) -> dict[str, object]:
        """As a person would write it."""
        columns: dict[str, object] = {role: _written(self.roles[role]) for role in ROLES if role in self.roles}
        if self.compare:
            columns["compare"] = dict(self.compare)
        return {**({"id": self.id} if self.id is not None else {}), "columns": columns}

    def as_yaml(self) -> str:
        """What is printed can be kept as a mapping."""
        return yaml.safe_dump(self.as_dict(), allow_unicode=True, sort_keys=False)


def _written(columns: Sequence[Column]) -> object:
    names = [column.name for column in columns]
    named: object = names[0] if len(names) == 1 else names
    return {"column": named, "format": columns[0].format} if columns[0].format else named


def read_mapping(path: Path) -> FileMapping:
    """The mapping in a YAML file. Raises ConfigError, with file and line, for anything that cannot be meant."""
    data = read_yaml(path)
    _known(path, data, ("id", "columns"), ())
    id_ = data.get("id")
    if id_ is not None and not _is_name(id_):
        raise _error(path, ("id",), "write the name of one column, or leave it out: rows then go by their number")
    columns = data.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise _error(path, ("columns",), "name at least one column, such as `family_name: surname`")
    _known(path, columns, (*ROLES, "compare"), ("columns",))
    roles = {role: _columns(path, role, value) for role, value in columns.items() if role != "compare"}
    compare = columns.get("compare") or {}
    if not isinstance(compare, dict):
        raise _error(path, ("columns", "compare"), "write `column: exact` lines under it")
    for name, method in compare.items():
        if method not in METHODS:
            raise _error(path, ("columns", "compare", name), f"'{method}' is not one of {', '.join(METHODS)}")
    return FileMapping(str(id_) if id_ is not None else None, roles, {str(k): v for k, v in compare.items()})


def _columns(path: Path, role: str, value: Any) -> tuple[Column, ...]:
    loc = ("columns", role)
    format_ = None
    if isinstance(value, dict):
        _known(path, value, ("column", "format"), loc)
        if "column" not in value:
            raise _error(path, loc, "'column' is missing; add it")
        format_ = value.get("format")
        if format_ is not None and (role != "birth_date" or not isinstance(format_, str) or "%" not in format_):
            raise _error(path, (*loc, "format"), 'a format is for birth_date only, such as "%Y%m%d"')
        value = value["column"]
    names = value if isinstance(value, list) else [value]
    if not names or not all(map(_is_name, names)):
        raise _error(path, loc, "write a column, a list of columns, or {column: ..., format: ...}")
    return tuple(Column(str(name), format_) for name in names)


def _is_name(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and str(value) != ""


def for_files(mapping: FileMapping, path: Path, headers: Mapping[str, Sequence[str]]) -> dict[str, FileMapping]:
    """What the mapping means for each file (name -> header): the columns that it has.

    Raises ConfigError for a column that no file has, and for a file that lacks the id or has none of the columns.
    """
    for loc, name in _places(mapping):
        if not any(name in header for header in headers.values()):
            raise _error(path, loc, _no_column(name, headers))
    found = {}
    for file, header in headers.items():
        if mapping.id is not None and mapping.id not in header:
            raise _error(path, ("id",), _no_column(mapping.id, {file: header}))
        roles = {role: tuple(one for one in columns if one.name in header) for role, columns in mapping.roles.items()}
        found[file] = FileMapping(
            mapping.id,
            {role: columns for role, columns in roles.items() if columns},
            {name: method for name, method in mapping.compare.items() if name in header},
        )
        if not found[file].roles and not found[file].compare:
            raise _error(path, ("columns",), f"{file} has none of these columns; it has {_listed(header)}")
    return found


def _places(mapping: FileMapping) -> Iterator[tuple[tuple[str, ...], str]]:
    if mapping.id is not None:
        yield ("id",), mapping.id
    for role, columns in mapping.roles.items():
        yield from ((("columns", role), column.name) for column in columns)
    yield from ((("columns", "compare", name), name) for name in mapping.compare)


def _no_column(name: str, headers: Mapping[str, Sequence[str]]) -> str:
    known = list(dict.fromkeys(column for header in headers.values() for column in header))
    lower = {column.lower(): column for column in known}
    near = get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    meant = f"; did you mean '{lower[near[0]]}'?" if near else "."
    return f"{' and '.join(headers)}: no column '{name}'{meant} There are {_listed(known)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return ", ".join(names[:30]) + more


def _known(path: Path, data: Mapping[Any, Any], known: Sequence[str], loc: tuple[str, ...]) -> None:
    """Refuse a key that is none of `known`."""
    for key in data:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            meant = f"did you mean {near[0]}?" if near else f"write one of {', '.join(known)}"
            raise _error(
                path, (*loc, key), f"'{key}' is not a known {'role' if loc == ('columns',) else 'key'}; {meant}"
            )


def _error(path: Path, loc: tuple[str, ...], text: str) -> ConfigError:
    where = ".".join(map(str, loc))
    return ConfigError(f"{path} line {line_of(str(path), loc)}: {where + ': ' if where else ''}{text}")
