"""Two people of one house, with one mailbox, family name and address, are two customers."""

import csv
import random

from crm_pipeline.config import load_settings
from crm_pipeline.match.file.run import match_files
from crm_pipeline_tests.match.file.score import clusters

FAMILIES = [
    a + b for a in ("bren", "hol", "mac", "wil", "dar", "kes") for b in ("nan", "loway", "ford", "kins", "well")
]
GIVEN = [a + b for a in ("al", "ber", "cla", "dom", "el", "fran") for b in ("ice", "nard", "inda", "mund", "wyn")]


class Silent:
    def begin(self, label):
        pass

    def end(self, words):
        pass


def matched(folder, rows):
    path = folder / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "surname", "given_name", "date_of_birth", "email", "postcode"])
        writer.writerows(rows)
    match_files([path], None, folder / "out", load_settings(), Silent(), lambda meant: None)
    return clusters(folder / "out")


def test_households_of_one_mailbox_are_not_one_customer(tmp_path):
    dice = random.Random(5)
    rows = []
    for house in range(150):
        family = f"{FAMILIES[house % 30]}{'aeiou'[house // 30]}"
        for person, given in enumerate(dice.sample(GIVEN, 2)):
            born = f"{dice.randint(1940, 1990)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
            for copy in range(2):
                row = [f"{house}-{person}-{copy}", family, given, born, f"home{house}@{family}.net", f"{10000 + house}"]
                rows.append(row)
    found = matched(tmp_path, rows)
    assert len(set(found.values())) == 300
