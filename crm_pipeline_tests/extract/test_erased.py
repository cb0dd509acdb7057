"""Who was erased stays out of the reads until the suppression is lifted."""

from crm_pipeline.model import System
from crm_pipeline.privacy.erase import erase, lift


def test_who_may_be_read_again_is_found_by_the_next_run(world):
    first, *others = world.contacts(5)
    world.read(System.HUBSPOT, "contacts")
    with world.warehouse.connect() as connection:
        erase(connection, world.settings, f"hubspot/contacts/{first}", "監査")
    world.read(System.HUBSPOT, "contacts")
    assert world.live() == set(others)
    with world.warehouse.connect() as connection:
        lift(connection, 1, "鈴木")
    world.read(System.HUBSPOT, "contacts")
    assert world.live() == {first, *others}
