"""Write docs/reference.md anew, and the table of all cases in docs/sync-rules.md."""

from crm_pipeline_tests.documentation import decisions
from crm_pipeline_tests.documentation.reference import PAGE, reference

PAGE.write_text(reference(), encoding="utf-8")
decisions.PAGE.write_text(decisions.with_cases(decisions.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
