"""SOAP login in XML, and what else the SOAP API does here."""

from __future__ import annotations

import pytest
import requests

from crm_pipeline.emulator.salesforce import SalesforceStore

USERNAME = "integration@example.com"


def soap(url: str, body: str, header: str = "", kind: str = "u") -> requests.Response:
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:urn="urn:partner.soap.sforce.com">'
        f"<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    content = {"Content-Type": "text/xml", "SOAPAction": '""'}
    return requests.post(f"{url}/services/Soap/{kind}/62.0", envelope.encode(), headers=content, timeout=10)


def login_body(store: SalesforceStore) -> str:
    password = store.password + store.security_token
    return f"<urn:login><urn:username>{USERNAME}</urn:username><urn:password>{password}</urn:password></urn:login>"


def test_soap_login_tells_where_to_go_and_who_came(url: str, store: SalesforceStore) -> None:
    answer = soap(url, login_body(store))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    for part in (
        f"<serverUrl>{url}/services/Soap/u/62.0/{store.organisation_id[:15]}</serverUrl>",
        "<passwordExpired>false</passwordExpired>",
        "<sandbox>true</sandbox>",
        f"<userId>{store.integration_user_id}</userId>",
        f"<organizationId>{store.organisation_id}</organizationId>",
        "<sessionSecondsValid>7200</sessionSecondsValid>",
    ):
        assert part in answer.text


def test_soap_logout_ends_the_session(url: str, token: str) -> None:
    header = f"<urn:SessionHeader><urn:sessionId>{token}</urn:sessionId></urn:SessionHeader>"
    assert "<userName>" in soap(url, "<urn:getUserInfo/>", header).text
    assert soap(url, "<urn:logout/>", header).status_code == 200
    again = soap(url, "<urn:logout/>", header)
    assert (again.status_code, "<sf:exceptionCode>INVALID_SESSION_ID<" in again.text) == (500, True)


def test_other_soap_calls_are_refused(url: str) -> None:
    answer = soap(url, "<urn:query><urn:queryString>SELECT Id FROM Lead</urn:queryString></urn:query>")
    assert (answer.status_code, "No operation available" in answer.text) == (500, True)


def test_a_namespace_belongs_to_its_endpoint(url: str, store: SalesforceStore) -> None:
    answer = soap(url, login_body(store), kind="c")
    fault = "No operation available for request {urn:partner.soap.sforce.com}login, please check the WSDL"
    assert (answer.status_code, fault in answer.text) == (500, True)


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16"),
        b"not xml",
        b"<x/>",
    ],
)
def test_soap_body_must_be_plain_xml(url: str, body: bytes) -> None:
    answer = requests.post(f"{url}/services/Soap/u/62.0", body, headers={"Content-Type": "text/xml"}, timeout=10)
    assert (answer.status_code, "INVALID_SOAP" in answer.text) == (500, True)
