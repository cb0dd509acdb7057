"""Write docs/reference.md anew."""

from crm_pipeline_tests.documentation.reference import PAGE, reference

PAGE.write_text(reference(), encoding="utf-8")
