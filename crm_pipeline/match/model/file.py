"""A model as a file: JSON that a person can read in a `diff`, beside the warehouse.

It holds names, towns and shared mailboxes with how common they are: personal data, so it is readable by its owner only
and belongs into no repository and no log. Belongs here: reading and writing. Not here: what is in it (model.py).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from crm_pipeline.config.strict import Strict
from crm_pipeline.errors import ConfigError
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.model import Model, Terms
from crm_pipeline.match.people import PERSON
from crm_pipeline.model import Kind

#: What tells this file from other JSON, and the layout's number: a newer one is refused.
_FORMAT, _NUMBER = "crm-pipeline match model", 1


#: log10 of a likelihood ratio; beyond a million times a million it is a slip of the pen.
_Weight = Annotated[float, Field(ge=-12, le=12)]
_Share = Annotated[float, Field(gt=0, le=1)]
_Count = Annotated[int, Field(ge=0)]


class _Terms(Strict):
    other: _Share
    national: float = Field(ge=0, le=1)
    shares: Mapping[str, _Share]


class _File(Strict):
    format: str
    number: int
    version: str
    kind: Kind
    records: Mapping[str, _Count]
    prior: Mapping[str, Mapping[str, Annotated[float, Field(gt=0)]]]
    weights: Mapping[str, Mapping[str, _Weight]]
    shared: Mapping[str, tuple[str, ...]]
    terms: Mapping[str, _Terms]


def place(warehouse: Path, kind: Kind) -> Path:
    """Beside the warehouse `data/crm.duckdb`: `data/crm_match_model/person.json`. Each warehouse has its own."""
    return warehouse.with_name(f"{warehouse.stem}_match_model") / f"{kind.value}.json"


def versioned(model: Model) -> Model:
    """The model with the version that follows from its content: equal models have equal versions."""
    content = json.dumps(_as_dict(replace(model, version="")), ensure_ascii=False, sort_keys=True)
    return replace(model, version=hashlib.sha256(content.encode()).hexdigest()[:12])


def read(path: Path, kind: Kind | None = None) -> Model:
    """The version is that of the content: a weight changed by hand makes another model.

    Raises ConfigError, naming the line or key, for a file that is missing, damaged, newer or foreign, or of another
    `kind` of record; with a kind, also for a weight of something that is not compared: a slip of the pen.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; make it with: crm-pipeline train --apply") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path} line {error.lineno}: this is not JSON; {_REMEDY}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as UTF-8 text: {error.__class__.__name__}") from None
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise ConfigError(f"{path} is not a model of matching (format: {_FORMAT}); {_REMEDY}")
    if data.get("number") != _NUMBER:
        raise ConfigError(
            f"{path} is of layout {data.get('number')!r}, this program reads {_NUMBER}; use the program that wrote it, "
            "or make the model anew with: crm-pipeline train --apply"
        )
    try:
        found = _File.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # A key may be somebody's name: only the first two steps are ours.
        where = ".".join(str(step) for step in first["loc"][:2])
        raise ConfigError(f"{path} {where}: {first['msg'].lower()}; {_REMEDY}") from None
    if kind not in (None, found.kind):
        raise ConfigError(f"{path} is the model of a {found.kind} and stands in the place of a {kind}'s; {_REMEDY}")
    if kind is not None:
        _check_names(found, kind, path)
    return _as_model(found)


def _check_names(found: _File, kind: Kind, path: Path) -> None:
    compared = {one.name: [level.name for level in one.levels] for one in (PERSON if kind is Kind.PERSON else COMPANY)}
    for name, levels in found.weights.items():
        for level in levels:
            if level not in compared.get(name, ()):
                near = (
                    get_close_matches(name, compared)
                    if name not in compared
                    else get_close_matches(level, compared[name])
                )
                meant = f" (meant: {near[0]}?)" if near else ""
                raise ConfigError(
                    f"{path} weights.{name}.{level}: nothing of a {kind} is compared under this name{meant}; {_REMEDY}"
                )


_REMEDY = "restore it from a copy, or make it anew with: crm-pipeline train --apply"


def write(model: Model, path: Path) -> None:
    """Whole or not at all. An earlier model of another version stays beside it as `person.previous.json`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_as_dict(model), ensure_ascii=False, indent=1) + "\n"
    if path.exists():
        if path.read_text(encoding="utf-8", errors="replace") == text:
            return
        _replace(previous(path), path.read_bytes())
    _replace(path, text.encode())


def previous(path: Path) -> Path:
    """Where the model before the present one is kept."""
    return path.with_suffix(".previous.json")


def candidate(path: Path) -> Path:
    """Where a new model waits beside the present one until somebody puts it in place."""
    return path.with_suffix(".new.json")


def _replace(path: Path, content: bytes) -> None:
    spool = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with open(os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        spool.replace(path)
    finally:
        spool.unlink(missing_ok=True)


def _as_dict(model: Model) -> dict[str, Any]:
    """In the order in which a person reads it; keys sorted, so that equal models are equal files."""
    return {
        "format": _FORMAT,
        "number": _NUMBER,
        "version": model.version,
        "kind": model.kind,
        "records": _sorted(model.records),
        "prior": _nested(model.prior),
        "weights": _nested(model.weights),
        "shared": {what: sorted(values) for what, values in sorted(model.shared.items())},
        "terms": {
            column: {"other": terms.other, "national": terms.national, "shares": _sorted(terms.shares)}
            for column, terms in sorted(model.terms.items())
        },
    }


def _as_model(found: _File) -> Model:
    model = Model(
        kind=found.kind.value,
        weights={(name, level): weight for name, levels in found.weights.items() for level, weight in levels.items()},
        terms={column: Terms(terms.shares, terms.other, terms.national) for column, terms in found.terms.items()},
        prior={(one, other): odds for one, others in found.prior.items() for other, odds in others.items()},
        shared={what: frozenset(values) for what, values in found.shared.items()},
        records=found.records,
        version="",
    )
    return versioned(model)


def _nested(flat: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    return {
        first: {key[1]: value for key, value in items}
        for first, items in groupby(sorted(flat.items()), lambda i: i[0][0])
    }


def _sorted(flat: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(flat.items()))
