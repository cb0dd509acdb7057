"""`make bench PART=... RECORDS=...`: the parts of the benchmark by name (docs/benchmarks.md)."""

from __future__ import annotations

import argparse
from pathlib import Path

from crm_pipeline_tests.benchmarks import emulators, extract, proof, stages
from crm_pipeline_tests.benchmarks.match import bench as match
from crm_pipeline_tests.benchmarks.sync import bench as sync

#: Records of the demo organisation in each CRM, about.
_DEMO = 2_000
#: Part -> what it measures, and how many records there are in each CRM unless told otherwise.
PARTS = {
    "stages": ("seconds of each step of a night on the demo organisation", _DEMO),
    "extract": ("reading everything and what changed of it, beside other connectors", 1_000),
    "proof": ("the warehouse against both CRMs, record by record, after edits during the read", 2_000),
    "match": ("the matcher beside Splink on labelled data; RECORDS in both CRMs together", 100_000),
    "sync": ("planning RECORDS linked pairs; pushing 10,000 updates and 2,000 creates into each CRM", 20_000),
    "emulators": ("how fast the emulated CRMs answer", 100_000),
}


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", choices=PARTS, help="; ".join(f"{name}: {what}" for name, (what, _) in PARTS.items()))
    parser.add_argument("--records", type=int, help="records in each CRM")
    parser.add_argument("--connectors", choices=("yes", "no"), default="no", help="extract: read with others as well")
    parser.add_argument("--seeds", default="1", help="match: organisations, as 1,2,3")
    parser.add_argument(
        "--labelled", type=Path, default=Path("data/matching"), help="match: folder of FEBRL, fake_1000"
    )
    arguments = parser.parse_args()
    records = arguments.records or PARTS[arguments.part][1]
    if arguments.part == "stages":
        stages.main(records / _DEMO)
    elif arguments.part == "extract":
        extract.main(records, with_connectors=arguments.connectors == "yes")
    elif arguments.part == "proof":
        proof.main(records)
    elif arguments.part == "match":
        match.main(records, [int(seed) for seed in arguments.seeds.split(",")], arguments.labelled)
    elif arguments.part == "sync":
        sync.main(records)
    else:
        emulators.main(records)


if __name__ == "__main__":
    main()
