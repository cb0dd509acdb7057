"""What holds for any text at all."""

from __future__ import annotations

import json
import time
import unicodedata

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_pipeline.normalise import kanji, tables
from crm_pipeline.normalise.address import normalise_address
from crm_pipeline.normalise.date import normalise_date
from crm_pipeline.normalise.domain import domain_of
from crm_pipeline.normalise.e_mail import normalise_e_mail
from crm_pipeline.normalise.keys import keys
from crm_pipeline.normalise.name import normalise_name, normalise_name_parts
from crm_pipeline.normalise.phone import normalise_phone

KINDS = ("name", "e-mail", "phone", "company", "address", "date")

_PIECES = st.sampled_from(
    (
        *(
            "山田",
            "太郎",
            "髙",
            "𠮷",
            "邉󠄀",
            "ﾔﾏﾀﾞ",
            "ﾞ",
            "゛",
            "ッ",
            "ー",
            "・",
            "様",
            "御中",
            "㈱",
            "(株)",
            "株)",
            "カ)",
        ),
        *(
            "株式会社",
            "御",
            "〒",
            "丁目",
            "番地",
            "号",
            "条",
            "〇",
            "十",
            "百",
            "元年",
            "昭和",
            "都",
            "市",
            "区",
            "郡",
            "町",
        ),
        *(
            "S",
            "63",
            "0",
            "9",
            "81",
            "@",
            ".",
            ",",
            ";",
            "<",
            ">",
            "(",
            ")",
            "（",
            "）",
            "+",
            "-",
            "～",
            "/",
            "x",
            "内線",
        ),
        *("ext", "E9", "://", "www.", "co.jp", "jp", "gmail.com", "O'", "van", "der", "Jr.", "Mr.", "🙂", "ß", "İ"),
        *("\x00", "\u200b", "\ud800", " ", "\u3000"),
    )
)
TEXTS = st.one_of(st.text(st.characters(), max_size=60), st.lists(_PIECES, max_size=14).map("".join))


@pytest.mark.parametrize("kind", KINDS)
@given(raw=TEXTS)
@example(raw="1" * 10_000)
@example(raw="あ" * 10_000)
@example(raw="山" * 10_000)
@example(raw="a." * 5_000)
@example(raw="(" * 10_000)
@example(raw="9.9E99")
@example(raw="\ud800山田\x00")
@settings(max_examples=150, deadline=None)
def test_any_text_has_keys_that_are_json(kind, raw):
    found = keys(kind, raw)
    assert json.loads(json.dumps(found)) == found
    assert found == keys(kind, raw)


@given(national=st.from_regex(r"[1-9][0-9]{8,9}", fullmatch=True), trunk=st.sampled_from(["0", "+81", ""]))
@example(national="600000000", trunk="0")
@example(national="8112345678", trunk="")
@settings(max_examples=500, deadline=None)
def test_a_japanese_number_is_what_the_library_says(national, trunk):
    found = normalise_phone(trunk + national)
    if len(set(national)) == 1 or found.status == "junk":
        return
    number = phonenumbers.parse(trunk + national, "JP")
    assert found.e164 == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert (found.status == "valid") == phonenumbers.is_valid_number(number)
    assert phonenumbers.is_possible_number(number)


@given(raw=TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_key_is_its_own_key(raw):
    phone, e_mail, day = normalise_phone(raw), normalise_e_mail(raw), normalise_date(raw)
    if phone.e164:
        assert normalise_phone(phone.e164).e164 == phone.e164
    if e_mail.delivery:
        assert normalise_e_mail(e_mail.delivery).delivery == e_mail.delivery
    if day.date:
        assert normalise_date(day.date.isoformat()).date == day.date


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "raw",
    [
        "\x00" * 10_000_000,
        "9" * 10_000_000,
        "🙂" * 1_000_000,
        "\ud83d\ude42\udfff",
        "丁目" * 1_000_000,
        "@" * 1_000_000,
    ],
    ids=["NUL", "digits", "emoji", "surrogates", "Kanji", "at"],
)
def test_ten_megabytes_are_read_no_further_than_a_value_can_be_long(kind, raw):
    started = time.process_time()
    json.dumps(keys(kind, raw))
    assert time.process_time() - started < 2


@given(family=st.none() | TEXTS, first=st.none() | TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_two_name_fields_have_keys(family, first):
    json.dumps(normalise_name_parts(family, first).as_json())


@given(parts=st.tuples(*[st.none() | TEXTS] * 5))
@example(parts=(None, None, "\U00016b50٣", None, None))  # digits of other scripts
@settings(max_examples=150, deadline=None)
def test_any_address_fields_have_keys(parts):
    prefecture, city, street, postal_code, country = parts
    found = normalise_address(prefecture=prefecture, city=city, street=street, postal_code=postal_code, country=country)
    assert not found.number or set(found.number) <= set("0123456789-")


@given(raw=TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_website_has_a_domain_or_none(raw):
    assert (domain_of(raw) or "a.b").count(".")


@pytest.mark.parametrize("kind", KINDS)
def test_blank_has_no_key_and_no_flag(kind):
    for blank in ("", "  ", "\u3000", "\u200b"):
        found = keys(kind, blank)
        assert not any(value for name, value in found.items() if name != "status"), found


@given(raw=TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_letter_never_leaves_a_name_without_a_word(raw):
    """Unparsable is never blank: either a key or a flag says that there was something."""
    found = normalise_name(raw)
    if any(unicodedata.category(c)[0] == "L" for c in raw[:1000]):
        assert found.family_key or found.given_key or found.flags


@given(raw=TEXTS)
def test_folding_is_done_once(raw):
    assert kanji.fold(kanji.fold(raw)) == kanji.fold(raw)


def test_a_kanji_variant_has_one_form_that_is_no_variant():
    forms = dict(tables.rows("kanji_variants.tsv"))
    variants = "".join(forms.values())
    assert len(variants) == len(set(variants)) > 350
    assert not set(variants) & set(forms)
