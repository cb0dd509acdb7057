"""A write whose source this push itself changed gives way under a code of its own; a user's edit is told apart."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.config.kind import SyncSwitch
from crm_pipeline.model import Rule
from crm_pipeline_tests.narrow import people_and_companies
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

CONTACT = {"FirstName": "一郎", "LastName": "鈴木"}


def renamed_both_ways() -> Settings:
    """Companies are renamed on either side, and Salesforce contacts get a contact in HubSpot."""
    settings = people_and_companies(load_settings())
    company, person = settings.mapping.company, settings.mapping.person
    fields = tuple(f.model_copy(update={"rule": Rule.TWO_WAY}) if f.name == "name" else f for f in company.fields)
    switch = SyncSwitch(to_salesforce="update", to_hubspot="create")
    changed = {
        "company": company.model_copy(update={"fields": fields}),
        "person": person.model_copy(update={"salesforce": {**person.salesforce, "Contact": switch}}),
    }
    return settings.model_copy(update={"mapping": settings.mapping.model_copy(update=changed)})


def firm(crms: Cloud, name: str) -> tuple[str, str]:
    company = crms.hubspot.create("companies", {"name": name})
    account = crms.salesforce.create("Account", {"Name": name})
    crms.execute(
        "insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')",
        [f"hubspot/companies/{company}", f"salesforce/Account/{account}"],
    )
    return company, account


def ends(crms: Cloud) -> dict[str, str]:
    rows = crms.execute(
        "select split_part(c.source_key, '/', 3), coalesce(nullif(o.code, ''), o.state) from plan.change c "
        "join push.outbox o using (plan_id, op_id) where c.operation = 'create' "
        "and plan_id = (select max(plan_id) from plan.plan)"
    )
    return {str(source): str(end) for source, end in rows}


def test_a_create_whose_company_this_push_renamed_says_so(tmp_path: Path) -> None:
    with cloud(tmp_path, renamed_both_ways()) as crms:
        (company, ours), (_, theirs), (other, both) = (firm(crms, name) for name in ("いろは", "にほへ", "とちり"))
        crms.run()
        crms.hubspot.update("companies", company, {"name": "いろは商事"})
        crms.hubspot.update("companies", other, {"name": "とちり商事"})
        by_us, by_user, by_both, edited, quiet = (
            crms.salesforce.create("Contact", {**CONTACT, "LastName": name, "AccountId": account})
            for name, account in zip(
                ("鈴木", "佐藤", "田中", "高橋", "渡辺"), (ours, theirs, both, ours, None), strict=True
            )
        )
        crms.preview()
        crms.wait(60)
        crms.salesforce.update("Account", theirs, {"Name": "にほへ物産"})
        crms.salesforce.update("Contact", by_both, {"Title": "部長"})
        crms.salesforce.update("Contact", edited, {"Title": "課長"})
        crms.approve()
        crms.push()
        assert ends(crms) == {
            by_us: "own_push",
            by_user: "source_moved",
            by_both: "source_moved",
            edited: "source_moved",
            quiet: "landed",
        }
        crms.run()
        assert set(ends(crms).values()) == {"landed"}
        assert len(crms.hubspot.ids("contacts")) == 5
