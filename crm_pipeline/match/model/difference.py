"""What another model says otherwise, and whether a model still fits, in lines that name no person.

Belongs here: comparing two models, and a model with the records of today. Not here: which links change (match-diff).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.sharing import shared_values
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Weights (log10) and odds that differ by less make no link another.
_WEIGHT, _ODDS = 0.05, 1.1
#: So many times the records of then: how rare a name is and how likely a match have changed.
_GROWN = 2
#: Values that became shared since: one more is daily business.
_NEWLY_SHARED = 10
_WORDS = {"e_mail": "e-mail addresses", "phone": "phone numbers", "domain": "domains"}


def difference(old: Model | None, new: Model) -> Sequence[str]:
    """Records, prior odds, weights, and how many shared values and named shares changed, one a line. No values: they
    are personal data. Empty: nothing that matters changed."""
    if old is None:
        sources = ", ".join(f"{number:,} of {source}" for source, number in sorted(new.records.items()))
        return [f"{new.kind}: the first model, {new.version}, from {sources or 'no records'}"]
    if old.version == new.version:
        return []
    lines = [*_records(old, new), *_prior(old, new), *_weights(old, new), *_shared(old, new), *_terms(old, new)]
    return [f"{new.kind}: {line}" for line in lines]


def staleness(connection: Connection, model: Model, settings: MatchSettings) -> Sequence[str]:
    """Why the model should be made anew, one sentence each; empty while it fits. For the match asset's metadata."""
    kind = Kind(model.kind)
    counted: dict[str, int] = dict(
        connection.execute(f"select system, count(*) from normalise.{kind.value} group by 1 order by 1").fetchall()
    )
    sentences = [
        f"{source} has {number:,} {kind.value} records, the model was made from {model.records.get(source, 0):,}"
        for source, number in counted.items()
        if number > _GROWN * model.records.get(source, 0)
    ]
    for what, values in shared_values(connection, kind, settings).items():
        new = len(values - model.shared.get(what, frozenset()))
        if new >= _NEWLY_SHARED:
            sentences.append(f"{new:,} {_WORDS[what]} have come to be shared by several names since the model was made")
    return [f"{sentence}; make it anew: crm-pipeline train" for sentence in sentences]


def _records(old: Model, new: Model) -> Iterator[str]:
    for source in sorted({*old.records, *new.records}):
        then, now = old.records.get(source, 0), new.records.get(source, 0)
        if then != now:
            yield f"records of {source}: {then:,} -> {now:,}"


def _prior(old: Model, new: Model) -> Iterator[str]:
    for one, other in sorted({*old.prior, *new.prior}):
        if one > other:
            continue
        then, now = old.prior.get((one, other)), new.prior.get((one, other))
        if then is None or now is None or max(then, now) > _ODDS * min(then, now):
            sides = f"a record of {one} and one of {other}" if one != other else f"two records of {one}"
            yield f"{sides} are one customer: {_one_in(then)} -> {_one_in(now)}"


def _one_in(odds: float | None) -> str:
    return f"1 in {1 / odds + 1:,.0f}" if odds else "unknown"


def _weights(old: Model, new: Model) -> Iterator[str]:
    for name, level in sorted({*old.weights, *new.weights}):
        then, now = old.weights.get((name, level)), new.weights.get((name, level))
        if then is None or now is None:
            yield f"weight of {name} {level}: {_signed(then)} -> {_signed(now)}"
        elif abs(then - now) >= _WEIGHT:
            yield f"weight of {name} {level}: {_signed(then)} -> {_signed(now)} ({_signed(now - then)})"


def _signed(weight: float | None) -> str:
    return "none" if weight is None else f"{weight:+.2f}"


def _shared(old: Model, new: Model) -> Iterator[str]:
    for what in sorted({*old.shared, *new.shared}):
        then, now = old.shared.get(what, frozenset()), new.shared.get(what, frozenset())
        if then != now:
            yield f"shared {_WORDS.get(what, what)}: {len(now - then):,} more, {len(then - now):,} no longer"


def _terms(old: Model, new: Model) -> Iterator[str]:
    for column in sorted({*old.terms, *new.terms}):
        then, now = _shares(old, column), _shares(new, column)
        if then != now:
            changed = sum(then[value] != now[value] for value in then.keys() & now.keys())
            added, removed = len(now.keys() - then.keys()), len(then.keys() - now.keys())
            yield f"common values of {column}: {added:,} more, {removed:,} no longer, {changed:,} with another share"


def _shares(model: Model, column: str) -> Mapping[str, float]:
    terms = model.terms.get(column)
    return terms.shares if terms else {}
