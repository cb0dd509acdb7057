from __future__ import annotations

import pytest

from crm_pipeline.normalise import romaji
from crm_pipeline.normalise.name import Name, normalise_name, normalise_name_parts
from crm_pipeline_tests.normalise.sample import flags_missed, sample, text


@pytest.mark.parametrize(("raw", "family", "given", "flags"), sample("names"))
def test_a_name_is_split_as_a_person_would(raw, family, given, flags):
    name = normalise_name(raw)
    assert (text(name.family), text(name.given)) == (family, given)
    assert not flags_missed(flags, name.flags)


def _same(a: Name, b: Name) -> bool:
    keys = (a.family_key, a.given_key)
    return (keys == (b.family_key, b.given_key) and any(keys)) or bool(set(a.readings) & set(b.readings))


@pytest.mark.parametrize(("a", "b"), sample("same_names"))
def test_spellings_of_one_name_meet_in_a_key_or_a_reading(a, b):
    assert _same(normalise_name(a), normalise_name(b))


@pytest.mark.parametrize(("a", "b"), sample("different_names"))
def test_different_names_do_not_meet(a, b):
    assert not _same(normalise_name(a), normalise_name(b))


@pytest.mark.parametrize(("a", "b", "relation"), sample("kanji"))
def test_kanji_variants_are_equal_weak_or_different(a, b, relation):
    one, other = normalise_name_parts(a, None), normalise_name_parts(b, None)
    equal = one.family_key == other.family_key
    assert equal == (relation == "equal")
    if relation != "equal":
        assert _same(one, other) == (relation == "weak")


@pytest.mark.parametrize(
    ("family", "given", "keys"),
    [
        ("山田", "太郎", ("山田", "太郎")),
        ("山田太郎", None, ("山田", "太郎")),
        (None, "山田太郎", ("山田", "太郎")),
        ("山田太郎", "山田太郎", ("山田", "太郎")),
        ("松本", "松本次郎", ("松本", "次郎")),
        ("太郎", "松本", ("松本", "太郎")),
        ("松本", None, ("松本", None)),
        (None, "太郎", (None, "太郎")),
        (None, "松本", ("松本", None)),
        ("太郎", None, ("太郎", None)),
        ("Matsumoto", "Jiro", ("matsumoto", "jiro")),
        ("García Márquez", None, ("garcia marquez", None)),
        ("van der Berg", "Jan", ("van der berg", "jan")),
        ("Yamada, Taro", None, ("yamada", "taro")),
        ("O'Brien", "Robert J.", ("obrien", "robert")),
        ("森", "大", ("森", "大")),
        ("なし", "次郎", (None, "次郎")),
        (None, None, (None, None)),
        ("", " ", (None, None)),
    ],
)
def test_two_fields_are_read_together(family, given, keys):
    name = normalise_name_parts(family, given)
    assert (name.family_key, name.given_key) == keys


@pytest.mark.parametrize(
    ("family", "given", "keys"),
    [
        ("松浦", "歩さん", ("松浦", "歩")),
        ("田中", "花子サン", ("田中", "花子")),
        ("田中サン", None, ("田中", None)),
        ("松浦", "アレクサン", ("松浦", "アレクサン")),
        ("大井", "さくらさん", ("大井", "サクラ")),
        ("大井", "歩くん", ("大井", "歩")),
        ("松本", "誠様", ("松本", "誠")),
        ("田中さん", None, ("田中", None)),
        ("佐藤", "おさん", ("佐藤", "オサン")),
        ("真殿", None, ("真殿", None)),
    ],
)
def test_an_honorific_is_no_part_of_a_short_name(family, given, keys):
    name = normalise_name_parts(family, given)
    assert (name.family_key, name.given_key) == keys


def test_a_reading_is_a_set_of_possibilities():
    assert set(normalise_name("河野太郎").readings) == {"kono taro", "kawano taro"}
    assert normalise_name("松本").readings == ("matsumoto",)
    assert normalise_name("太郎").readings == (" taro",)


def test_half_a_reading_is_none():
    assert normalise_name("山田 龘").readings == ()


def test_a_reading_in_brackets_counts():
    assert "yamada kirara" in normalise_name("山田 星（ヤマダ キララ）").readings


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        ("matsumoto matumoto mathumoto MATSUMOTO", "matsumoto"),
        ("ohtani ootani otani ōtani Ôtani", "otani"),
        ("jumpei junpei", "junpei"),
        ("shinichi sinichi shin'ichi", "shinichi"),
        ("sho syo shou syou shoh", "sho"),
        ("yoshio yosio", "yoshio"),
        ("ichiro itirou ichiroh", "ichiro"),
        ("juzo zyuzo jyuuzou", "juzo"),
        ("hattori hattori", "hattori"),
        ("fumio humio", "fumio"),
        ("shuhei syuuhei", "shuhei"),
        ("kyoko kyouko kyohko", "kyoko"),
    ],
)
def test_romaji_has_one_spelling(spellings, key):
    assert {romaji.key(spelled) for spelled in spellings.split()} == {key}


@pytest.mark.parametrize("raw", ["サンプル 太郎", "ダミー 一郎", "ｻﾝﾌﾟﾙ ﾊﾅｺ", "テスト 花子"])
def test_a_name_made_for_trying_out_a_form_is_a_placeholder(raw: str) -> None:
    assert "placeholder" in normalise_name(raw).flags
