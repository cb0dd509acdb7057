"""Addresses that may be called, and what stands on the way there."""

import ssl

import pytest

from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.safe_url import require_safe, surroundings
from crm_pipeline.errors import ConfigError

HUBSPOT = "https://api.hubapi.com"


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch):
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def pool_of(url):
    wire = Wire("token", url, "2026-03", Limits(), read_only=True)
    return wire.client.crm.contacts.basic_api.api_client.rest_client.pool_manager


@pytest.mark.parametrize("url", [HUBSPOT, "http://127.0.0.1:80", "http://localhost:80", "http://[::1]:80"])
def test_https_and_this_machine_are_safe(url):
    require_safe(url, "HUBSPOT_BASE_URL")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.hubapi.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "api.hubapi.com",
        "",
    ],
)
def test_everything_else_is_refused_by_the_name_of_its_variable(url):
    with pytest.raises(ConfigError, match="HUBSPOT_BASE_URL must be an https:// address"):
        require_safe(url, "HUBSPOT_BASE_URL")


def test_certificates_are_verified(monkeypatch):
    assert pool_of(HUBSPOT).connection_pool_kw["cert_reqs"] is ssl.CERT_REQUIRED


def test_a_proxy_is_used_and_its_own_authority_verifies_certificates(monkeypatch, tmp_path):
    bundle = tmp_path / "company.pem"
    bundle.write_text("", encoding="ascii")
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    pool = pool_of(HUBSPOT)
    assert pool.proxy.host == "proxy.example"
    assert pool.connection_pool_kw["cert_reqs"] is ssl.CERT_REQUIRED
    assert pool.connection_pool_kw["ca_certs"] == str(bundle)


def test_no_proxy_is_asked_for_this_machine_and_for_what_no_proxy_names(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert surroundings("http://127.0.0.1:8080") == {}
    monkeypatch.setenv("NO_PROXY", "hubapi.com")
    assert surroundings(HUBSPOT) == {}


def test_a_bundle_that_is_not_there_is_told_by_its_name(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/company.pem")
    with pytest.raises(ConfigError, match="REQUESTS_CA_BUNDLE names /nowhere/company"):
        surroundings(HUBSPOT)
