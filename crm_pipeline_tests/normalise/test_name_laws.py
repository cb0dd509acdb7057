"""What holds for the keys of any name and any company."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_pipeline.normalise import kana, kanji, romaji, tables
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.name import normalise_name, normalise_name_parts
from crm_pipeline.normalise.name_dictionary import key
from crm_pipeline_tests.normalise.sample import sample
from crm_pipeline_tests.normalise.test_laws import TEXTS

_NAMES = st.sampled_from([row[0] for row in sample("people")])
_FIRMS = st.sampled_from([row[0] for row in sample("firms")])
_HALF_WIDTH = {full: half for half in map(chr, range(0xFF66, 0xFF9E)) if (full := unicodedata.normalize("NFKC", half))}


@pytest.mark.parametrize("piece", ["\x00", "🙂", "あ", "山", "a b ", "(", "山田・", "a.", "㈱", "社長"])
def test_no_cell_is_too_bad(piece):
    bad = piece * (10_000_000 // len(piece))
    normalise_name(bad)
    normalise_name_parts(bad, bad)
    normalise_company(bad)


@given(st.text(st.characters(), max_size=1))
@settings(max_examples=100, deadline=None)
def test_one_character_is_no_problem(char):
    assert normalise_name(char).as_json() == normalise_name(f" {char} ").as_json()
    normalise_company(char)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_key_is_its_own_key(raw):
    for part in (normalise_name(raw).family_key, normalise_name(raw).given_key):
        assert part is None or key(part) == part
    assert romaji.key(romaji.key(raw)) == romaji.key(raw)
    assert kanji.weak(kanji.weak(kanji.fold(raw))) == kanji.weak(kanji.fold(raw))


@given(_NAMES)
@settings(max_examples=150, deadline=None)
def test_width_and_spaces_do_not_change_a_name(raw):
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in raw)
    for other in (wide, f"\u3000{raw} ", raw.replace(" ", "\u3000\u3000"), raw + "\u200b"):
        assert _keys(other) == _keys(raw)


@given(_NAMES)
@settings(max_examples=150, deadline=None)
def test_half_width_kana_do_not_change_a_name(raw):
    narrow = "".join(_HALF_WIDTH.get(c, c) for c in unicodedata.normalize("NFKC", raw))
    assert _keys(narrow) == _keys(unicodedata.normalize("NFKC", raw))


@given(st.sampled_from([row[0] for row in sample("people") if row[0].isascii() and "." not in row[0]]))
def test_two_fields_in_any_case_have_one_key(raw):
    name = normalise_name(raw)
    for change in (str.lower, str.upper, str.title):
        other = normalise_name_parts(change(name.family or ""), change(name.given or ""))
        assert (other.family_key, other.given_key) == (name.family_key, name.given_key)


@given(_FIRMS)
@settings(max_examples=150, deadline=None)
def test_width_case_and_spaces_do_not_change_a_company(raw):
    found = normalise_company(raw)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in raw)
    for other in (wide, raw.upper(), raw.lower(), f"\u3000{raw} ", raw.replace(" ", "\u3000"), raw + "\u200b"):
        assert normalise_company(other) == found


@given(_FIRMS)
@settings(max_examples=100, deadline=None)
def test_a_company_key_is_lower_case_letters_and_digits(raw):
    found = normalise_company(raw).key
    assert found is None or (found.isalnum() and found == found.lower() == kanji.fold(found))


@given(st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30FA), max_size=12))
@example("ッッ")
@settings(max_examples=100, deadline=None)
def test_kana_of_both_kinds_are_read_alike(katakana):
    hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in katakana)
    assert kana.to_romaji(hiragana) == kana.to_romaji(katakana)


@pytest.mark.parametrize("table", ["weak_kanji.tsv", "company_spellings.tsv"])
def test_a_spelling_belongs_to_one_group(table):
    forms = [row[0] for row in tables.rows(table)]
    others = [o for row in tables.rows(table) for o in (row[1].split() if len(row[0]) > 1 else row[1])]
    assert len(forms) == len(set(forms))
    assert len(others) == len(set(others))
    assert not set(forms) & set(others)


def test_family_names_are_listed_as_folded_and_in_hiragana():
    for name, readings in tables.listed("surname_readings.tsv").items():
        assert kanji.fold(name) == name
        assert all(kana.is_kana(reading.lstrip("-")) and kana.katakana(reading) != reading for reading in readings)


def _keys(raw: str) -> tuple[object, ...]:
    name = normalise_name(raw)
    return name.family_key, name.given_key, name.readings, name.flags
