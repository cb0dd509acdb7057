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
