"""docs/reference.md, made from the program itself: `python -m crm_pipeline_tests.documentation` writes it anew."""
