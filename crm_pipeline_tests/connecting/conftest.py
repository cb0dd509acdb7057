"""Both CRMs as emulators over HTTP."""

from crm_pipeline_tests.crm.conftest import clock, organisation, portal

__all__ = ["clock", "organisation", "portal"]
