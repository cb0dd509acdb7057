"""The only code that talks to a CRM: one client each behind `protocol.Crm`."""
