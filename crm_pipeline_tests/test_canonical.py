"""When two spellings are one value, and when they are not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_pipeline.canonical import canonical
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.model import System, Value

H, S = System.HUBSPOT, System.SALESFORCE


def field(type_: FieldType, **more: object) -> FieldMapping:
    return FieldMapping.model_validate(
        {"name": "f", "label": {"en": "f", "ja": "f"}, "type": type_, "hubspot": "f", "Lead": "F", **more}
    )


def k(type_: FieldType, value: Value, system: System = H) -> str:
    return canonical(field(type_), system, (value,))[0]


@pytest.mark.parametrize(
    ("type_", "hubspot", "salesforce"),
    [
        (FieldType.TEXT, " 髙橋\r\n", "髙橋"),
        (FieldType.TEXT, "が", "が"),
        (FieldType.TEXT, "", None),
        (FieldType.E_MAIL, "taro@example.jp", " Taro@Example.JP "),
        (FieldType.PHONE, "026-000-0000", "+81 26 000 0000"),
        (FieldType.PHONE, "000-111-2222", "0001112222"),
        (FieldType.PHONE, "０９０−１２３４−５６７８", "090 1234 5678"),
        (FieldType.URL, "HTTPS://Example.jp/", "https://example.jp"),
        (FieldType.DATE, "576547200000", "1988-04-09"),
        (FieldType.DATE, "1988-04-09", "1988-04-09"),
        (FieldType.DATETIME, "2026-01-01T09:00:00.789+09:00", "2026-01-01T00:00:00.000+0000"),
        (FieldType.NUMBER, "1200.0", 1200),
        (FieldType.NUMBER, "0.10", 0.1),
        (FieldType.BOOLEAN, "true", True),
        (FieldType.MULTI_PICKLIST, "b;a", "a; b"),
    ],
)
def test_spellings_of_one_value(type_: FieldType, hubspot: Value, salesforce: Value) -> None:
    assert k(type_, hubspot) == k(type_, salesforce, S)


@pytest.mark.parametrize(
    ("type_", "one", "two"),
    [
        (FieldType.TEXT, "髙橋", "高橋"),
        (FieldType.TEXT, "ｶﾅ", "カナ"),
        (FieldType.PHONE, "03-1234-5678", "03-1234-5679"),
        (FieldType.PHONE, "03-1234-5678 内線12", "03-1234-5678"),
        (FieldType.NUMBER, "1", "1.5"),
        (FieldType.DATE, "1988-04-09", "1988-04-10"),
    ],
)
def test_different_values_stay_different(type_: FieldType, one: str, two: str) -> None:
    assert k(type_, one) != k(type_, two)


def test_owners_are_the_same_by_e_mail() -> None:
    users = {(H, "11"): "a@x.example", (S, "005A"): "a@x.example"}
    owner = field(FieldType.USER)
    assert canonical(owner, H, ("11",), users=users) == canonical(owner, S, ("005A",), users=users)
    assert canonical(owner, H, ("12",), users=users) != canonical(owner, S, ("12",), users=users)


def test_a_value_map_makes_hubspot_values_salesforce_values() -> None:
    mapped = field(FieldType.PICKLIST, values={"to_salesforce": {"MANUFACTURING": "製造業"}})
    assert canonical(mapped, H, ("MANUFACTURING",)) == canonical(mapped, S, ("製造業",))


@example(FieldType.URL, "[")
@given(st.sampled_from([one for one in FieldType if one is not FieldType.REFERENCE]), st.text())
def test_any_text_has_a_canonical_form_and_keeps_it(type_: FieldType, text: str) -> None:
    once = k(type_, text)
    if type_ is not FieldType.USER:
        assert k(type_, once) == once or type_ in (FieldType.PHONE, FieldType.DATE)
