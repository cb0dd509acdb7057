from crm_pipeline.match.model.sharing import shared_values
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.records import company, mailbox, person, settings, telephone, warehouse

NAMES = ("sato", "suzuki", "takahashi", "tanaka")


def shared(folder, kind, people=(), companies=(), **match):
    with warehouse(folder, list(people), list(companies)).connect() as connection:
        return shared_values(connection, kind, settings(**match).match)


def test_contacts_of_more_family_names_than_the_setting_allows_are_shared(tmp_path):
    switchboard, own = telephone("+81311112222"), telephone("+819011112222")
    people = [
        person(f"hubspot/contacts/{n}", name, e_mails=[mailbox("info@a.jp")], phones=[switchboard])
        for n, name in enumerate(NAMES)
    ]
    people.append(person("hubspot/contacts/9", "sato", e_mails=[mailbox("sato@a.jp")], phones=[own]))
    found = shared(tmp_path, Kind.PERSON, people)
    assert found == {"e_mail": {"info@a.jp"}, "phone": {"+81311112222"}}
    assert shared(tmp_path, Kind.PERSON, people, shared_by_names=4) == {"e_mail": set(), "phone": set()}


def test_a_family_and_many_records_of_one_person_share_nothing(tmp_path):
    people = [person(f"hubspot/contacts/{n}", "sato", f"given {n}", e_mails=[mailbox("x@a.jp")]) for n in range(9)]
    assert shared(tmp_path, Kind.PERSON, people)["e_mail"] == set()


def test_names_that_could_not_be_divided_and_junk_count_for_nothing(tmp_path):
    people = [
        person(f"hubspot/contacts/{n}", name, name_flags=["unsplit"], e_mails=[mailbox("x@a.jp")])
        for n, name in enumerate(NAMES)
    ]
    people += [
        person(
            f"salesforce/Lead/{n}",
            name,
            e_mails=[mailbox("no@no.no", "junk")],
            phones=[telephone("+810", status="junk")],
        )
        for n, name in enumerate(NAMES)
    ]
    assert shared(tmp_path, Kind.PERSON, people) == {"e_mail": set(), "phone": set()}


def test_a_domain_is_shared_by_the_companies_that_have_it_or_whose_people_do(tmp_path):
    companies = [company(f"hubspot/companies/{n}", name, domains=["group.jp"][:n]) for n, name in enumerate(NAMES)]
    people = [
        person("hubspot/contacts/1", company_record_key="hubspot/companies/0", e_mails=[mailbox("a@group.jp")]),
        person("hubspot/contacts/2", company_record_key="hubspot/companies/0", e_mails=[mailbox("a@mail.jp", "free")]),
    ]
    assert shared(tmp_path, Kind.COMPANY, people, companies) == {"phone": set(), "domain": {"group.jp"}}
    assert shared(tmp_path, Kind.COMPANY, [], companies)["domain"] == set()
