"""Credentials and addresses; what a person reads when a CRM cannot be reached or does not let us in."""

import socket

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.protocol import Write
from crm_pipeline.errors import ConfigError, PermanentError, SafetyError, TransientError

_NOW = Limits(patience_seconds=0.05, first_patience_seconds=0.05, backoff_seconds=0.01)


@pytest.mark.parametrize(
    "credentials",
    [HubSpotCredentials("s3cret"), SalesforceCredentials("https://x.my.salesforce.com", "s3cret", "s3cret")],
)
def test_credentials_do_not_show_their_secrets(credentials):
    assert "s3cret" not in repr(credentials) + str(credentials)


@pytest.mark.parametrize(
    "url",
    ["http://api.hubapi.com", "http://10.0.0.1", "ftp://127.0.0.1", "api.hubapi.com", "", "http://127.0.0.1.evil.com"],
)
def test_an_address_without_encryption_is_refused(url):
    with pytest.raises(ConfigError, match="HUBSPOT_BASE_URL"):
        connect(HubSpotCredentials("t", url), load_settings())
    with pytest.raises(ConfigError, match="SALESFORCE_LOGIN_URL"):
        connect(SalesforceCredentials(url, "i", "s"), load_settings())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://api.hubapi.com"]
)
def test_loopback_and_https_are_accepted_without_a_call(url):
    connect(HubSpotCredentials("t", url), load_settings())
    connect(SalesforceCredentials(url, "i", "s"), load_settings())


@pytest.fixture
def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_unreachable_crm_is_one_clear_sentence(closed_port):
    hubspot = connect(HubSpotCredentials("t", closed_port), load_settings(), limits=_NOW)
    salesforce = connect(SalesforceCredentials(closed_port, "i", "s"), load_settings(), limits=_NOW)
    with pytest.raises(TransientError, match=r"^HubSpot cannot be reached while reading contacts \(\d+ tries\); "):
        list(hubspot.pages("contacts", ["email"]))
    with pytest.raises(TransientError, match=r"^Salesforce cannot be reached while reading the access token "):
        salesforce.count("Contact")


def test_a_write_to_an_unreachable_crm_is_not_unknown(closed_port):
    hubspot = connect(HubSpotCredentials("t", closed_port), load_settings(), limits=_NOW)
    with pytest.raises(TransientError, match="cannot be reached while writing contacts"):
        hubspot.update("contacts", [Write("a", {"email": "x"}, record_id="1")])


def test_a_wrong_token_names_the_variables_to_check(portal, organisation):
    with pytest.raises(PermanentError, match="HUBSPOT_ACCESS_TOKEN") as hubspot:
        portal.client(token="wr0ng-token").count("contacts")
    with pytest.raises(PermanentError, match="SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and SALESFORCE_LOGIN_URL"):
        organisation.client(secret="wr0ng-token").count("Contact")
    assert "wr0ng" not in str(hubspot.value)
    assert hubspot.value.status == 401


def test_a_dry_run_sends_no_write(portal, organisation):
    (contact,), (person,) = portal.contacts(1), organisation.contacts(1)
    hubspot, salesforce = portal.client(read_only=True), organisation.client(read_only=True)
    hubspot.account(), salesforce.account()
    assert list(hubspot.read("contacts", [contact], ["email"])) == [contact]
    assert list(salesforce.read("Contact", [person], ["LastName"])) == [person]
    refused = [
        lambda: hubspot.update("contacts", [Write("a", {"email": "x@example.com"}, record_id=contact)]),
        lambda: hubspot.create("contacts", "our_key", [Write("a", {}, key="k")]),
        lambda: hubspot.archive("contacts", [contact]),
        lambda: salesforce.update("Contact", [Write("a", {"LastName": "x"}, record_id=person)]),
        lambda: salesforce.create("Contact", "Our_Key__c", [Write("a", {"LastName": "x"}, key="k")]),
        lambda: salesforce.archive("Contact", [person]),
    ]
    for write in refused:
        with pytest.raises(SafetyError, match="dry run"):
            write()
    assert portal.log.writing() == organisation.log.writing() == []


@pytest.mark.parametrize("token", ["demo-token\n", "", " demo-token", "日本"])
def test_a_secret_that_cannot_be_one_is_refused_without_showing_it(token):
    with pytest.raises(ConfigError, match="HUBSPOT_ACCESS_TOKEN") as error:
        connect(HubSpotCredentials(token), load_settings())
    assert "demo-token" not in str(error.value)
