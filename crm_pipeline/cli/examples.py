"""What a person types: examples of each command, shown in its help and in docs/reference.md, each parsed by a test.

Belongs here: lines with what they are for. Not here: what a command does (its own file), longer walks (docs/).
"""

from __future__ import annotations

#: Words of a command -> (line, what it is for).
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "init": (("crm-pipeline init my-crm", "settings, mapping and rule tests to begin with"),),
    "preflight": (
        ("crm-pipeline preflight", "what is missing before the first run"),
        ("crm-pipeline preflight --lang ja", "日本語"),
        ("crm-pipeline preflight --json", ""),
    ),
    "setup": (
        ("crm-pipeline setup", "what would be created"),
        ("crm-pipeline setup --apply --permission-set CRM_Pipeline", "create it, and let us write it"),
    ),
    "run": (
        ("crm-pipeline run --preview", "everything but writing"),
        ("crm-pipeline run", "the whole night"),
        ("crm-pipeline run --full --json > run.json", "every record, counts for a script"),
    ),
    "push": (("crm-pipeline push", "write the plan that was approved"), ("crm-pipeline push --json", "")),
    "forecast": (("crm-pipeline forecast", ""), ("crm-pipeline forecast --full --json", "before a full read")),
    "retry": (
        ("crm-pipeline retry", "everything that was refused"),
        ("crm-pipeline retry --code FIELD_CUSTOM_VALIDATION_EXCEPTION", "the rule in the CRM was corrected"),
        ("crm-pipeline retry --run 12 --json", "what run 12 met"),
    ),
    "undo": (
        ('crm-pipeline undo 41 --by "佐藤" --why "wrong mapping"', "everything that run 41 wrote"),
        ('crm-pipeline undo --record hubspot/contacts/151 --by "佐藤"', "the newest writes to one record"),
        ('crm-pipeline undo 41 --record hubspot/contacts/151 --field phone --by "佐藤"', "one value"),
    ),
    "report": (
        ("crm-pipeline report --open", "the newest run, in the browser"),
        ("crm-pipeline report 41 --lang ja", "an earlier one, 日本語"),
        ("crm-pipeline report --values", "names and addresses in full, in a file of its own"),
    ),
    "export": (
        ("crm-pipeline export exports", "every mart as Parquet"),
        ("crm-pipeline export exports --format csv customer_360 deals", "two of them for Excel"),
    ),
    "plan": (("crm-pipeline plan", "the same as plan show"),),
    "plan show": (
        ("crm-pipeline plan show", "counts, guards, the 20 riskiest operations"),
        ("crm-pipeline plan show --all --values", "everything, in full"),
        ("crm-pipeline plan show 3f2a9c1e --format html --out plan.html", "one page for a browser"),
    ),
    "approve": (('crm-pipeline approve 3f2a9c1e --by "佐藤" --why "first run, read it"', "then: crm-pipeline push"),),
    "alerts": (
        ("crm-pipeline alerts", "what needs a person now"),
        ("crm-pipeline alerts --test", "does a message arrive?"),
        ("crm-pipeline alerts --send", "from cron in the morning: also tells that no run came"),
    ),
    "review list": (
        ("crm-pipeline review list", "the surest first"),
        ("crm-pipeline review list --limit 100 --json", ""),
    ),
    "review show": (("crm-pipeline review show 1a2b3c4d", ""), ("crm-pipeline review show 1a2b3c4d --json", "")),
    "review accept": (
        ('crm-pipeline review accept 1a2b3c4d --by "佐藤"', ""),
        ('crm-pipeline review accept hubspot/contacts/151 salesforce/Lead/00Q5g00000A1b2c --by "佐藤"', "by record"),
    ),
    "review reject": (('crm-pipeline review reject 1a2b3c4d --by "佐藤" --why "father and son"', ""),),
    "review unsure": (('crm-pipeline review unsure 1a2b3c4d --by "佐藤"', ""),),
    "review export": (("crm-pipeline review export review.csv", "fill in the column verdict"),),
    "review import": (('crm-pipeline review import review.csv --by "佐藤"', ""),),
    "conflicts": (
        ("crm-pipeline conflicts --waiting", "what a person has to answer"),
        ("crm-pipeline conflicts --values --json", "all of them, in full"),
    ),
    "answer": (
        ('crm-pipeline answer person-12 job_title --side salesforce --by "佐藤"', "Salesforce is right"),
        ('crm-pipeline answer person-12 job_title --value 部長 --by "佐藤"', "neither is"),
        ('crm-pipeline answer person-12 job_title --withdraw --by "佐藤"', ""),
    ),
    "hold set": (
        ('crm-pipeline hold set person-12 --by "佐藤" --why "lawsuit, do not touch"', "the whole customer"),
        ('crm-pipeline hold set person-12 --field phone --by "佐藤"', "one field"),
        ('crm-pipeline hold set salesforce/Lead/00Q5g00000A1b2c --by "佐藤"', "one record"),
    ),
    "hold list": (("crm-pipeline hold list", ""), ("crm-pipeline hold list --all --json", "those that are over, too")),
    "hold lift": (('crm-pipeline hold lift 3 --by "佐藤"', ""),),
    "link": (
        ('crm-pipeline link hubspot/deals/151 salesforce/Opportunity/0065g00000A1b2c --by "佐藤"', "they are one"),
        ('crm-pipeline link hubspot/deals/151 salesforce/Opportunity/0065g00000A1b2c --apart --by "佐藤"', "never"),
    ),
    "recreate": (
        ('crm-pipeline recreate person-12 salesforce --by "佐藤" --why "a customer again"', "after a deletion there"),
        ('crm-pipeline recreate person-12 salesforce --withdraw --by "佐藤"', "as long as no run has made it"),
    ),
    "proposals": (
        ("crm-pipeline proposals", "who would stay, where they differ"),
        ("crm-pipeline proposals --csv merges.csv", "all fields, for a spreadsheet"),
    ),
    "why": (
        ("crm-pipeline why hubspot/contacts/151", "where the record stands, and what to do"),
        ("crm-pipeline why person-12 phone --values", "every write of ours to a field"),
        ("crm-pipeline why person-12 --json", ""),
    ),
    "explain": (("crm-pipeline explain hubspot/contacts/151 salesforce/Lead/00Q5g00000A1b2c", ""),),
    "sql": (
        ('crm-pipeline sql "from audit"', "what was written, and what stood there before"),
        ('crm-pipeline sql "select state, count(*) from sync_status group by all" --csv', "for a spreadsheet"),
        ('crm-pipeline sql "from sync_status limit 5" --json', "for a script"),
    ),
    "coverage": (("crm-pipeline coverage", ""), ("crm-pipeline coverage --json", "")),
    "fields": (
        ("crm-pipeline fields", "by the schemas of the last extract"),
        ("crm-pipeline fields --live --ja", "asks the CRMs now; 日本語"),
        ("crm-pipeline fields --json", ""),
    ),
    "test-rules": (
        ("crm-pipeline test-rules rules/*.yaml", ""),
        ("crm-pipeline test-rules a.yaml --schemas --json", ""),
    ),
    "simulate": (
        ("crm-pipeline simulate --rule phone=two_way", "what would be written instead"),
        ("crm-pipeline simulate --mapping mapping.yaml --limit 100", "another mapping altogether"),
    ),
    "match": (
        ("crm-pipeline match people.csv --out result", "duplicates in one file"),
        ("crm-pipeline match crm.csv shop.parquet --columns columns.yaml --out result --json", "also across both"),
    ),
    "match-diff": (
        ("crm-pipeline match-diff --settings stricter.yaml", "who would be merged or split"),
        ("crm-pipeline match-diff --model data/crm_match_model/person.new.json --json", "by another model"),
    ),
    "train": (("crm-pipeline train", "look first"), ("crm-pipeline train --apply", "the next run matches with it")),
    "normalise": (
        ("cut -f2 people.tsv | crm-pipeline normalise name", ""),
        ("echo 03-1234-5678 | crm-pipeline normalise phone", ""),
    ),
    "erase": (
        ("crm-pipeline erase taro@example.com", "what would go, and a question"),
        ('crm-pipeline erase hubspot/contacts/151 --yes --by "佐藤"', ""),
        ("crm-pipeline erase --proof taro@example.com", "where it still is: nowhere"),
        ("crm-pipeline erase --list --json", "numbers and dates; not who"),
        ('crm-pipeline erase --lift 3 --by "佐藤"', "the person may be read again"),
    ),
    "demo": (("crm-pipeline demo", "two minutes; needs no CRM"),),
    "dev": (("crm-pipeline dev", "http://127.0.0.1:3000"), ("crm-pipeline dev --port 3001", "")),
    "emulator": (
        ("crm-pipeline emulator", "prints the variables that lead a client there"),
        ("crm-pipeline emulator --organisation synthetic:1000 --rate-limits", ""),
    ),
    "completion": (
        ("source <(crm-pipeline completion bash)", "put it into ~/.bashrc"),
        ("source <(crm-pipeline completion zsh)", "into ~/.zshrc"),
        ("crm-pipeline completion fish > ~/.config/fish/completions/crm-pipeline.fish", ""),
    ),
}
