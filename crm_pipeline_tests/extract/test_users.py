"""Users and stages: whole lists, written only where something differs, and nobody is lost."""

import pytest

from crm_pipeline.extract import users
from crm_pipeline.extract.schema import stages
from crm_pipeline.model import System


def _of(world, system=System.HUBSPOT):
    world.reconnect()
    return users.extract_users(world.warehouse, world.crms[system], world.settings, world.next_run())


def _hubspot(world):
    return set(world.rows("select e_mail, name, active from raw.user where system = 'hubspot'"))


def test_users_come_and_stay_when_they_go(world):
    first, second = world.hubspot.add_owner("a@x.jp", "花子", "長谷川"), world.hubspot.add_owner("b@x.jp", "次郎", "森")
    _of(world)
    assert _hubspot(world) == {("a@x.jp", "長谷川 花子", True), ("b@x.jp", "森 次郎", True)}
    world.hubspot.archive_owner(first)
    assert _of(world).unlisted == 0
    assert _hubspot(world) == {("a@x.jp", "長谷川 花子", False), ("b@x.jp", "森 次郎", True)}
    with world.warehouse.connect() as connection:
        connection.execute("insert into raw.user values ('hubspot', '1', 'gone@x.jp', '遠藤', true)")
    assert _of(world).unlisted == 1
    assert ("gone@x.jp", "遠藤", False) in _hubspot(world)
    assert ("b@x.jp", "森 次郎", True) in _hubspot(world)
    assert second != first


def test_users_of_the_other_crm_are_left_alone(world):
    _of(world, System.SALESFORCE)
    before = world.rows("from raw.user where system = 'salesforce' order by all")
    _of(world)
    assert before
    assert world.rows("from raw.user where system = 'salesforce' order by all") == before


def test_more_users_than_a_page(world):
    for number in range(501):
        world.hubspot.add_owner(f"u{number}@x.jp", "", f"{number}")
    assert _of(world).users == 501
    assert len(_hubspot(world)) == 501


def _stages(world, system, objects):
    world.reconnect()
    return stages.extract_stages(world.warehouse, world.crms[system], objects, world.next_run())


@pytest.mark.parametrize(
    ("system", "objects"),
    [(System.HUBSPOT, ["deals", "tickets", "contacts"]), (System.SALESFORCE, ["Opportunity", "Case", "Task", "Lead"])],
)
def test_stages_of_both_crms_are_written_once(world, system, objects):
    found = _stages(world, system, objects)
    rows = world.rows("from raw.stage order by all")
    assert found.stages == len(rows) > 10
    assert {row[1] for row in rows} <= set(objects)
    assert world.rows("select count(*) from raw.stage where won and closed")[0][0] == 1
    assert _stages(world, system, objects) == found
    assert world.rows("from raw.stage order by all") == rows


def test_stages_that_may_not_be_seen_stay(world):
    _stages(world, System.HUBSPOT, ["deals", "tickets"])
    before = world.rows("select * exclude (run_id) from raw.stage order by all")
    world.hubspot.scopes.discard("crm.objects.deals.read")
    world.hubspot.scopes.discard("crm.schemas.deals.read")
    hidden = _stages(world, System.HUBSPOT, ["deals", "tickets"]).hidden
    assert set(hidden) == {"deals stages"}
    assert world.rows("select * exclude (run_id) from raw.stage order by all") == before
