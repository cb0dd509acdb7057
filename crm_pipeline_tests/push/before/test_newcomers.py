"""Somebody types a customer into a CRM between plan and push: no second record of that customer is created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline.emulator.faults import Status
from crm_pipeline.model import System
from crm_pipeline.plan.said import recreations
from crm_pipeline_tests.pipeline.cloud import Cloud, H, S, cloud
from crm_pipeline_tests.push.desk import with_jobs

CAME, MADE = ("stale", "counterpart_came"), ("landed", "")

#: What marketing has, and what sales types after the plan was made: as a Lead, or (with an account) as a Contact.
SALES = {
    "e-mail only": ({"email": "suzuki@a.jp"}, {"LastName": "S", "Email": " SUZUKI@A.jp "}, CAME),
    "e-mail with a tag": ({"email": "sato@a.jp"}, {"LastName": "S", "Email": "sato+web@a.jp"}, CAME),
    "phone only": ({"phone": "090-1234-5678"}, {"LastName": "S", "MobilePhone": "+81 90 1234 5678"}, CAME),
    "full-width phone": ({"phone": "03-1234-5678"}, {"LastName": "S", "Phone": "０３（１２３４）５６７８"}, CAME),
    "name and company": (
        {"lastname": "高橋", "firstname": "一郎", "company": "株式会社ヤマダ"},
        {"LastName": "髙橋", "FirstName": "一郎", "Company": "(株)ﾔﾏﾀﾞ"},
        CAME,
    ),
    "name in half-width kana": (
        {"lastname": "ワタナベ", "firstname": "ハナ", "company": "ABC Inc."},
        {"LastName": "ﾜﾀﾅﾍﾞ", "FirstName": "ﾊﾅ", "Company": "ＡＢＣ"},
        CAME,
    ),
    "name, and no company known": (
        {"lastname": "長谷川", "firstname": "次郎"},
        {"LastName": "長谷川", "FirstName": "次郎", "Company": "ほし商店"},
        CAME,
    ),
    "a Contact": (
        {"lastname": "小林", "firstname": "三郎", "email": "kobayashi@b.jp"},
        {"LastName": "小林", "FirstName": "三郎", "Email": "kobayashi@b.jp", "Account": "B"},
        CAME,
    ),
    "a Contact of the same company": (
        {"lastname": "加藤", "firstname": "四郎", "company": "つき商店"},
        {"LastName": "加藤", "FirstName": "四郎", "Account": "つき商店"},
        CAME,
    ),
    "the same name in another company": (
        {"lastname": "吉田", "firstname": "五郎", "company": "かぜ商店"},
        {"LastName": "吉田", "FirstName": "五郎", "Company": "みず商店"},
        CAME,
    ),
    "who has a new employer": (
        {"lastname": "山口", "firstname": "八郎", "company": "かぜ商店", "birth_date": "1980-04-01"},
        {"LastName": "山口", "FirstName": "八郎", "Company": "みず商店", "Birthdate__c": "1980-04-01"},
        CAME,
    ),
    "somebody else": (
        {"lastname": "山本", "firstname": "六郎", "email": "yamamoto@c.jp", "phone": "090-1111-2222"},
        {"LastName": "井上", "FirstName": "七郎", "Email": "inoue@d.jp", "Phone": "090-3333-4444", "Company": "D"},
        MADE,
    ),
}


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Cloud]:
    with cloud(tmp_path) as here:
        yield here


def typed_into_sales(crms: Cloud, fields: Mapping[str, str]) -> str:
    if "Account" not in fields:
        return crms.salesforce.create("Lead", {"Company": "C", **fields})
    account = crms.salesforce.create("Account", {"Name": fields["Account"]})
    own = {name: value for name, value in fields.items() if name != "Account"}
    return crms.salesforce.create("Contact", {**own, "AccountId": account})


def ends(crms: Cloud) -> dict[str, tuple[str, str]]:
    """Record id of the source -> end of the create that stands for it, in the newest plan."""
    rows = crms.execute(
        "select split_part(c.source_key, '/', 3), o.state, coalesce(o.code, '') from plan.change c "
        "join push.outbox o using (plan_id, op_id) where c.operation = 'create' "
        "and plan_id = (select max(plan_id) from plan.plan)"
    )
    return {str(record): (str(state), str(code)) for record, state, code in rows}


def send(crms: Cloud) -> None:
    crms.approve()
    crms.push()


def test_law_50_who_was_typed_into_sales_after_the_plan_is_not_created_there(crms: Cloud) -> None:
    contacts = {
        name: crms.hubspot.create("contacts", {"lastname": f"L{n}", **held})
        for n, (name, (held, _, _)) in enumerate(SALES.items())
    }
    crms.preview()
    crms.wait(8 * 3600)
    typed = {name: typed_into_sales(crms, fields) for name, (_, fields, _) in SALES.items()}
    crms.clear_logs()
    send(crms)
    found = ends(crms)
    assert {name: found[one] for name, one in contacts.items()} == {name: end for name, (_, _, end) in SALES.items()}
    messages = crms.execute("select message from push.outbox where code = 'counterpart_came'")
    assert all("salesforce/" in str(text) and "@" not in str(text) for (text,) in messages)
    there = len(crms.salesforce.ids("Lead")) + len(crms.salesforce.ids("Contact"))
    assert there == len(typed) + 1
    crms.run()
    rows = crms.execute("select record_key, golden_id from golden.link")
    linked = {str(record): golden_id for record, golden_id in rows}
    key = {record_id: next(k for k in linked if k.endswith(record_id)) for record_id in typed.values()}
    matched = {n for n in SALES if linked[f"hubspot/contacts/{contacts[n]}"] == linked[key[typed[n]]]}
    assert matched == {
        *("name and company", "name in half-width kana", "who has a new employer"),
        *("a Contact", "a Contact of the same company"),
    }
    in_review = {"e-mail only", "phone only", "the same name in another company"}
    assert in_review.isdisjoint(n for n, one in contacts.items() if one in ends(crms))


def test_law_50_who_was_typed_into_marketing_after_the_plan_is_not_created_there(crms: Cloud) -> None:
    lead = {"Company": "C", "LastName": "鈴木", "FirstName": "一郎"}
    leads = [
        crms.salesforce.create("Lead", {**lead, "Email": "a@a.jp"}),
        crms.salesforce.create("Lead", {**lead, "LastName": "佐藤", "Phone": "090-1234-5678"}),
        crms.salesforce.create("Lead", {**lead, "LastName": "田中", "Email": "t@a.jp"}),
    ]
    accounts = [
        crms.salesforce.create("Account", {"Name": "株式会社そら", "Website": "https://www.sora.co.jp"}),
        crms.salesforce.create("Account", {"Name": "ほし商事", "Phone": "03-1111-2222"}),
        crms.salesforce.create("Account", {"Name": "㈱うみ"}),
        crms.salesforce.create("Account", {"Name": "やま"}),
    ]
    crms.preview()
    crms.hubspot.create("contacts", {"lastname": "X", "email": "other@a.jp", "hs_additional_emails": "A@a.jp"})
    crms.hubspot.create("contacts", {"lastname": "佐藤", "mobilephone": "09012345678"})
    crms.hubspot.create("companies", {"name": "SORA", "domain": "sora.co.jp"})
    crms.hubspot.create("companies", {"name": "星", "phone": "+81311112222"})
    crms.hubspot.create("companies", {"name": "うみ 株式会社"})
    send(crms)
    assert ends(crms) == dict.fromkeys([*leads[:2], *accounts[:3]], CAME) | dict.fromkeys([leads[2], accounts[3]], MADE)


def test_an_edit_of_a_record_that_the_plan_knew_counts_as_far_as_it_is_new(crms: Cloud) -> None:
    """A shared telephone that stood there before says nothing new; an address that somebody adds does."""
    known = crms.salesforce.create("Lead", {"LastName": "A", "Company": "C", "Phone": "03-1111-1111"})
    crms.salesforce.create("Lead", {"LastName": "B", "Company": "C"})
    crms.run()
    shares = crms.hubspot.create("contacts", {"lastname": "佐藤", "firstname": "花子", "phone": "03-1111-1111"})
    added = crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "花子", "email": "s@a.jp"})
    crms.preview()
    crms.wait(60)
    crms.salesforce.update("Lead", known, {"Title": "部長", "Email": "s@a.jp"})
    send(crms)
    assert ends(crms) == {shares: MADE, added: CAME}


def test_what_the_same_push_makes_hinders_nothing_of_it(crms: Cloud) -> None:
    """Two of a family share a telephone; one of them is written before the other is created."""
    first, second = (
        crms.hubspot.create(
            "contacts", {"lastname": "鈴木", "firstname": name, "phone": "03-1111-1111", "company": "S"}
        )
        for name in ("花子", "太郎右衛門")
    )
    crms.run()
    assert ends(crms) == {first: MADE, second: MADE}


def test_what_an_interrupted_push_made_hinders_nothing_of_its_rest(crms: Cloud) -> None:
    names = ("花子", "太郎右衛門", "次郎", "美咲", "健一", "さくら")
    shared = {"lastname": "鈴木", "phone": "03-1111-1111", "company": "S"}
    people = [crms.hubspot.create("contacts", {**shared, "firstname": name}) for name in names]
    crms.preview()
    crms.approve()
    whole = crms.step

    def killed(done: int, _: int) -> None:
        raise KeyboardInterrupt(done)

    crms.step = replace(whole, progress=killed)
    with pytest.raises(KeyboardInterrupt, match="5"):
        crms.push()
    assert len(crms.salesforce.ids("Lead")) == 5
    crms.step = whole
    crms.push()
    assert ends(crms) == dict.fromkeys(people, MADE)


@pytest.mark.parametrize(
    ("system", "path", "fault"),
    [
        (S, r"/queryAll", Status(400, [{"errorCode": "INVALID_TYPE", "message": "no Contact"}])),
        (H, r"/search$", Status(403, {"status": "error", "category": "MISSING_SCOPES", "message": "no"})),
    ],
)
def test_where_nobody_can_tell_nothing_is_created(crms: Cloud, system: System, path: str, fault: Status) -> None:
    source = (
        crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "花子", "email": "s@a.jp"})
        if system is S
        else crms.salesforce.create("Lead", {"LastName": "鈴木", "Company": "C"})
    )
    crms.preview()
    crms.faults[system].add(path=path, action=fault)
    send(crms)
    assert ends(crms)[source] == ("not_sent", "unseen")
    crms.faults[system].clear()
    crms.run()
    assert ends(crms)[source] == MADE


def test_where_a_field_is_hidden_since_the_plan_nothing_is_created(crms: Cloud) -> None:
    source = crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "花子", "phone": "03-1111-1111"})
    crms.preview()
    crms.salesforce.create("Lead", {"LastName": "S", "Company": "C", "Phone": "03-1111-1111"})
    crms.salesforce.hide_field("Lead", "Phone")
    crms.step = replace(crms.step, crms=crms.connect())  # the push of the next morning
    send(crms)
    assert ends(crms)[source] == ("not_sent", "unseen")
    ((message,),) = crms.execute("select message from push.outbox where code = 'unseen'")
    assert "Salesforce Lead.Phone cannot be seen any more; give the permission back" in str(message)


def test_a_record_asked_for_again_is_not_made_beside_the_restored_one(crms: Cloud) -> None:
    contact, lead = crms.pair({"lastname": "鈴木", "firstname": "花子", "email": "s@a.jp"}, {"LastName": "鈴木"})
    crms.run()
    crms.salesforce.delete("Lead", lead)
    crms.run()
    ((golden_id,),) = crms.execute("select golden_id from golden.link where record_id = ?", [contact])
    with crms.warehouse.connect() as connection:
        recreations.ask(connection, crms.settings, str(golden_id), S, "tester", "")
    crms.preview()
    crms.wait(60)
    crms.salesforce.undelete("Lead", lead)
    send(crms)
    assert ends(crms) == {contact: CAME}
    assert crms.salesforce.ids("Lead") == [lead]


def test_of_many_creates_by_a_job_the_one_who_was_typed_meanwhile_is_left_out(tmp_path: Path) -> None:
    with with_jobs(tmp_path) as crms:
        people = [crms.hubspot.create("contacts", {"lastname": f"L{n}", "email": f"{n}@a.jp"}) for n in range(12)]
        crms.preview()
        crms.salesforce.create("Contact", {"LastName": "X", "Email": "11@A.jp"})
        send(crms)
        assert crms.execute("select count(*) from push.job") == [(1,)]
        assert ends(crms) == dict.fromkeys(people[:11], MADE) | {people[11]: CAME}
