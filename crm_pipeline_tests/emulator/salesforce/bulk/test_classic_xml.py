"""Bulk API 1.0 with batches of XML: records in, what became of them, and rows of queries."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import requests

from crm_pipeline.emulator.salesforce import SalesforceStore

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
ATTRIBUTES = f'xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.fixture
def session(token: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update({"X-SFDC-Session": token, "Content-Type": "application/xml; charset=UTF-8"})
        yield session


def found(answer: requests.Response, name: str) -> str:
    return ElementTree.fromstring(answer.content).findtext(f".//{{{NAMESPACE}}}{name}") or ""


def batch_of(
    session: requests.Session, url: str, store: SalesforceStore, settings: str, content: str
) -> tuple[str, requests.Response]:
    """The address of a batch that was worked on, and what is told about it."""
    root = f"{url}/services/async/62.0/job"
    job = session.post(root, f"{HEAD}<jobInfo {ATTRIBUTES}>{settings}</jobInfo>", timeout=10)
    added = session.post(f"{root}/{found(job, 'id')}/batch", content.encode(), timeout=10)
    address = f"{root}/{found(job, 'id')}/batch/{found(added, 'id')}"
    store.bulk.worker.wait()
    return address, session.get(address, timeout=10)


def test_records_of_xml_are_written(session: requests.Session, url: str, store: SalesforceStore) -> None:
    boss = store.create("Contact", {"LastName": "B", "Email": "boss@example.com"})
    good = (
        "<sObject><LastName>山田 &amp; &lt;b&gt;\n改行</LastName><Phone xsi:nil='true'/>"
        "<ReportsTo><sObject><Email>boss@example.com</Email></sObject></ReportsTo>"
        "<Owner><sObject><type>User</type><Username>integration@example.com</Username></sObject></Owner></sObject>"
    )
    bad = "<sObject><FirstName>x</FirstName></sObject>"
    settings = "<operation>insert</operation><object>Contact</object><contentType>XML</contentType>"
    address, batch = batch_of(session, url, store, settings, f"{HEAD}<sObjects {ATTRIBUTES}>{good}{bad}</sObjects>")
    assert (found(batch, "state"), found(batch, "numberRecordsFailed")) == ("Completed", "1")
    (_, contact) = store.ids("Contact")
    fields = store.read("Contact", contact)
    assert (fields["LastName"], fields["ReportsToId"]) == ("山田 & <b>\n改行", boss)
    result = session.get(f"{address}/result", timeout=10)
    assert result.headers["Content-Type"] == "application/xml"
    assert result.text == (
        f'{HEAD}<results xmlns="{NAMESPACE}"><result><id>{contact}</id><success>true</success><created>true</created>'
        "</result><result><errors><fields>LastName</fields><message>Required fields are missing: [LastName]</message>"
        "<statusCode>REQUIRED_FIELD_MISSING</statusCode></errors><success>false</success><created>false</created>"
        "</result></results>"
    )


def test_rows_of_a_query_in_xml(session: requests.Session, url: str, store: SalesforceStore) -> None:
    account = store.create("Account", {"Name": "A & B"})
    contact = store.create("Contact", {"LastName": "L", "AccountId": account})
    settings = "<operation>query</operation><object>Contact</object><contentType>XML</contentType>"
    soql = "SELECT Id, Phone, IsDeleted, CreatedDate, Account.Name FROM Contact"
    address, _ = batch_of(session, url, store, settings, soql)
    name = found(session.get(f"{address}/result", timeout=10), "result")
    created = store.read("Contact", contact)["CreatedDate"].replace("+0000", "Z")
    assert session.get(f"{address}/result/{name}", timeout=10).text == (
        f'{HEAD}<queryResult {ATTRIBUTES}><records xsi:type="sObject"><type>Contact</type><Id>{contact}</Id>'
        f'<Id>{contact}</Id><Phone xsi:nil="true"/><IsDeleted>false</IsDeleted><CreatedDate>{created}</CreatedDate>'
        '<Account xsi:type="sObject"><type>Account</type><Id xsi:nil="true"/><Name>A &amp; B</Name></Account>'
        "</records></queryResult>"
    )


@pytest.mark.parametrize(
    "content",
    [
        "no xml",
        "<sObjects><sObject>",
        "<records><sObject/></records>",
        "<sObjects><record/></sObjects>",
        '<!DOCTYPE x [<!ENTITY a "b">]><sObjects><sObject><LastName>&a;</LastName></sObject></sObjects>',
    ],
)
def test_what_is_no_batch_of_xml_fails_the_batch(
    session: requests.Session, url: str, store: SalesforceStore, content: str
) -> None:
    settings = "<operation>insert</operation><object>Contact</object>"
    _, batch = batch_of(session, url, store, settings, content)
    assert found(batch, "state") == "Failed"
    assert found(batch, "stateMessage").startswith("InvalidBatch : Failed to parse XML.")
    assert store.ids("Contact") == []


def test_type_of_a_parent_in_json(session: requests.Session, url: str, store: SalesforceStore, lead: str) -> None:
    root, form = f"{url}/services/async/62.0/job", {"Content-Type": "application/json"}
    settings = {"operation": "update", "object": "Lead", "contentType": "JSON"}
    job = session.post(root, json=settings, headers=form, timeout=10).json()["id"]
    owner = {"type": "User", "Username": "nobody@example.com"}
    batch = session.post(f"{root}/{job}/batch", json=[{"Id": lead, "Owner": owner}], headers=form, timeout=10)
    store.bulk.worker.wait()
    (result,) = session.get(f"{root}/{job}/batch/{batch.json()['id']}/result", timeout=10).json()
    assert result["errors"][0]["message"].startswith("Foreign key external ID: nobody@example.com not found")
