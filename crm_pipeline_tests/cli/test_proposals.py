import csv
import stat

from crm_pipeline.config import load_settings
from crm_pipeline.model import System
from crm_pipeline_tests.plan.world import World


def test_duplicates_are_shown_masked_and_written_in_full(cli, home):
    world = World(home, load_settings())
    for n, phone in ((1, "+81 3-1111-1111"), (2, "03-2222-2222")):
        fields = {"LastName": "山田", "Company": "C", "Phone": phone}
        world.record("person-1", System.SALESFORCE, "Lead", str(n), fields, primary=n == 2)
    assert "no duplicates" in cli("proposals")
    world.plan()

    shown = cli("proposals")
    assert "keep  salesforce/Lead/2: it is the record that speaks for this customer in its CRM" in shown
    assert "merge salesforce/Lead/1 into it" in shown
    assert "phone          0… | +… -> 0…" in shown
    assert "03-2222-2222" in cli("proposals", "--values")

    path = home / "merges.csv"
    assert "1 proposal in" in cli("proposals", "--csv", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["field"]: row for row in csv.DictReader(file)}
    assert (rows["phone"]["kept"], rows["phone"]["ラベル"]) == ("03-2222-2222", "電話番号")
    assert rows["phone"]["loser"] == "'+81 3-1111-1111", "no cell is a formula"
