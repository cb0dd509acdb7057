"""Salesforce: REST API of an organisation, with SOQL, validation, merge and lead conversion.

The standard objects are those in describe/, condensed from describe results of real organisations
(User, Organization and UserPermissionAccess by hand from the object reference).
"""

from crm_pipeline.emulator.salesforce.app import create_app
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.store import SalesforceStore

__all__ = ["ApiError", "SalesforceStore", "create_app"]
