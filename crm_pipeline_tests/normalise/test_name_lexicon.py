"""The optional lexicon: more names are divided and read with it; none is lost without it."""

from __future__ import annotations

import pytest

from crm_pipeline.normalise import name_lexicon
from crm_pipeline.normalise.name import normalise_name

needs_lexicon = pytest.mark.skipif(
    not name_lexicon.is_installed(), reason="the extra [ja] (sudachipy, sudachidict-core) is not installed"
)


@needs_lexicon
@pytest.mark.parametrize(
    ("raw", "family", "given"),
    [
        ("羽生結弦", "羽生", "結弦"),
        ("真田幸村", "真田", "幸村"),
        ("有村架純", "有村", "架純"),
        ("菅義偉", "菅", "義偉"),
    ],
)
def test_a_name_that_only_the_lexicon_knows_is_divided(raw, family, given):
    name = normalise_name(raw)
    assert (name.family, name.given) == (family, given)


@needs_lexicon
def test_the_lexicon_adds_readings():
    assert "suga yoshihide" in normalise_name("菅 義偉").readings


@needs_lexicon
@pytest.mark.parametrize("raw", ["山田商店", "営業部", "東京支店", "お客様", "佐藤歯科"])
def test_what_is_no_name_stays_whole(raw):
    assert normalise_name(raw).given is None


@pytest.mark.skipif(name_lexicon.is_installed(), reason="the extra [ja] is installed")
def test_without_the_lexicon_such_a_name_stays_whole():
    name = normalise_name("羽生結弦")
    assert (name.family, name.given, name.flags) == ("羽生結弦", None, {"unsplit"})


@pytest.mark.parametrize("name", ["", "\x00", "🙂", "山" * 1000, "a"])
def test_any_text_may_be_asked_for(name):
    assert name_lexicon.cut(name) is None
    assert not name_lexicon.is_family(name)
    assert not name_lexicon.given_readings(name)
