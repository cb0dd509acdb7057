import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.errors import ConfigError
from crm_pipeline.match.model.file import place, previous, read, versioned, write
from crm_pipeline.match.model.model import Model, Terms
from crm_pipeline.model import MATCHED, Kind
from crm_pipeline_tests.match.model.organisation import begun

words = st.text(st.characters(codec="utf-8"), max_size=8)
shares = st.floats(1e-9, 1)
weights = st.floats(-12, 12)
models = st.builds(
    Model,
    kind=st.sampled_from([kind.value for kind in MATCHED]),
    weights=st.dictionaries(st.tuples(words, words), weights, max_size=4),
    terms=st.dictionaries(
        words, st.builds(Terms, st.dictionaries(words, shares, max_size=4), shares, st.floats(0, 1)), max_size=3
    ),
    prior=st.dictionaries(st.tuples(words, words), st.floats(1e-12, 10), max_size=4),
    shared=st.dictionaries(words, st.frozensets(words, max_size=4), max_size=3),
    records=st.dictionaries(words, st.integers(0, 10**9), max_size=3),
    version=st.just(""),
).map(versioned)


@pytest.fixture
def path(tmp_path):
    return place(tmp_path / "crm.duckdb", Kind.PERSON)


@given(model=models)
def test_a_model_written_and_read_is_the_same(tmp_path_factory, model):
    path = tmp_path_factory.mktemp("model") / "person.json"
    write(model, path)
    assert read(path) == model


def test_equal_models_are_equal_files_whatever_the_order_they_were_put_together_in(path, tmp_path):
    model = begun()
    turned = replace(
        model,
        weights=dict(reversed(model.weights.items())),
        prior=dict(reversed(model.prior.items())),
        records=dict(reversed(model.records.items())),
    )
    write(model, path)
    write(versioned(turned), tmp_path / "other.json")
    assert path.read_bytes() == (tmp_path / "other.json").read_bytes()


def test_only_the_owner_can_read_it(path):
    write(begun(), path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_model_before_is_kept_and_an_equal_one_replaces_nothing(path):
    first, second = begun(100), begun(200)
    write(first, path)
    write(first, path)
    assert not previous(path).exists()
    write(second, path)
    write(second, path)
    assert (read(path), read(previous(path))) == (second, first)
    assert [entry.name for entry in path.parent.iterdir() if entry.suffix != ".json"] == []


def test_a_weight_changed_by_hand_is_another_version(path):
    write(begun(), path)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["weights"]["phone"]["mobile"] = 4.5
    path.write_text(json.dumps(content), encoding="utf-8")
    found = read(path)
    assert found.weights["phone", "mobile"] == 4.5
    assert found.version != begun().version


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "something else"}, "is not a model of matching"),
        ({"number": 2}, "is of layout 2, this program reads 1"),
        ({"weights": {"phone": {"mobile": "heavy"}}}, "person.json weights.phone"),
        ({"weights": {"phone": {"mobile": 1e300}}}, "weights.phone"),
        ({"terms": {"family_key": {"other": 0.1, "national": 0, "shares": {"佐藤": 7}}}}, "terms.family_key"),
        ({"prior": {"a": {"b": -1}}}, "prior.a"),
        ({"taste": 1}, "taste"),
    ],
)
def test_a_damaged_newer_or_foreign_file_is_refused_with_its_key(path, change, message):
    write(begun(), path)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as refused:
        read(path)
    assert "佐藤" not in str(refused.value)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"famly_name": {"equal": 5}}, r"weights.famly_name.equal: .*meant: family_name"),
        ({"phone": {"mobil": 5}}, r"weights.phone.mobil: .*meant: mobile"),
    ],
)
def test_a_weight_of_something_that_is_not_compared_is_refused(path, weights, message):
    write(begun(), path)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "weights": weights}), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read(path, Kind.PERSON)


@pytest.mark.parametrize("text", ['{\n"format": ', "[]", "null", "7"])
def test_what_is_no_model_at_all_is_refused(path, text):
    write(begun(), path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"person\.json"):
        read(path)


def test_a_missing_model_says_how_to_make_one(path):
    with pytest.raises(ConfigError, match="crm-pipeline train --apply"):
        read(path)
