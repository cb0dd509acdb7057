"""E-mail addresses, telephone numbers and domains."""

from __future__ import annotations

import pytest

from crm_pipeline.normalise.domain import company_domain, domain_of
from crm_pipeline.normalise.e_mail import normalise_e_mail
from crm_pipeline.normalise.phone import normalise_phone
from crm_pipeline_tests.normalise.sample import flags_missed, sample, text


@pytest.mark.parametrize(("raw", "delivery", "identity", "domain", "flags"), sample("e_mails"))
def test_an_address_has_a_key_for_sending_and_one_for_comparing(raw, delivery, identity, domain, flags):
    found = normalise_e_mail(raw)
    assert (text(found.delivery), text(found.identity), text(found.domain)) == (delivery, identity, domain)
    assert not flags_missed(flags, found.flags)


@pytest.mark.parametrize(("raw", "e164", "extension", "status", "prefecture"), sample("phones"))
def test_a_number_has_a_status_and_is_never_blanked(raw, e164, extension, status, prefecture):
    found = normalise_phone(raw)
    assert (text(found.e164), text(found.extension), found.status, text(found.prefecture)) == (
        e164,
        extension,
        status,
        prefecture,
    )


def test_nothing_typed_is_not_junk():
    assert normalise_phone(None).status == normalise_phone("  ").status == "none"
    assert normalise_e_mail("").flags == frozenset()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("090-1234-5678", "mobile"),
        ("060-1234-5678", "mobile"),
        ("026-234-5678", "fixed"),
        ("0120-123-456", "toll_free"),
        ("050-3456-7890", "voip"),
        ("000-111-2222", "other"),
    ],
)
def test_the_kind_of_line_is_known(raw, kind):
    assert normalise_phone(raw).kind == kind


def test_a_number_without_a_country_code_belongs_to_the_region():
    assert normalise_phone("650-253-0000", "US").e164 == "+16502530000"


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("212/339-6719", "US", "+12123396719"),
        ("Tel. (212)/339-6719", "US", "+12123396719"),
        ("212/3396719", "US", "+12123396719"),
        ("0351/123456", "DE", "+49351123456"),
        ("+49 30/1234567", "DE", "+49301234567"),
        ("+49 (0)30 / 1234567", "DE", "+49301234567"),
        ("026/223-4455", "JP", "+81262234455"),
        ("0120/123-456", "JP", "+81120123456"),
        # Another number, a number's other ending, a date, a desk: as before.
        ("212/339-6719/6720", "US", "+12123396719"),
        ("212-339-6719/339-6720", "US", "+12123396719"),
        ("03-1234-5678/5679", "JP", "+81312345678"),
        ("12/1/2019 212-339-6719", "US", "+12123396719"),
        ("101/212-339-6719", "US", "+12123396719"),
    ],
)
def test_a_stroke_stands_behind_an_area_code_or_before_another_number(raw, region, e164):
    assert normalise_phone(raw, region).e164 == e164


def test_an_area_code_over_a_border_names_no_prefecture():
    assert normalise_phone("0280-22-1234").prefecture is None


@pytest.mark.parametrize(
    ("raw", "domain"),
    [
        ("https://www.aaa.co.jp/about?x=1", "aaa.co.jp"),
        ("http://aaa.jp:8080", "aaa.jp"),
        ("//www.aaa.jp", "aaa.jp"),
        ("www.AAA.jp.", "aaa.jp"),
        ("ＷＷＷ．ＡＡＡ．ＪＰ", "aaa.jp"),
        ("taro@mail.aaa.co.jp", "aaa.co.jp"),
        ("mailto:taro@aaa.jp", "aaa.jp"),
        ("co.jp", None),
        ("127.0.0.1", None),
        ("localhost", None),
        ("準備中", None),
        ("", None),
        (None, None),
    ],
)
def test_the_registrable_domain(raw, domain):
    assert domain_of(raw) == domain


def test_a_mail_provider_is_no_company_domain():
    assert company_domain("https://www.yahoo.co.jp/") is None
    assert company_domain("https://www.aaa.co.jp/") == "aaa.co.jp"
