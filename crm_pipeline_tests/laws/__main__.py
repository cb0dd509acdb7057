"""The table of laws and tests."""

from crm_pipeline_tests.laws.collected import LATER, by_law

for law, names in sorted((by_law() | {number: [f"(none: {why})"] for number, why in LATER.items()}).items()):
    print(f"{law:>3}  {names[0]}", *(f"     {name}" for name in names[1:]), sep="\n")
