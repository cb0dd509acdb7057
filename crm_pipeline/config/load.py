"""Reading the YAML files, and saying in one sentence, with file and line, what is wrong with them.

A user's settings are laid over the defaults key by key; a user's mapping replaces the default mapping whole, because a
half of somebody else's mapping is no mapping.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from crm_pipeline.config.mapping import Mapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import ConfigError

DEFAULTS = Path(__file__).parent / "defaults"
Model = TypeVar("Model", bound=BaseModel)
SETTINGS_VARIABLE = "CRM_PIPELINE_SETTINGS"
MAPPING_VARIABLE = "CRM_PIPELINE_MAPPING"


def load_settings(settings: Path | None = None, mapping: Path | None = None) -> Settings:
    """Settings with their mapping: from the given files, else from those that the environment names, else the defaults.

    Raises ConfigError for a file that is missing, not YAML, or not valid.
    """
    path = settings or _from_environment(SETTINGS_VARIABLE)
    node, data = _read(DEFAULTS / "settings.yaml")
    source = str(DEFAULTS / "settings.yaml")
    if path is not None:
        node, own = _read(path)
        if "mapping" in own:  # it would give way to the one below without a word
            line = _line(node, ["mapping"])
            raise ConfigError(
                f"{path} line {line}: mapping is no setting; remove this line and name the file in {MAPPING_VARIABLE}"
            )
        data, source = _laid_over(data, own), str(path)
    loaded = load_mapping(mapping)
    try:
        return Settings.model_validate({**data, "mapping": loaded})
    except ValidationError as error:
        raise ConfigError(_sentence(source, node, error)) from None


def load_mapping(path: Path | None = None) -> Mapping:
    """The mapping from a file, else from the one that the environment names, else the default. Raises ConfigError."""
    path = path or _from_environment(MAPPING_VARIABLE) or DEFAULTS / "mapping.yaml"
    node, data = _read(path)
    if not data:
        raise ConfigError(f"{path} is empty; `crm-pipeline init` writes a mapping, {DEFAULTS / 'mapping.yaml'} is one")
    try:
        return Mapping.model_validate({**data, "source": str(path), "lines": _lines(node, data)})
    except ValidationError as error:
        raise ConfigError(_sentence(str(path), node, error)) from None


def _lines(node: yaml.Node | None, data: dict[str, Any]) -> dict[str, int]:
    """`kind.field` -> the line of its first key."""
    return {
        f"{kind}.{name}": _line(node, [kind, "fields", name])
        for kind, mapping in data.items()
        if isinstance(mapping, dict) and isinstance(mapping.get("fields"), dict)
        for name in mapping["fields"]
    }


def read_yaml(path: Path) -> dict[str, Any]:
    """What a YAML file of keys says. Raises ConfigError for a file that is missing, not YAML, or has a key twice."""
    return _read(path)[1]


def read_as(path: Path, model: type[Model]) -> Model:
    """A YAML file as a model of pydantic. Raises ConfigError with the line of the first mistake."""
    node, data = _read(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_sentence(str(path), node, error)) from None


def line_of(path: str, loc: Sequence[str | int]) -> int:
    """The line, from 1, on which the value at `loc` stands in a YAML file, or that of the nearest thing around it."""
    node, _ = _read(Path(path))
    return _line(node, loc)


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None


class _Unique(yaml.constructor.SafeConstructor):
    """Refuses a key given twice: the last one would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Loader(_Unique, yaml.SafeLoader):
    """The one whose errors people see: it says what is wrong in more words than the fast one."""


#: Which class it is, only PyYAML's build knows: no checker can.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _FastLoader(_Unique, _SAFE):  # type: ignore[misc, valid-type]
    """Of C where PyYAML was built with it: a tenth of the time, of which every command has its part."""


def _parsed(text: str, kind: type[yaml.SafeLoader]) -> tuple[yaml.Node | None, Any]:
    """The tree with its lines, and what it says. Raises yaml.YAMLError."""
    loader = kind(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _read(path: Path) -> tuple[yaml.Node | None, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; create it, or name another one") from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder; name a file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path} line {line}: this is not UTF-8 text; save it as UTF-8 and run again") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}; allow it, or name another one") from None
    try:
        try:
            node, data = _parsed(text, _FastLoader)
        except yaml.YAMLError:
            node, data = _parsed(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        if error.problem and "'\\t'" in error.problem:
            raise ConfigError(f"{path} line {line}: a tab stands where YAML needs spaces; replace it") from None
        raise ConfigError(f"{path} line {line}: this is not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: this is not valid YAML: {error}") from None
    if data is None:
        return node, {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path} line 1: expected `key: value` lines, found a {type(data).__name__}")
    return node, data


def _laid_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _line(node: yaml.Node | None, loc: Sequence[str | int]) -> int:
    """Follow `loc` down the YAML tree as far as it goes; a number picks the n-th key of a mapping."""
    line = node.start_mark.line + 1 if node else 1
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if isinstance(step, int) and step < len(node.value):
                found = node.value[step]
            elif step in pairs:
                found = pairs[str(step)]
            else:
                continue
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


#: pydantic's name of a mistake -> what to write instead.
_SHAPES = {
    "tuple_type": "write a list here, such as [one, two]",
    "model_type": "write keys with their values under it, or leave it out",
    "path_type": "write the name of a file here",
    "dict_type": "write keys with their values under it, or leave it out",
}


def _sentence(source: str, node: yaml.Node | None, error: ValidationError) -> str:
    """The first mistake as a sentence; the number of further ones, so that nobody thinks there is only one."""
    mistakes = error.errors(include_url=False)
    first = mistakes[0]
    loc = tuple(step for step in first["loc"] if step != "[key]")  # pydantic's word for "the key itself"
    where = _names(node, loc)
    if first["type"] == "extra_forbidden":
        text = f"'{loc[-1]}' is not a known key here; remove it or correct its spelling"
    elif first["type"] == "missing":
        text = f"'{loc[-1]}' is missing; add it"
    elif first["type"] == "enum":
        text = f"'{first['input']}' is not allowed; choose one of {first['ctx']['expected']}"
    elif first["type"] == "value_error":
        text = str(first["ctx"]["error"])
    elif first["type"] in _SHAPES:
        text = _SHAPES[first["type"]]
    else:
        text = f"{first['msg'].lower()} (found {first['input']!r})"
    more = f" ({len(mistakes) - 1} more after this one)" if len(mistakes) > 1 else ""
    return f"{source} line {_line(node, loc)}: {where + ': ' if where else ''}{text}{more}"


def _names(node: yaml.Node | None, loc: Sequence[str | int]) -> str:
    """`loc` in the words of the file: the n-th field goes by its name."""
    names: list[str] = []
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            if isinstance(step, int) and step < len(node.value):
                key, node = node.value[step]
                names.append(str(key.value))
                continue
            node = next((value for key, value in node.value if key.value == step), node)
        names.append(str(step))
    return ".".join(names)
